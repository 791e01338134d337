import { HTTPException, ImproperConnectionState, InvalidURL } from '@http-client/errors';
import { HTTPMessage } from '@http-client/headers';
import { decodeLatin1 } from '@http-client/io';
import { openTunnel, type TunnelOptions } from '@http-client/tunnel';
import { describe, expect, test } from 'vitest';

import { HTTPConnection, HTTPS_PORT, type HTTPConnectionOptions } from './index.js';
import { afterRequest, END, scriptedTransport } from './testing.js';
import { answer, rejection } from './testdata/stage.js';
import { HELLO, OPEN, proxied } from './testdata/tunnel-stage.js';

/** Has the default port of https, and nothing else of it. */
class Connection443 extends HTTPConnection {
  static override readonly defaultPort = HTTPS_PORT;
}

interface Row {
  what: string;
  tunnel: [host: string, port?: number | undefined, options?: TunnelOptions];
  /** The target of CONNECT, and the lines after its first. */
  authority: string;
  lines?: string[];
  /** The Host of requests. */
  host: string;
  port443?: boolean;
}

const rows: Row[] = [
  { what: 'a host', tunnel: ['destination.com'], authority: 'destination.com:80', host: 'destination.com' },
  {
    what: 'the default port',
    tunnel: ['destination.com', 80],
    authority: 'destination.com:80',
    host: 'destination.com',
  },
  {
    what: 'another port',
    tunnel: ['destination.com', 8888],
    authority: 'destination.com:8888',
    host: 'destination.com:8888',
  },
  {
    what: 'a port in the host',
    tunnel: ['destination.com:8888'],
    authority: 'destination.com:8888',
    host: 'destination.com:8888',
  },
  {
    what: 'an empty port',
    tunnel: ['destination.com:'],
    authority: 'destination.com:80',
    host: 'destination.com',
  },
  {
    what: 'the port of https',
    tunnel: ['destination.com', 443],
    authority: 'destination.com:443',
    host: 'destination.com:443',
  },
  {
    what: 'the default port of https',
    tunnel: ['destination.com'],
    authority: 'destination.com:443',
    host: 'destination.com',
    port443: true,
  },
  {
    what: 'the port of http, for https',
    tunnel: ['destination.com:80'],
    authority: 'destination.com:80',
    host: 'destination.com:80',
    port443: true,
  },
  { what: 'IPv4', tunnel: ['192.0.2.7', 81], authority: '192.0.2.7:81', host: '192.0.2.7:81' },
  { what: 'IPv6', tunnel: ['1:2:3::4'], authority: '[1:2:3::4]:80', host: '[1:2:3::4]' },
  {
    what: 'IPv6 in brackets',
    tunnel: ['[1:2:3::4]', 1234],
    authority: '[1:2:3::4]:1234',
    host: '[1:2:3::4]:1234',
  },
  {
    what: 'IPv6 with a port',
    tunnel: ['[1:2:3::4]:1234'],
    authority: '[1:2:3::4]:1234',
    host: '[1:2:3::4]:1234',
  },
  { what: 'a zone', tunnel: ['fe80::1%eth0', 1234], authority: '[fe80::1]:1234', host: '[fe80::1]:1234' },
  {
    what: 'a zone, in brackets',
    tunnel: ['[fe80::1%25eth0]:1234'],
    authority: '[fe80::1]:1234',
    host: '[fe80::1]:1234',
  },
  { what: 'IDNA', tunnel: ['δπθ.gr'], authority: 'xn--pxaix.gr:80', host: 'xn--pxaix.gr' },
  {
    what: 'IDNA and a port',
    tunnel: ['δπθ.gr:8888'],
    authority: 'xn--pxaix.gr:8888',
    host: 'xn--pxaix.gr:8888',
  },
  {
    what: 'fields',
    tunnel: [
      'destination.com',
      8888,
      {
        headers: [
          ['User-Agent', 'a'],
          ['X', '1'],
          ['x', '2'],
        ],
      },
    ],
    authority: 'destination.com:8888',
    lines: ['Host: destination.com:8888', 'User-Agent: a', 'X: 1', 'x: 2'],
    host: 'destination.com:8888',
  },
  {
    what: 'a Host of its own, which is for the proxy only',
    tunnel: ['destination.com', undefined, { headers: { HOST: 'example.com:9876' } }],
    authority: 'destination.com:80',
    lines: ['HOST: example.com:9876'],
    host: 'destination.com',
  },
];

