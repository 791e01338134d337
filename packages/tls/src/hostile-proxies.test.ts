import type { Socket } from 'node:net';

import { HTTPException } from '@http-client/errors';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { HTTPSConnection, type HTTPSConnectionOptions } from './index.js';
import { tcpServer, tlsServer } from './testdata/peers.js';
import { NATIVE, rejection, TIMEOUT, trusting, until } from './testdata/stage.js';

// Proxies that open the tunnel and then misbehave. Those that do not open it are tested in connection.

type Behaviour = (socket: Socket) => void;

const OK = 'HTTP/1.1 200 OK\r\n\r\n';
/** A fatal alert, handshake_failure (RFC 8446, section 6.2). */
const ALERT = Buffer.from([21, 3, 3, 0, 2, 2, 40]);

/** Sends blocks for as long as the socket accepts them. */
const floods =
  (first: string | Uint8Array, block: Uint8Array): Behaviour =>
  (socket) => {
    socket.write(first);
    const more = (): void => {
      while (!socket.destroyed && socket.write(block));
    };
    socket.on('drain', more);
    more();
  };

const ROWS: readonly [what: string, behaviour: Behaviour, expected: { code?: RegExp; phase?: string }][] = [
  [
    'sends an alert with its 200',
    (socket) => socket.write(Buffer.concat([Buffer.from(OK), ALERT])),
    { code: /HANDSHAKE_FAILURE$/ },
  ],
  [
    'sends a plain HTTP response with its 200',
    (socket) => socket.write(`${OK}HTTP/1.1 200 OK\r\n\r\n`),
    { code: /^ERR_SSL_WRONG_VERSION_NUMBER$/ },
  ],
  [
    'sends a body of its Content-Length, which a 2xx to CONNECT does not have',
    (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'),
    { code: /^ERR_SSL_/ },
  ],
  [
    'sends an endless stream of invalid records',
    floods(OK, Buffer.alloc(65_536, 0x17)),
    { code: /^ERR_SSL_WRONG_VERSION_NUMBER$/ },
  ],
  [
    'sends an endless stream of warning alerts',
    floods(OK, Buffer.alloc(7 * 1000, Buffer.from([21, 3, 3, 0, 2, 1, 90]))),
    { code: /^ERR_SSL_/ },
  ],
  ['closes after its 200', (socket) => socket.end(OK), { code: /^ECONNRESET$/ }],
  [
    'closes during the handshake',
    (socket) => socket.write(OK, () => socket.once('data', () => socket.end())),
    { code: /^ECONNRESET$/ },
  ],
  [
    'resets during the handshake',
    (socket) => socket.write(OK, () => socket.once('data', () => socket.destroy())),
    // With TLS to the proxy, what is seen is its end without close_notify.
    { code: /^(ECONNRESET|EPIPE|HTTP_TLS_TRUNCATED)$/ },
  ],
  ['stalls after its 200', (socket) => socket.write(OK), { code: /^ETIMEDOUT$/, phase: 'tls' }],
  [
    'echoes what it receives',
    (socket) => {
      socket.write(OK);
      socket.pipe(socket);
    },
    { code: /^ERR_SSL_/ },
  ],
];

/** Waits for the whole CONNECT, and then runs the behaviour. */
function behindConnect(behaviour: Behaviour): Behaviour {
  return (socket) => {
    let head = '';
    const onData = (block: Buffer): void => {
      head += block.toString('latin1');
      if (!head.endsWith('\r\n\r\n')) return;
      socket.off('data', onData);
      behaviour(socket);
    };
    socket.on('data', onData);
  };
}

describe.each([false, true])('over TLS to the proxy: %s', (isSecure) => {
  test.each(ROWS)(
    'a proxy that %s is abandoned, with nothing left open',
    async (_what, behaviour, { code, phase }) => {
      const stalls = phase !== undefined;
      // Time stands still until the handshake has begun: a busy machine may take long for what comes before it.
      if (stalls) vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
      onTestFinished(() => {
        vi.useRealTimers();
      });
      const serve = behindConnect((socket) => {
        behaviour(socket);
        if (stalls) socket.once('data', () => vi.advanceTimersByTime(TIMEOUT));
      });
      const proxy = await (isSecure ? tlsServer(serve) : tcpServer(serve));
      const options: HTTPSConnectionOptions = {
        connector: NATIVE,
        context: trusting(),
        timeout: TIMEOUT,
        ...(isSecure ? { proxyContext: trusting() } : {}),
      };
      const connection = new HTTPSConnection('localhost', proxy.port, options);
      connection.setTunnel('destination.com');
      const error = await rejection(connection.request('GET', '/'));
      expect(error['code']).toMatch(code!);
      expect(error).toMatchObject({ delivery: 'unsent', ...(phase === undefined ? {} : { phase }) });
      expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
      await until(() => proxy.open.size === 0);
    },
  );

  test('cancelled or closed during the inner handshake, nothing is left open', async () => {
    let handshakes = 0;
    const serve = behindConnect((socket) => {
      socket.write(OK);
      socket.once('data', () => handshakes++);
    });
    const proxy = await (isSecure ? tlsServer(serve) : tcpServer(serve));
    const open = (): HTTPSConnection => {
      const connection = new HTTPSConnection('localhost', proxy.port, {
        connector: NATIVE,
        context: trusting(),
        timeout: TIMEOUT,
        ...(isSecure ? { proxyContext: trusting() } : {}),
      });
      onTestFinished(() => {
        connection.close();
      });
      connection.setTunnel('destination.com');
      return connection;
    };
    const reason = { my: 'own' };
    const controller = new AbortController();
    const cancelled = open().request('GET', '/', { signal: controller.signal });
    await until(() => handshakes === 1);
    controller.abort(reason);
    await expect(cancelled).rejects.toBe(reason);
    await until(() => proxy.open.size === 0);

    const connection = open();
    const closed = rejection(connection.request('GET', '/'));
    await until(() => handshakes === 2);
    connection.close();
    expect(await closed).toBeInstanceOf(HTTPException);
    await until(() => proxy.open.size === 0);
  });
});
