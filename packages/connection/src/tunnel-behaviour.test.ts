import { existsSync, readFileSync } from 'node:fs';

import type { TunnelError } from '@http-client/errors';
import { decodeLatin1 } from '@http-client/io';
import type { TunnelOptions } from '@http-client/tunnel';
import { expect, test } from 'vitest';

import { HTTPConnection, type HTTPConnectionOptions } from './index.js';
import { afterRequest, END, scriptedConnector, scriptedTransport, type ScriptStep } from './testing.js';
import { answer } from './testdata/stage.js';

interface Terms extends TunnelOptions {
  readonly host?: string;
  readonly port?: number;
  readonly options?: HTTPConnectionOptions;
  /** How often it connects. */
  readonly times?: number;
}

/**
 * The outcome of the given scripts, one for each transport: what was written to each, one line per write, and then the
 * response, or the name and some properties of the error.
 */
async function outcome(scripts: readonly (readonly ScriptStep[])[], terms: Terms = {}): Promise<string> {
  const { host = 'far.example', port, options, times = 1, ...tunnel } = terms;
  const transports = scripts.map((script) => scriptedTransport(script));
  const connection = new HTTPConnection('proxy.example', 3128, {
    connector: scriptedConnector(transports),
    ...options,
  });
  const shown: string[] = [];
  try {
    connection.setTunnel(host, port, tunnel);
    for (let time = 0; time < times; time++) {
      await connection.request('GET', '/');
      const response = await connection.getResponse();
      shown.push(`${response.status} ${await response.text()}`);
      connection.close();
    }
  } catch (error) {
    const { name, status, phase, body } = error as Error &
      Partial<Pick<TunnelError, 'status' | 'body'>> & { phase?: string };
    const rest = [status?.toString(), phase, body && decodeLatin1(body)];
    shown.push([name, ...rest.filter((each) => each !== undefined)].join(' '));
    expect(transports.filter(({ writes, closed }) => writes.length > 0 && !closed)).toEqual([]);
    connection.close();
  }
  const fields = connection.getProxyResponseHeaders();
  if (fields !== undefined && fields.size > 0) shown.push(JSON.stringify(fields));
  const written = transports.flatMap(({ writes }) => writes.map((each) => decodeLatin1(each)));
  return [...written.map((each) => each.trimEnd().replaceAll('\r\n', ' / ')), ...shown].join('\n');
}

const OK = 'HTTP/1.1 200 OK\r\n\r\n';
const opens = (reply = OK): ScriptStep[] => [reply, afterRequest(), answer('hi')];
const CONNECT = 'CONNECT far.example:80 HTTP/1.1 / Host: far.example:80';
const GET = 'GET / HTTP/1.1 / Host: far.example / Accept-Encoding: identity';
const OPENED = `${CONNECT}\n${GET}\n200 hi`;
const CHALLENGE = 'HTTP/1.1 407 Who\r\nContent-Length: 3\r\n\r\nwho';
const answers: Terms = { authenticate: () => ({ 'Proxy-Authorization': 'x' }) };
const ANSWERED = `${CONNECT} / Proxy-Authorization: x\n${GET}\n200 hi`;

type Case = [expected: string, scripts: (readonly ScriptStep[])[], terms?: Terms];

