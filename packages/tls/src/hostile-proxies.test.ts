import type { Socket } from 'node:net';

import { HTTPException } from '@http-client/errors';
import { describe, expect, onTestFinished, test } from 'vitest';

import { HTTPSConnection, type HTTPSConnectionOptions } from './index.js';
import { tcpServer, tlsServer } from './testdata/peers.js';
import { NATIVE, rejection, TIMEOUT, trusting, until } from './testdata/stage.js';

// Proxies that open the tunnel, and then do what they like with it. Those that do not open it are tried in connection.

type Behaviour = (socket: Socket) => void;

const OK = 'HTTP/1.1 200 OK\r\n\r\n';
/** A fatal alert, handshake_failure (RFC 8446, section 6.2). */
const ALERT = Buffer.from([21, 3, 3, 0, 2, 2, 40]);

/** Sends blocks as long as they are taken. */
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
    'sends an answer of plain HTTP with its 200',
    (socket) => socket.write(`${OK}HTTP/1.1 200 OK\r\n\r\n`),
    { code: /^ERR_SSL_WRONG_VERSION_NUMBER$/ },
  ],
  [
    'sends what its Content-Length says, as if a 200 had a body',
    (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'),
    { code: /^ERR_SSL_/ },
  ],
  [
    'sends records of no kind without end',
    floods(OK, Buffer.alloc(65_536, 0x17)),
    { code: /^ERR_SSL_WRONG_VERSION_NUMBER$/ },
  ],
  [
    'sends alerts without end, warnings all',
    floods(OK, Buffer.alloc(7 * 1000, Buffer.from([21, 3, 3, 0, 2, 1, 90]))),
    { code: /^ERR_SSL_/ },
  ],
  ['closes behind its 200', (socket) => socket.end(OK), { code: /^ECONNRESET$/ }],
  [
    'closes in the handshake',
    (socket) => socket.write(OK, () => socket.once('data', () => socket.end())),
    { code: /^ECONNRESET$/ },
  ],
  [
    'resets in the handshake',
    (socket) => socket.write(OK, () => socket.once('data', () => socket.destroy())),
    // Over TLS to the proxy, its end without close_notify is what is seen.
    { code: /^(ECONNRESET|EPIPE|HTTP_TLS_TRUNCATED)$/ },
  ],
  ['stalls behind its 200', (socket) => socket.write(OK), { code: /^ETIMEDOUT$/, phase: 'tls' }],
  [
    'gives back what it gets',
    (socket) => {
      socket.write(OK);
      socket.pipe(socket);
    },
    { code: /^ERR_SSL_/ },
  ],
];

/** Waits for the whole CONNECT, and then lets the behaviour go on. */
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
  test.each(ROWS)('a proxy that %s is left, with nothing open', async (_what, behaviour, { code, phase }) => {
    const serve = behindConnect(behaviour);
    const proxy = await (isSecure ? tlsServer(serve) : tcpServer(serve));
    const options: HTTPSConnectionOptions = {
      connector: NATIVE,
      context: trusting(),
      timeout: phase === undefined ? TIMEOUT : 50,
      ...(isSecure ? { proxyContext: trusting() } : {}),
    };
    const connection = new HTTPSConnection('localhost', proxy.port, options);
    connection.setTunnel('destination.com');
    const error = await rejection(connection.request('GET', '/'));
    expect(error['code']).toMatch(code!);
    expect(error).toMatchObject({ delivery: 'unsent', ...(phase === undefined ? {} : { phase }) });
    expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
    await until(() => proxy.open.size === 0);
  });

  test('cancelled, or closed, in the handshake within, nothing is left', async () => {
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
