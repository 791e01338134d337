import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import { decodeLatin1, type Transport } from '@http-client/io';
import { openTunnel } from '@http-client/tunnel';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { connectTCP, HTTPConnection } from './index.js';
import { quiet } from './testdata/stage.js';
import { floods, SocketProxy, tunnels, type Behaviour } from './testdata/tunnel-proxy.js';
import { WIRES } from './wire.js';

const target = { host: 'destination.com', port: 80 };
const OK = 'HTTP/1.1 200 OK\r\n\r\n';

const says =
  (...blocks: readonly string[]): Behaviour =>
  (socket) => {
    for (const block of blocks) socket.write(block);
  };
const then = (behaviour: Behaviour, end: (socket: Socket) => void): Behaviour => {
  return (socket, head) => {
    behaviour(socket, head);
    end(socket);
  };
};
const fin = (socket: Socket): void => void socket.end();
const rst = (socket: Socket): void => void socket.resetAndDestroy();

const refused = 'HTTP/1.1 403 Forbidden\r\n';
const long = 65_536;

/** Milliseconds. Where no timeout is expected, it must not occur on a slow machine. */
const TIMEOUT = 60_000;

/** What a proxy may do to a client that asks it for a tunnel, and the resulting error. */
const hostile: [what: string, behaviour: Behaviour, expected: object, kept?: number][] = [
  ['refuses', says(`${refused}Content-Length: 2\r\n\r\nno`), { name: 'TunnelError', status: 403 }, 2],
  ['refuses and closes', then(says(`${refused}\r\nno`), fin), { name: 'TunnelError', status: 403 }, 2],
  ['says nothing', () => undefined, { code: 'ETIMEDOUT', phase: 'tunnel' }],
  ['stops in the head', says('HTTP/1.1 200 OK\r\nA: '), { code: 'ETIMEDOUT', phase: 'tunnel' }],
  ['closes', fin, { name: 'RemoteDisconnected' }],
  ['closes in the head', then(says('HTTP/1.1 200 OK\r\nA: '), fin), { name: 'IncompleteRead' }],
  ['resets', rst, { code: 'ECONNRESET' }],
  [
    'resets in the head',
    then(says('HTTP/1.1 200 OK\r\nA: '), (socket) => setImmediate(rst, socket)),
    { code: 'ECONNRESET' },
  ],
  [
    'sends garbage',
    then(says('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'), fin),
    { name: 'BadStatusLine' },
  ],
  ['sends endless garbage', floods('\x80', '\x80\xff'), { name: 'LineTooLong' }],
  ['sends endless lines of garbage', floods('', 'spam and eggs\r\n'), { name: 'BadStatusLine' }],
  ['sends endless fields', floods('HTTP/1.1 200 OK\r\n', 'A: b\r\n'), { name: 'TooManyHeaders' }],
  ['sends an endless field', floods('HTTP/1.1 200 OK\r\nA: ', 'b'), { name: 'LineTooLong' }],
  ['sends an endless fold', floods('HTTP/1.1 200 OK\r\nA: b\r\n', ' c\r\n'), { name: 'TooManyHeaders' }],
  ['sends endless interim replies', floods('', 'HTTP/1.1 102 \r\n\r\n'), { name: 'HTTPException' }],
  [
    'refuses with a long body',
    floods(`${refused}Content-Length: 9007199254740991\r\n\r\n`, 'x'),
    { status: 403 },
    long,
  ],
  ['refuses with an endless body', floods(`${refused}\r\n`, 'x'), { name: 'TunnelError', status: 403 }, long],
  [
    'refuses with endless chunks',
    floods(`${refused}Transfer-Encoding: chunked\r\n\r\n`, '1\r\nx\r\n'),
    { status: 403 },
    long,
  ],
  [
    'refuses with a chunk without size',
    floods(`${refused}Transfer-Encoding: chunked\r\n\r\n`, '0'),
    { status: 403 },
    0,
  ],
  ['refuses and stalls', says(`${refused}Content-Length: 9\r\n\r\nno`), { status: 403 }, 2],
  ['challenges for ever', then(says('HTTP/1.1 407 \r\n\r\n'), fin), { status: 407 }, 0],
];

describe.each(hostile)('a proxy that %s', (_what, behaviour, expected, kept) => {
  test('is abandoned, with its connection closed', async () => {
    const stalls = 'code' in expected && expected.code === 'ETIMEDOUT';
    // Time stands still until the proxy stalls: a busy machine may take long to connect to it.
    if (stalls) vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const proxy = await SocketProxy.start((socket, head) => {
      behaviour(socket, head);
      if (stalls) void quiet().then(() => vi.advanceTimersByTime(TIMEOUT));
    });
    const connection = new HTTPConnection('127.0.0.1', proxy.port, { timeout: TIMEOUT });
    connection.setTunnel(target.host, target.port, { authenticate: () => ({ A: 'b' }) });
    const error = await connection.request('GET', '/').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ ...expected, delivery: 'unsent' });
    if (kept !== undefined) expect(error).toHaveProperty('body.length', kept);
    expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
    await proxy.deserted();
  });
});

