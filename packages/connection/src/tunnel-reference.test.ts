import { ImproperConnectionState } from '@http-client/errors';
import { decodeLatin1 } from '@http-client/io';
import type { TunnelOptions } from '@http-client/tunnel';
import { describe, expect, test, vi } from 'vitest';

import { HTTPConnection } from './index.js';
import { afterRequest, scriptedTransport } from './testing.js';
import { answer, rejection } from './testdata/stage.js';

// The reference's own tests of tunnels: class TunnelTests of Lib/test/test_httplib.py in CPython 3.13, case by case and
// under the same names, and the cases of line breaks that later versions add.

const PROXY = 'proxy.com';
const OK = 'HTTP/1.1 200 OK\r\n\r\n';

/** A connection to the proxy, on its default port, which sends this reply to CONNECT. */
function proxied(reply = OK) {
  const transport = scriptedTransport([reply, afterRequest(), answer('')]);
  const connection = new HTTPConnection(PROXY, undefined, { connector: transport.connector });
  return { connection, transport };
}

interface Case {
  readonly tunnel: readonly [host: string, port?: number | undefined, options?: TunnelOptions];
  readonly method: 'HEAD' | 'PUT';
  /** The lines of the CONNECT, and the first line of the request inside. */
  readonly connect: readonly string[];
  readonly host: string;
}

const agent = { 'User-Agent': 'Mozilla/5.0 (compatible, MSIE 11)' };
const AGENT = `User-Agent: ${agent['User-Agent']}`;
const at = (authority: string, ...lines: string[]): string[] => [
  `CONNECT ${authority} HTTP/1.1`,
  ...(lines.some((line) => /^host:/i.test(line)) ? [] : [`Host: ${authority}`]),
  ...lines,
];

const CASES: Readonly<Record<string, Case>> = {
  set_tunnel_host_port_headers_add_host_missing: {
    tunnel: ['destination.com', 8888, { headers: agent }],
    method: 'HEAD',
    connect: at('destination.com:8888', AGENT),
    host: 'destination.com:8888',
  },
  set_tunnel_host_port_headers_set_host_identical: {
    tunnel: ['destination.com', 8888, { headers: { ...agent, Host: 'destination.com:8888' } }],
    method: 'HEAD',
    connect: at('destination.com:8888', AGENT, 'Host: destination.com:8888'),
    host: 'destination.com:8888',
  },
  set_tunnel_host_port_headers_set_host_different: {
    tunnel: ['destination.com', 8888, { headers: { ...agent, Host: 'example.com:4200' } }],
    method: 'HEAD',
    connect: at('destination.com:8888', AGENT, 'Host: example.com:4200'),
    host: 'destination.com:8888',
  },
  connect_with_tunnel: {
    tunnel: ['destination.com'],
    method: 'HEAD',
    connect: at('destination.com:80'),
    host: 'destination.com',
  },
  connect_with_tunnel_with_default_port: {
    tunnel: ['destination.com', 80],
    method: 'HEAD',
    connect: at('destination.com:80'),
    host: 'destination.com',
  },
  connect_with_tunnel_with_nonstandard_port: {
    tunnel: ['destination.com', 8888],
    method: 'HEAD',
    connect: at('destination.com:8888'),
    host: 'destination.com:8888',
  },
  connect_with_tunnel_with_different_host_header: {
    tunnel: ['destination.com', undefined, { headers: { HOST: 'example.com:9876' } }],
    method: 'HEAD',
    connect: at('destination.com:80', 'HOST: example.com:9876'),
    host: 'destination.com',
  },
  connect_with_tunnel_different_host: {
    tunnel: ['destination.com'],
    method: 'HEAD',
    connect: at('destination.com:80'),
    host: 'destination.com',
  },
  connect_with_tunnel_idna: {
    tunnel: ['δπθ.gr'],
    method: 'HEAD',
    connect: at('xn--pxaix.gr:80'),
    host: 'xn--pxaix.gr',
  },
  connect_put_request: {
    tunnel: ['destination.com'],
    method: 'PUT',
    connect: at('destination.com:80'),
    host: 'destination.com',
  },
  connect_put_request_ipv6: {
    tunnel: ['[1:2:3::4]', 1234],
    method: 'PUT',
    connect: at('[1:2:3::4]:1234'),
    host: '[1:2:3::4]:1234',
  },
  connect_put_request_ipv6_port: {
    tunnel: ['[1:2:3::4]:1234'],
    method: 'PUT',
    connect: at('[1:2:3::4]:1234'),
    host: '[1:2:3::4]:1234',
  },
};

