import type { Socket } from 'node:net';
import tls from 'node:tls';
import { runInNewContext } from 'node:vm';

import { HTTPConnection } from '@http-client/connection';
import { afterWrite, END, reset, scriptedTransport, type ScriptStep } from '@http-client/connection/testing';
import { HTTPException, TimeoutError } from '@http-client/errors';
import type { Transport } from '@http-client/io';
import { describe, expect, inject, test, vi } from 'vitest';

import { connectTLS, createDefaultContext, startTLS } from './index.js';
import { httpsServer, tcpServer, tlsServer } from './testdata/peers.js';
import { CARRIERS, get, open, opened, rejection, TIMEOUT, trusting, until } from './testdata/stage.js';

/** Counts the listeners of a signal, of which there must be none in the end. */
function countedSignal(): { signal: AbortSignal; abort: (reason: unknown) => void; listeners: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  let count = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    count++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    count--;
    remove(...args);
  };
  return { signal, abort: controller.abort.bind(controller), listeners: () => count };
}

describe.each(Object.entries(CARRIERS))('over %s', (_name, connector) => {
  const to = async (port: number): Promise<Transport> => connector({ host: 'localhost', port });

  test.each<[string, (socket: Socket) => void, RegExp]>([
    ['that speaks HTTP', (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), /^ERR_SSL_/],
    ['that speaks garbage', (socket) => socket.write(Buffer.alloc(1000, 0xaa)), /^ERR_SSL_/],
    ['that closes at once', (socket) => socket.end(), /^ECONNRESET$/],
    ['that resets at once', (socket) => socket.resetAndDestroy(), /^(ECONNRESET|EPIPE)$/],
    ['that closes after ClientHello', (socket) => socket.once('data', () => socket.end()), /^ECONNRESET$/],
    [
      'that resets after ClientHello',
      (socket) => socket.once('data', () => socket.resetAndDestroy()),
      /^(ECONNRESET|EPIPE)$/,
    ],
    [
      'that sends an alert',
      (socket) => socket.once('data', () => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 40]))),
      /^ERR_SSL_.*HANDSHAKE_FAILURE$/,
    ],
  ])('a peer %s', async (_what, serve, code) => {
    const { port, open: sockets } = await tcpServer(serve);
    const connection = open(port, { connector });
    const error = await rejection(connection.request('GET', '/'));
    expect(error['code']).toMatch(code);
    expect(error['delivery']).toBe('unsent');
    expect([connection.state, connection.transport]).toEqual(['Idle', undefined]);

    const { signal, listeners } = countedSignal();
    const starting = to(port).then((transport) => startTLS(transport, 'localhost', { signal }));
    expect((await rejection(starting))['code']).toMatch(code);
    expect(listeners()).toBe(0);
    await until(() => sockets.size === 0);
  });

  test.each([1, 20, 300])('timeout: a peer that stalls, %d ms', async (timeout) => {
    const { port, open: sockets } = await tcpServer(() => undefined);
    const transport = await to(port);
    const { signal, listeners } = countedSignal();
    const begin = performance.now();
    const error = await rejection(startTLS(transport, 'localhost', { timeout, signal }));
    expect(performance.now() - begin).toBeGreaterThanOrEqual(timeout);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ code: 'ETIMEDOUT', phase: 'tls', delivery: 'unsent' });
    expect(listeners()).toBe(0);
    await until(() => sockets.size === 0);
  });

  test('timeout: of a connection, and of a connector', async () => {
    const { port, open: sockets } = await tcpServer(() => undefined);
    const connection = open(port, { connector: await opened(port, connector), timeout: 20 });
    expect(await rejection(connection.connect())).toMatchObject({ phase: 'tls', delivery: 'unsent' });
    const connect = connectTLS(trusting(), await opened(port, connector));
    expect(await rejection(connect({ host: 'localhost', port, timeout: 20 }))).toMatchObject({
      phase: 'tls',
    });
    await until(() => sockets.size === 0);
  });

  test('a signal: before, during and after the handshake, with no listener left behind', async () => {
    const { port, open: sockets } = await tcpServer(() => undefined);
    const reason = { my: 'own' };
    const before = countedSignal();
    before.abort(reason);
    const transport = await to(port);
    await expect(startTLS(transport, 'localhost', { signal: before.signal })).rejects.toBe(reason);
    expect(await transport.read()).toBeNull();

    const middle = countedSignal();
    const pending = startTLS(await to(port), 'localhost', { signal: middle.signal });
    await until(() => middle.listeners() === 1);
    middle.abort(reason);
    await expect(pending).rejects.toBe(reason);

    const connection = open(port, { connector });
    const controller = new AbortController();
    const request = connection.request('GET', '/', { signal: controller.signal });
    await until(() => sockets.size > 0);
    controller.abort(reason);
    await expect(request).rejects.toBe(reason);
    await until(() => sockets.size === 0);

    const good = await httpsServer((_request, response) => response.end());
    const behind = countedSignal();
    const secure = await startTLS(await to(good.port), 'localhost', {
      signal: behind.signal,
      context: trusting(),
    });
    expect(behind.listeners()).toBe(0);
    behind.abort(reason);
    await secure.write(Buffer.from('GET / HTTP/1.0\r\n\r\n'));
    expect(await secure.read()).not.toBeNull();
    secure.close();
  });

  test('close() during the handshake', async () => {
    const { port, open: sockets } = await tcpServer(() => undefined);
    const connection = open(port, { connector });
    const connecting = rejection(connection.connect());
    await until(() => sockets.size > 0);
    connection.close();
    expect(await connecting).toBeInstanceOf(HTTPException);
    await until(() => sockets.size === 0);
  });

  test('the transport is closed by somebody else during the handshake', async () => {
    const { port, open: sockets } = await tcpServer(() => undefined);
    const transport = await to(port);
    const pending = rejection(startTLS(transport, 'localhost'));
    await until(() => sockets.size > 0);
    transport.close();
    const error = await pending;
    expect(error['delivery']).toBe('unsent');
    await until(() => sockets.size === 0);
  });

  test('a transport that is already closed', async () => {
    const { port } = await tcpServer(() => undefined);
    const transport = await to(port);
    transport.close();
    expect((await rejection(startTLS(transport, 'localhost', { timeout: TIMEOUT })))['delivery']).toBe(
      'unsent',
    );
  });

  test.each([
    ['with a context that does not mention it', trusting, ['http/1.1'], false],
    [
      'with a context that offers',
      () => trusting({ ALPNProtocols: ['http/1.1', 'h2'] }),
      ['http/1.1', 'h2'],
      'http/1.1',
    ],
    [
      'with a server that does not support it',
      () => trusting({ ALPNProtocols: ['http/1.1'] }),
      undefined,
      false,
    ],
  ])('ALPN %s', async (_what, context, ALPNProtocols, chosen) => {
    let protocol: unknown;
    const { port } = await tlsServer(
      (socket) => {
        protocol = socket.alpnProtocol;
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
      },
      ALPNProtocols === undefined ? {} : { ALPNProtocols },
    );
    expect(await get(open(port, { connector, context: context() }))).toBe('');
    expect(protocol).toBe(chosen);
  });

  test.each<[what: string, check: () => unknown, message: RegExp]>([
    [
      'throws',
      () => {
        throw new Error('it is not the one');
      },
      /^it is not the one \(TLS with localhost:\d+\)$/,
    ],
    [
      'throws an error of another realm',
      () => runInNewContext("throw new Error('it is not the one')") as unknown,
      /^it is not the one \(TLS with localhost:\d+\)$/,
    ],
    [
      'throws what is not an error',
      () => {
        throw 'no'; // eslint-disable-line @typescript-eslint/only-throw-error
      },
      /^Cannot use "no" as what checkServerIdentity gives: expected an Error, or nothing \(TLS with /,
    ],
    [
      'returns a promise',
      () => Promise.resolve(),
      /^Cannot use "\[object Promise\]" as what checkServerIdentity gives: expected an Error, or nothing \(TLS with /,
    ],
    [
      'returns a promise that is rejected',
      () => Promise.reject(new Error('nobody hears this')),
      /^Cannot use "\[object Promise\]" as what checkServerIdentity gives: /,
    ],
  ])(
    'a checkServerIdentity that %s rejects the server, even if everybody is trusted',
    async (_what, check, message) => {
      const { port, open: sockets } = await tlsServer(() => undefined);
      for (const rejectUnauthorized of [true, false]) {
        const context = trusting({ rejectUnauthorized, checkServerIdentity: check as () => undefined });
        const error = await rejection(open(port, { connector, context }).connect());
        expect(error.message).toMatch(message);
        expect(error['delivery']).toBe('unsent');
      }
      await until(() => sockets.size === 0);
    },
  );

  test('another protocol is refused before a byte is sent', async () => {
    let sent = 0;
    const { port, open: sockets } = await tlsServer(
      (socket) => {
        socket.on('data', (block: Buffer) => (sent += block.length));
      },
      { ALPNProtocols: ['h2'] },
    );
    const context = trusting({ ALPNProtocols: ['h2', 'http/1.1'] });
    const error = await rejection(get(open(port, { connector, context })));
    expect(error).toBeInstanceOf(HTTPException);
    expect(error).toMatchObject({ delivery: 'unsent' });
    expect(error.message).toContain('"h2"');
    await until(() => sockets.size === 0);
    expect(sent).toBe(0);

    // If there is no protocol in common, it is the server that refuses (RFC 7301, section 3.2).
    const none = await rejection(
      get(open(port, { connector, context: trusting({ ALPNProtocols: ['http/1.1'] }) })),
    );
    expect(none['code']).toMatch(/NO_APPLICATION_PROTOCOL$/);
  });

  test.each([
    ['localhost', 'localhost'],
    ['LocalHost.', 'LocalHost'],
    ['münchen.example', 'xn--mnchen-3ya.example'],
    ['under_score.example', 'under_score.example'],
    ['1.2.3.example', '1.2.3.example'],
    ['127.0.0.1', false],
    ['１２７．０．０．１', false],
    ['::1', false],
    ['[::1]', false],
    ['fe80::1%eth0', false],
  ])('SNI for %s: %s', async (host, servername) => {
    let asked: unknown;
    const { port } = await tlsServer((socket) => {
      asked = socket.servername;
      socket.end();
    });
    const context = trusting({ rejectUnauthorized: false });
    const secure = await startTLS(await to(port), host, { context });
    await until(() => asked !== undefined);
    expect(String(asked).toLowerCase()).toBe(String(servername).toLowerCase());
    secure.close();
  });

  // As Node's `https` treats them: an option that is undefined is absent, and an empty name turns SNI off.
  test.each([
    [undefined, 'localhost'],
    ['other.example', 'other.example'],
    ['', false],
  ])('SNI with the servername %j in the context: %s', async (given, servername) => {
    let asked: unknown;
    const { port } = await tlsServer((socket) => {
      asked = socket.servername;
      socket.end();
    });
    const context = trusting({ rejectUnauthorized: false, servername: given });
    const secure = await startTLS(await to(port), 'localhost', { context });
    await until(() => asked !== undefined);
    expect(asked).toBe(servername);
    secure.close();
  });

  test('TLS is 1.2 at least', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
    const { port } = await httpsServer((_request, response) => response.end('hello'), old);
    const error = await rejection(get(open(port, { connector })));
    expect(error['code']).toMatch(/^ERR_SSL_/);
    // Even if the platform allows less, as with --tls-min-v1.0.
    const { DEFAULT_MIN_VERSION } = tls;
    tls.DEFAULT_MIN_VERSION = 'TLSv1';
    try {
      const { ciphers } = old;
      const lax = await rejection(get(open(port, { connector, context: trusting({ ciphers }) })));
      expect(lax['code']).toMatch(/^ERR_SSL_/);
    } finally {
      tls.DEFAULT_MIN_VERSION = DEFAULT_MIN_VERSION;
    }
    expect(await get(open(port, { connector, context: trusting(old) }))).toBe('hello');
    // Node refuses a minimum beside it.
    const context = trusting({ secureProtocol: 'TLSv1_1_method', ciphers: old.ciphers });
    expect(await get(open(port, { connector, context }))).toBe('hello');
  });

  test('and more if the platform requires more, as with --tls-min-v1.3', async () => {
    const only12 = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
    const { port } = await httpsServer((_request, response) => response.end('hello'), only12);
    const { ca } = trusting();
    const { DEFAULT_MIN_VERSION } = tls;
    tls.DEFAULT_MIN_VERSION = 'TLSv1.3';
    try {
      for (const context of [{ ca }, { ...createDefaultContext(), ca }]) {
        expect((await rejection(get(open(port, { connector, context }))))['code']).toMatch(/^ERR_SSL_/);
      }
      expect(await get(open(port, { connector, context: { ca, ...only12 } }))).toBe('hello');
    } finally {
      tls.DEFAULT_MIN_VERSION = DEFAULT_MIN_VERSION;
    }
  });

  test('no environment variable turns the check off', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    try {
      const { port } = await httpsServer(
        (_request, response) => response.end(),
        inject('certificates').selfSigned,
      );
      const error = await rejection(get(open(port, { connector })));
      expect(error['code']).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe('a scripted peer', () => {
  const rows: readonly [string, readonly ScriptStep[], RegExp][] = [
    ['ends', [END], /^ECONNRESET$/],
    ['resets', [reset()], /^ECONNRESET$/],
    ['sends garbage', [afterWrite(1), 'HTTP/1.1 200 OK\r\n\r\n', END], /^ERR_SSL_/],
  ];
  test.each(rows)('%s', async (_what, steps, code) => {
    const transport = scriptedTransport(steps);
    const error = await rejection(startTLS(transport, 'localhost', { timeout: TIMEOUT }));
    expect(error['code']).toMatch(code);
    expect(error['delivery']).toBe('unsent');
    expect(transport.closed).toBe(true);
  });

  test('rejects writes', async () => {
    const transport = scriptedTransport([], { failWritesAfter: 0 });
    const error = await rejection(startTLS(transport, 'localhost', { timeout: TIMEOUT }));
    expect(error['delivery']).toBe('unsent');
    expect(transport.closed).toBe(true);
  });

  test('ends the signal in its first write, which fails: nothing goes uncaught', async () => {
    const controller = new AbortController();
    const transport = scriptedTransport([]);
    transport.write = () => {
      controller.abort('enough');
      throw new Error('the line is down');
    };
    await expect(startTLS(transport, 'localhost', { signal: controller.signal })).rejects.toBe('enough');
    expect(transport.closed).toBe(true);
    await new Promise(setImmediate);
  });

  test('begins with a ClientHello: a handshake record of TLS 1.x', async () => {
    const transport = scriptedTransport([END]);
    await rejection(startTLS(transport, 'localhost'));
    expect([...transport.written.subarray(0, 2)]).toEqual([22, 3]);
    expect(transport.writtenText).toContain('localhost');
  });
});

test('connectTLS: over TCP by default, for any connection', async () => {
  expect(() => connectTLS('context' as never)).toThrow(TypeError);
  const { port } = await httpsServer((_request, response) => response.end('hello'));
  const connection = new HTTPConnection('127.0.0.1', port, { connector: connectTLS(trusting()) });
  await connection.request('GET', '/');
  expect(await (await connection.getResponse()).text()).toBe('hello');
  connection.close();
  const controller = new AbortController();
  const connect = connectTLS();
  const error = await rejection(
    connect({ host: '127.0.0.1', port, timeout: TIMEOUT, signal: controller.signal }),
  );
  expect(error['code']).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
});