test('an endless challenge is answered five times, each on a separate connection', async () => {
  const proxy = await SocketProxy.start(then(says('HTTP/1.1 407 \r\n\r\n'), fin));
  const connection = new HTTPConnection('127.0.0.1', proxy.port);
  let asked = 0;
  connection.setTunnel(target.host, target.port, { authenticate: () => ({ Asked: ++asked }) });
  await expect(connection.connect()).rejects.toMatchObject({ status: 407 });
  expect(proxy.heads.map((head) => /Asked: (.)/.exec(head)?.[1])).toEqual([
    undefined,
    '1',
    '2',
    '3',
    '4',
    '5',
  ]);
  await proxy.deserted();
});

/** The next `count` bytes. */
async function next(transport: Transport, count: number): Promise<string> {
  let text = '';
  while (text.length < count)
    text += decodeLatin1((await transport.read()) ?? new Uint8Array(0)) || ' (ended)';
  return text;
}

describe('a tunnel over TCP', () => {
  test.each([
    ['nothing', ''],
    ['its first bytes', 'hello'],
    ['more than is read ahead', 'x'.repeat(200_000)],
  ])('is the same transport, on its fast wire, if the reply came with %s', async (_what, first) => {
    const proxy = await SocketProxy.start((socket) => {
      socket.write(OK + first);
      socket.on('data', (data) => socket.write(data));
    });
    const transport = await connectTCP({ host: '127.0.0.1', port: proxy.port });
    const tunnel = await openTunnel(transport, target);
    expect(tunnel.transport).toBe(transport);
    expect(WIRES.has(transport)).toBe(true);
    expect(await next(transport, first.length)).toBe(first);
    await transport.write(Buffer.from('echo'));
    expect(await next(transport, 4)).toBe('echo');
    transport.close();
    await proxy.deserted();
  });

  test('passes the first bytes to a connection, which are nobody’s response', async () => {
    const proxy = await SocketProxy.start(says(`${OK}HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly`));
    const connection = new HTTPConnection('127.0.0.1', proxy.port);
    connection.setTunnel(target.host);
    await expect(connection.request('GET', '/')).rejects.toMatchObject({ delivery: 'unsent' });
    expect(proxy.heads).toHaveLength(1);
    await proxy.deserted();
  });
});

describe('through a proxy', () => {
  /** The port of a server that echoes the body, and reports the Host that it got. */
  async function echo(): Promise<number> {
    const server = createServer((request, response) => {
      response.setHeader('X-Host', request.headers.host ?? '');
      request.pipe(response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return (server.address() as AddressInfo).port;
  }

  test('requests follow one another, small ones and 8 MB, on one connection', async () => {
    const far = await echo();
    const proxy = await SocketProxy.start(tunnels('HTTP/1.0 200 OK\r\nConnection: close\r\n\r\n'));
    const connection = new HTTPConnection('127.0.0.1', proxy.port, { timeout: TIMEOUT });
    connection.setTunnel('127.0.0.1', far);
    for (const size of [5, 8_000_000, 0, 100_000]) {
      const body = Buffer.alloc(size, 'spam');
      const sent = connection.request('POST', '/', { body });
      const response = await connection.getResponse();
      expect(response.getHeader('x-host')).toBe(`127.0.0.1:${far}`);
      expect(body.equals(await response.read())).toBe(true);
      await sent;
      expect(connection.reusable).toBe(true);
    }
    expect(proxy.heads).toHaveLength(1);
    connection.close();
    await proxy.deserted();
  });

  test('and another proxy after that, with a connector', async () => {
    const far = await echo();
    const outer = await SocketProxy.start(tunnels(OK));
    const inner = await SocketProxy.start(tunnels(OK));
    const connection = new HTTPConnection('127.0.0.1', inner.port, {
      connector: async ({ host, port, ...terms }) => {
        const transport = await connectTCP({ host: '127.0.0.1', port: outer.port, ...terms });
        return (await openTunnel(transport, { host, port }, terms)).transport;
      },
    });
    connection.setTunnel('127.0.0.1', far);
    for (const body of ['one', 'two']) {
      await connection.request('POST', '/', { body });
      expect(await (await connection.getResponse()).text()).toBe(body);
    }
    expect(outer.heads).toEqual([expect.stringContaining(`CONNECT 127.0.0.1:${inner.port} `)]);
    expect(inner.heads).toEqual([expect.stringContaining(`CONNECT 127.0.0.1:${far} `)]);
    connection.close();
    await Promise.all([outer.deserted(), inner.deserted()]);
  });

  test('after a server closes an idle connection, another tunnel reaches it', async () => {
    const server = createServer({ keepAlive: true }, (_request, response) => response.end('hello'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const proxy = await SocketProxy.start(tunnels(OK));
    const connection = new HTTPConnection('127.0.0.1', proxy.port);
    connection.setTunnel('127.0.0.1', (server.address() as AddressInfo).port);
    for (let round = 1; round <= 2; round++) {
      await connection.request('GET', '/');
      expect(await (await connection.getResponse()).text()).toBe('hello');
      server.closeAllConnections();
      await proxy.deserted();
      expect(connection.reusable).toBe(false);
      expect(proxy.heads).toHaveLength(round);
    }
  });
});
