import { scriptedTransport, STALL } from '@http-client/connection/testing';
import type { Connector } from '@http-client/io';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { connectTLS, startTLS } from './index.js';
import { tcpServer, tlsServer } from './testdata/peers.js';
import { CARRIERS, open, rejection, trusting, until } from './testdata/stage.js';

// What the errors of TLS say, in full: once, and in the words of whoever found the fault.

describe.each(Object.entries(CARRIERS))('over %s', (_name, connector) => {
  const to = (port: number): ReturnType<Connector> => connector({ host: 'localhost', port });

  test('the certificate of another host', async () => {
    const { port } = await tlsServer(() => undefined);
    const options = { context: trusting(), port };
    const error = await rejection(startTLS(await to(port), 'other.example', options));
    expect(error.message).toMatch(
      /^Hostname\/IP does not match certificate's altnames: Host: other\.example\. is not in the cert's altnames: .* \(TLS with other\.example:\d+\)$/,
    );
    expect(error).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID', delivery: 'unsent' });
    expect(error).toMatchObject({ cert: { subject: { CN: 'localhost' } } });
  });

  test('a fault that OpenSSL finds', async () => {
    const { port } = await tcpServer((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const error = await rejection(startTLS(await to(port), 'localhost', { port }));
    expect(error.message).toMatch(/^[a-z ]+ \(TLS with localhost:\d+\)$/);
  });

  test.each([
    ['frozen', Object.freeze(new Error('not this one'))],
    // As `atob` throws it, of a pin that is not base64.
    ['of the platform', new DOMException('not this one')],
  ])('an error of checkServerIdentity that cannot be changed: %s', async (_name, wrong) => {
    const { port } = await tlsServer(() => undefined);
    const context = trusting({ checkServerIdentity: () => wrong });
    expect(await rejection(startTLS(await to(port), 'localhost', { context }))).toBe(wrong);
  });

  test('the reason of a signal is left as it is', async () => {
    const { port, open: sockets } = await tcpServer(() => undefined);
    const controller = new AbortController();
    const starting = startTLS(await to(port), 'localhost', { signal: controller.signal });
    const rejected = rejection(starting);
    await until(() => sockets.size > 0);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await rejected).toBe(reason);
    expect([reason.message, 'delivery' in reason]).toEqual(['enough', false]);
  });

  test('what happens after the handshake below TLS is not blamed on it', async () => {
    // TLS 1.2 sends no tickets after the handshake: with them, a reset may be taken for an end.
    const { port } = await tlsServer(
      (socket) => {
        socket.once('data', () => {
          (socket as unknown as { _parent: { resetAndDestroy(): void } })._parent.resetAndDestroy();
        });
      },
      { maxVersion: 'TLSv1.2' },
    );
    const connection = open(port, { connector });
    await connection.request('GET', '/');
    const error = await rejection(connection.getResponse());
    expect(error.message).toMatch(/^read ECONNRESET \(localhost:\d+, state Request-sent, phase headers\)$/);
  });
});

test('a transport that is closed in the handshake', async () => {
  const { port, open: sockets } = await tcpServer(() => undefined);
  const transport = await CARRIERS['the socket itself']!({ host: 'localhost', port });
  const pending = rejection(startTLS(transport, 'localhost', { port }));
  await until(() => sockets.size > 0);
  transport.close();
  expect((await pending).message).toBe(
    `Cannot speak TLS to localhost:${port}: the transport was closed in the handshake`,
  );
});

test.each([
  [200, 50],
  // Whether it is too late is decided by the timer.
  [300, 1],
])('of a timeout of 250 ms, connecting took %i, and the handshake has %i', async (took, left) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  // The clock has already advanced, as it has wherever TLS is started in practice.
  vi.advanceTimersByTime(60_000);
  const connect = connectTLS(trusting(), () => {
    vi.advanceTimersByTime(took);
    return Promise.resolve(scriptedTransport([STALL]));
  });
  const rejected = rejection(connect({ host: 'localhost', port: 443, timeout: 250 }));
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  await vi.advanceTimersByTimeAsync(left);
  expect((await rejected).message).toBe(
    `Cannot speak TLS to localhost:443: the handshake took more than ${left} ms`,
  );
});