/** One or more rows for each row of the page: what is expected, and the scripts and terms that it is expected of. */
const rows: Record<string, Case[]> = {
  'the CONNECT request': [
    [
      `${CONNECT} / A: 1 / a: 2\n${GET}\n200 hi`,
      [opens()],
      {
        headers: [
          ['A', '1'],
          ['a', '2'],
        ],
      },
    ],
    [`CONNECT far.example:80 HTTP/1.1 / hOsT: x\n${GET}\n200 hi`, [opens()], { headers: { hOsT: 'x' } }],
  ],
  'the target': [
    [
      `CONNECT [fe80::1]:81 HTTP/1.1 / Host: [fe80::1]:81\n${GET.replace('far.example', '[fe80::1]:81')}\n200 hi`,
      [opens()],
      { host: 'fe80::1%eth0', port: 81 },
    ],
    [
      `CONNECT xn--pxaix.gr:80 HTTP/1.1 / Host: xn--pxaix.gr:80\n${GET.replace('far.example', 'xn--pxaix.gr')}\n200 hi`,
      [opens()],
      { host: 'δπθ.gr' },
    ],
  ],
  'a line end, a control or a delimiter of URLs in the host; a line end in a field': [
    ['InvalidURL', [opens()], { host: 'far.example\r\nA: b' }],
    ['InvalidURL', [opens()], { host: 'far.example\0' }],
    ['InvalidURL', [opens()], { host: 'far.example/x' }],
    ['TypeError', [opens()], { headers: { A: 'b\r\nC: d' } }],
    ['TypeError', [opens()], { headers: { 'A\nB': 'c' } }],
  ],
  'a field that announces a body': [
    ['TypeError', [opens()], { headers: { 'Transfer-Encoding': 'chunked' } }],
    ['TypeError', [opens()], { headers: { 'Content-Length': '1' } }],
  ],
  'any 2xx': [
    [OPENED, [opens('HTTP/1.1 201 Created\r\n\r\n')]],
    [OPENED, [opens('HTTP/1.0 299 \r\n\r\n')]],
    [
      `${OPENED}\n[["Content-Length","5"],["Transfer-Encoding","chunked"]]`,
      [opens('HTTP/1.1 200 \r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n')],
    ],
  ],
  'any other final status, including 101': [
    [
      `${CONNECT}\nTunnelError 403 no\n[["Content-Length","2"]]`,
      [['HTTP/1.1 403 \r\nContent-Length: 2\r\n\r\nno']],
    ],
    [`${CONNECT}\nTunnelError 302 `, [['HTTP/1.1 302 \r\n\r\n', END]]],
    [`${CONNECT}\nTunnelError 101 `, [['HTTP/1.1 101 \r\n\r\n', END]]],
    [
      `${CONNECT}\nTunnelError 502 ${'x'.repeat(65_536)}`,
      [[`HTTP/1.1 502 \r\n\r\n${'x'.repeat(99_999)}`, END]],
    ],
    [
      `${CONNECT}\nTunnelError 403 n\n[["Content-Length","2"]]`,
      [['HTTP/1.1 403 \r\nContent-Length: 2\r\n\r\nn', END]],
    ],
  ],
  '1xx before it': [
    [OPENED, [opens(`HTTP/1.1 100 \r\n\r\nHTTP/1.1 103 \r\nA: b\r\n\r\n${OK}`)]],
    [`${CONNECT}\nHTTPException`, [opens('HTTP/1.1 102 \r\n\r\n'.repeat(101) + OK)]],
  ],
  'bytes after the reply': [[`${CONNECT}\nHTTPException`, [[`${OK}${answer('early')}`]]]],
  'what is validated of the reply': [
    [`${CONNECT}\nBadStatusLine`, [['HTTP/1.1  200 OK\r\n\r\n']]],
    [OPENED, [opens('HTTP/1.1  200 OK\r\n\r\n')], { options: { strict: false } }],
    [`${CONNECT}\nInvalidHeader`, [['HTTP/1.1 200 OK\r\nA : b\r\n\r\n']]],
    [
      `${OPENED}\n[["A","b"]]`,
      [opens('HTTP/1.1 200 OK\r\nA : b\r\n\r\n')],
      { options: { tolerate: ['space-before-colon'] } },
    ],
    [`${CONNECT}\nTooManyHeaders`, [[`HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(101)}\r\n`]]],
    [
      `${CONNECT}\nTunnelError 403 \n[["Content-Length","x"]]`,
      [['HTTP/1.1 403 \r\nContent-Length: x\r\n\r\n']],
    ],
  ],
  '407 with `authenticate`': [
    [`${CONNECT}\n${ANSWERED}`, [[CHALLENGE, afterRequest(), ...opens()]], answers],
    [`${CONNECT}\n${ANSWERED}`, [['HTTP/1.1 407 \r\nConnection: close\r\n\r\nwho', END], opens()], answers],
    [
      `${CONNECT}\n${`${CONNECT} / Proxy-Authorization: x\n`.repeat(5)}TunnelError 407 who\n[["Content-Length","3"]]`,
      [Array.from({ length: 6 }, () => [CHALLENGE, afterRequest()]).flat()],
      answers,
    ],
    [
      `${CONNECT}\nTunnelError 407 who\n[["Content-Length","3"]]`,
      [[CHALLENGE]],
      { authenticate: () => undefined },
    ],
  ],
  'no reply in time': [
    [`${CONNECT}\nTimeoutError tunnel`, [[]], { options: { timeout: 20 } }],
    [`${CONNECT}\nTimeoutError tunnel`, [['HTTP/1.1 200 OK\r\n']], { options: { timeout: 20 } }],
  ],
  'requests in the tunnel': [
    [
      `${CONNECT} / Proxy-Authorization: x\n${GET}\n200 hi`,
      [opens()],
      { headers: { 'Proxy-Authorization': 'x' } },
    ],
    [
      `${CONNECT.replaceAll(':80', ':81')}\n${GET.replace('far.example', 'far.example:81')}\n200 hi`,
      [opens()],
      { port: 81 },
    ],
  ],
  '`getProxyResponseHeaders()`': [
    [`${OPENED}\n[["A","b"]]`, [opens('HTTP/1.1 200 OK\r\nA: b\r\n\r\n')]],
    [`${CONNECT}\nTunnelError 403 \n[["A","b"]]`, [['HTTP/1.1 403 \r\nA: b\r\n\r\n', END]]],
    [`${CONNECT}\nRemoteDisconnected`, [[afterRequest(), END]]],
  ],
  '`setTunnel` while connected': [],
  'connecting again': [
    [`${CONNECT}\n${GET}\n${CONNECT}\n${GET}\n200 hi\n200 hi`, [opens(), opens()], { times: 2 }],
  ],
};

test.each(
  Object.entries(rows).flatMap(([row, cases]) => cases.map((each): [string, ...Case] => [row, ...each])),
)('%s: %s', async (_row, expected, scripts, terms) => {
  expect(await outcome(scripts, terms)).toBe(expected);
});

test('`setTunnel` while connected', async () => {
  const connection = new HTTPConnection('proxy.example', 3128, {
    connector: scriptedTransport([]).connector,
  });
  await connection.connect();
  expect(() => {
    connection.setTunnel('far.example');
  }).toThrow(expect.objectContaining({ name: 'ImproperConnectionState' }));
  connection.close();
});

test('the page has exactly these rows, and the tests that it names exist', () => {
  const page = readFileSync(new URL('../../../docs/behaviour.md', import.meta.url), 'utf8');
  const section = /\n## Tunnels\n([^]*?)\n## /.exec(page)?.[1] ?? '';
  const cells = [...section.matchAll(/^\|(.*)\|$/gm)].map(([, line = '']) =>
    line.split('|').map((each) => each.trim()),
  );
  expect(cells.slice(2).map(([row]) => row)).toEqual(Object.keys(rows));
  for (const [, , , proven = ''] of cells.slice(2)) {
    for (const [name = '', tests = ''] of proven.split('; ').map((each) => each.split(': '))) {
      for (const each of tests.split(', ')) {
        const file = new URL(`../../${name}/src/${each}.test.ts`, import.meta.url);
        expect(existsSync(file), `${name}: ${each}`).toBe(true);
      }
    }
  }
});