test.each(rows)('$what: $tunnel', async ({ tunnel, authority, lines, host, port443 }) => {
  const transport = scriptedTransport(HELLO);
  const { connector } = transport;
  const connection = new (port443 ? Connection443 : HTTPConnection)('proxy.com', 3128, { connector });
  connection.setTunnel(...tunnel);
  expect(connection).toMatchObject({ host: 'proxy.com', port: 3128, transport: undefined });
  await connection.request('PUT', '/x', { body: '' });
  const response = await connection.getResponse();
  expect(await response.text()).toBe('hello');
  expect(connector.targets).toMatchObject([{ host: 'proxy.com', port: 3128 }]);
  expect(transport.writes.map((each) => decodeLatin1(each))).toEqual([
    [`CONNECT ${authority} HTTP/1.1`, ...(lines ?? [`Host: ${authority}`]), '', ''].join('\r\n'),
    `PUT /x HTTP/1.1\r\nHost: ${host}\r\nAccept-Encoding: identity\r\nContent-Length: 0\r\n\r\n`,
  ]);
  expect(response.url).toBe(`http${port443 ? 's' : ''}://${host}/x`);
});

test('putRequest also names the far end, and an absolute target its own host', async () => {
  const { connection, transports } = proxied([HELLO]);
  connection.setTunnel('destination.com', 8888);
  connection.putRequest('GET', 'http://other.org/');
  await connection.endHeaders();
  expect(transports[0]!.writtenText).toContain('\r\nHost: other.org\r\n');
});

const refused: [
  what: string,
  tunnel: [string, number?, TunnelOptions?],
  kind: new (...args: never) => Error,
][] = [
  ['CRLF in a host', ['destination.com\r\nX: y'], InvalidURL],
  ['LF in a host', ['destination.com\n'], InvalidURL],
  ['a space in a host', ['destination .com'], InvalidURL],
  ['a path in a host', ['destination.com/x'], InvalidURL],
  ['an empty host', [''], InvalidURL],
  ['an invalid port', ['destination.com:x'], InvalidURL],
  ['a port out of range', ['destination.com', 65_536], InvalidURL],
  ['port 0', ['destination.com', 0], InvalidURL],
  ['port 0 in the host', ['destination.com:0'], InvalidURL],
  ['a host with two ports', ['destination.com:80', 80], InvalidURL],
  ['CRLF in a value', ['destination.com', 80, { headers: { A: 'b\r\nC: d' } }], TypeError],
  ['CRLF in a name', ['destination.com', 80, { headers: { 'A\r\nB': 'c' } }], TypeError],
  ['a body', ['destination.com', 80, { headers: { 'Transfer-Encoding': 'chunked' } }], TypeError],
  [
    'an authenticate that is not a function',
    ['destination.com', 80, { authenticate: 'me' as never }],
    TypeError,
  ],
];
test.each(refused)('setTunnel rejects %s, and changes nothing', async (_what, tunnel, kind) => {
  const { connection, transports } = proxied([[answer('hello')]]);
  expect(() => {
    connection.setTunnel(...tunnel);
  }).toThrow(kind);
  await connection.request('GET', '/');
  expect(transports[0]!.writtenText).toMatch(/^GET \/ HTTP\/1.1\r\nHost: proxy.com:3128\r\n/);
});

test('a subclass that accepts any host does not let one into CONNECT', () => {
  class Unsafe extends HTTPConnection {
    protected override validateHost(): void {
      // Accepts anything.
    }
  }
  const connection = new Unsafe('proxy.com');
  expect(() => {
    connection.setTunnel('destination.com\r\nX: y');
  }).toThrow(InvalidURL);
});

describe('setTunnel', () => {
  const set = (connection: HTTPConnection) => (): void => {
    connection.setTunnel('destination.com');
  };

  test('is rejected on a connection that is open or being opened', async () => {
    const { connection } = proxied([[]]);
    const connecting = connection.connect();
    expect(set(connection)).toThrow(ImproperConnectionState);
    await connecting;
    expect(set(connection)).toThrow(ImproperConnectionState);
    connection.close();
    expect(set(connection)).not.toThrow();
  });

  test('is rejected if its fields open the connection: requests would not be sent through the tunnel', async () => {
    const { connection } = proxied([[]]);
    let connecting: Promise<void> | undefined;
    const fields = function* (): Generator<[string, string], void> {
      connecting = connection.connect();
      yield ['A', 'b'];
    };
    expect(() => {
      connection.setTunnel('destination.com', 80, { headers: fields() });
    }).toThrow(ImproperConnectionState);
    await connecting;
  });

  test('is rejected while a request is being built, which names its host', () => {
    const { connection } = proxied([[]]);
    connection.putRequest('GET', '/');
    expect(set(connection)).toThrow(ImproperConnectionState);
    expect(connection.state).toBe('Request-started');
  });

  test('applies from the next connection on', async () => {
    const { connection, transports } = proxied([HELLO, HELLO]);
    connection.setTunnel('destination.com', 80, { headers: { A: 'b' } });
    await connection.connect();
    connection.close();
    connection.setTunnel('other.com');
    await connection.connect();
    expect(transports.map((each) => each.writtenText)).toEqual([
      'CONNECT destination.com:80 HTTP/1.1\r\nHost: destination.com:80\r\nA: b\r\n\r\n',
      'CONNECT other.com:80 HTTP/1.1\r\nHost: other.com:80\r\n\r\n',
    ]);
  });
});