describe.each(Object.entries(CASES))('test_%s', (_name, { tunnel, method, connect, host }) => {
  test('connects to the proxy, sends one CONNECT, and names the far end in the request', async () => {
    const { connection, transport } = proxied();
    connection.setTunnel(...tunnel);
    await connection.request(method, '/', { body: '' });
    expect(transport.connector.targets).toMatchObject([{ host: PROXY, port: 80 }]);
    const [asked, request, ...more] = transport.writes.map((each) => decodeLatin1(each));
    expect(asked).toBe([...connect, '', ''].join('\r\n'));
    expect(request).toMatch(
      new RegExp(`^${method} / HTTP/1\\.1\r\nHost: ${host.replace(/[[\].]/g, '\\$&')}\r\n`),
    );
    expect(more).toEqual([]);
    expect((await connection.getResponse()).status).toBe(200);
  });
});

test('test_disallow_set_tunnel_after_connect', async () => {
  const { connection } = proxied();
  await connection.connect();
  expect(() => {
    connection.setTunnel('destination.com');
  }).toThrow(ImproperConnectionState);
});

test('test_tunnel_connect_single_send_connection_setup', async () => {
  const { connection, transport } = proxied();
  connection.setTunnel('destination.com');
  await connection.connect();
  expect(transport.writes.map((each) => decodeLatin1(each))).toEqual([
    expect.stringMatching(/^CONNECT destination\.com[^]*\r\n\r\n$/),
  ]);
  await connection.request('GET', '/');
  expect(transport.writes).toHaveLength(2);
});

test('test_tunnel_debuglog', async () => {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  const { connection } = proxied('HTTP/1.0 200 OK\r\nX-Dummy: 1\r\n\r\n');
  connection.setDebugLevel(1);
  connection.setTunnel('destination.com');
  await connection.request('PUT', '/', { body: '' });
  const lines = log.mock.calls.map(([line]: unknown[]) => line);
  log.mockRestore();
  expect(lines).toContain('header: X-Dummy: 1');
});

test('test_proxy_response_headers', async () => {
  const { connection } = proxied('HTTP/1.0 200 OK\r\nX-Dummy:1\r\n\r\n');
  connection.setTunnel('destination.com');
  await connection.request('PUT', '/', { body: '' });
  expect(connection.getProxyResponseHeaders()?.toJSON()).toContainEqual(['X-Dummy', '1']);
});

test('test_no_proxy_response_headers', async () => {
  const { connection } = proxied('HTTP/1.0 200 OK\r\nX-Dummy:1\r\n\r\n');
  await connection.request('PUT', '/', { body: '' });
  expect(connection.getProxyResponseHeaders()).toBeUndefined();
});

test('test_tunnel_leak', async () => {
  const { connection, transport } = proxied('HTTP/1.1 404 NOT FOUND\r\n\r\n');
  connection.setTunnel('destination.com');
  const error = await rejection(connection.request('HEAD', '/', { body: '' }));
  expect(error).toMatchObject({ name: 'TunnelError', status: 404, reason: 'NOT FOUND' });
  expect(transport.closed).toBe(true);
});

// Later than 3.13.0: line breaks in the host and the headers of the CONNECT request.
test.each<[what: string, tunnel: Case['tunnel'], message: RegExp]>([
  ...['\r', '\n', '\r\nX-Evil: 1'].flatMap((text): [string, Case['tunnel'], RegExp][] => [
    // With a port, since what follows the last colon of a host alone would be taken for one, and rejected as such.
    [`${JSON.stringify(text)} in the host`, [`destination.com${text}`, 80], /^Cannot use .* as a host: /],
    [
      `${JSON.stringify(text)} in a field value`,
      ['destination.com', 80, { headers: { 'X-A': `b${text}` } }],
      /^Cannot use the value of "X-A": /,
    ],
    [
      `${JSON.stringify(text)} in a field name`,
      ['destination.com', 80, { headers: { [`X-A${text}`]: 'b' } }],
      /^Cannot use .* as a field name: /,
    ],
  ]),
])('%s is rejected before anything is opened', (_what, tunnel, message) => {
  const { connection, transport } = proxied();
  expect(() => {
    connection.setTunnel(...tunnel);
  }).toThrow(message);
  expect(transport.connector.targets).toEqual([]);
});