test('each connection is tunnelled, and only the request is sent inside', async () => {
  const { connection, transports } = proxied([
    [OPEN, afterRequest(), answer('one', 'Connection: close'), END],
    HELLO,
  ]);
  connection.setTunnel('destination.com', 80, { headers: { 'Proxy-Authorization': 'Basic eDp5' } });
  for (const body of ['one', 'hello']) {
    await connection.request('GET', '/');
    expect(await (await connection.getResponse()).text()).toBe(body);
  }
  for (const { writes } of transports) {
    const [asked, ...inside] = writes.map((each) => decodeLatin1(each));
    expect(asked).toContain('Proxy-Authorization');
    expect(inside).toEqual([expect.stringMatching(/^GET \/ HTTP/)]);
    expect(inside[0]).not.toContain('Proxy');
  }
});

describe('getProxyResponseHeaders', () => {
  test('is undefined without a proxy, or before CONNECT', async () => {
    const { connection } = proxied([[answer('hello')]]);
    expect(connection.getProxyResponseHeaders()).toBeUndefined();
    await connection.request('GET', '/');
    expect(connection.getProxyResponseHeaders()).toBeUndefined();
    connection.close();
    connection.setTunnel('destination.com');
    expect(connection.getProxyResponseHeaders()).toBeUndefined();
  });

  test('are those of the last reply to CONNECT, even after the connection was closed', async () => {
    const again = 'HTTP/1.0 200 OK\r\nX-Proxy: z\r\n\r\n';
    const { connection } = proxied([HELLO, [again]]);
    connection.setTunnel('destination.com');
    await connection.connect();
    expect(connection.getProxyResponseHeaders()).toBeInstanceOf(HTTPMessage);
    connection.close();
    expect(connection.getProxyResponseHeaders()?.toJSON()).toEqual([['X-Proxy', 'y']]);
    await connection.connect();
    expect(connection.getProxyResponseHeaders()?.toJSON()).toEqual([['X-Proxy', 'z']]);
  });

  test('are those of a refusal', async () => {
    const { connection } = proxied([['HTTP/1.1 403 No\r\nContent-Length: 0\r\nX-Proxy: n\r\n\r\n']]);
    connection.setTunnel('destination.com');
    await rejection(connection.connect());
    expect(connection.getProxyResponseHeaders()?.get('x-proxy')).toBe('n');
  });
});

test('the options of the connection also apply to the proxy', async () => {
  const rows: [HTTPConnectionOptions, string][] = [
    [{ strict: false }, 'HTTP/1.1  200\tOK\r\nA : b\r\n\r\n'],
    [{ tolerate: ['space-before-colon'] }, 'HTTP/1.1 200 OK\r\nA : b\r\n\r\n'],
    [{ maxResponseHeaders: 101 }, `HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(101)}\r\n`],
    [{ maxInterimResponses: 101 }, `${'HTTP/1.1 100 \r\n\r\n'.repeat(101)}HTTP/1.1 200 OK\r\n\r\n`],
  ];
  for (const [options, reply] of rows) {
    const { connection } = proxied([[reply]], options);
    connection.setTunnel('destination.com');
    await connection.connect();
    expect(connection.reusable).toBe(true);
    const strict = proxied([[reply]]).connection;
    strict.setTunnel('destination.com');
    expect(await rejection(strict.connect())).toBeInstanceOf(HTTPException);
  }
});

test('bytes that arrive with the reply, before any request, are not taken for a response', async () => {
  const { connection, transports } = proxied([[`${OPEN}${answer('early')}`]]);
  connection.setTunnel('destination.com');
  const error = await rejection(connection.request('GET', '/'));
  expect(error).toBeInstanceOf(HTTPException);
  expect(error.message).toContain('was closed: unsolicited bytes arrived');
  expect(error).toHaveProperty('delivery', 'unsent');
  expect(transports[0]).toMatchObject({ closed: true, writes: { length: 1 } });
});

test('a tunnel within a tunnel, with a connector', async () => {
  const inner = 'HTTP/1.1 200 Inner\r\nX-Proxy: inner\r\n\r\n';
  const transport = scriptedTransport([OPEN, afterRequest(), inner, afterRequest(), answer('hello')]);
  const connection = new HTTPConnection('inner.com', 3128, {
    connector: async ({ host, port, signal }) => {
      const outer = await transport.connector({ host: 'outer.com', port: 8080 });
      return (await openTunnel(outer, { host, port }, signal && { signal })).transport;
    },
  });
  connection.setTunnel('destination.com');
  await connection.request('GET', '/');
  expect(await (await connection.getResponse()).text()).toBe('hello');
  expect(transport.writes.map((each) => decodeLatin1(each).split('\r\n')[0])).toEqual([
    'CONNECT inner.com:3128 HTTP/1.1',
    'CONNECT destination.com:80 HTTP/1.1',
    'GET / HTTP/1.1',
  ]);
  expect(connection.getProxyResponseHeaders()?.get('X-Proxy')).toBe('inner');
});
