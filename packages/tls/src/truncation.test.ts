import type { TLSSocket } from 'node:tls';

import { connectTCP } from '@http-client/connection';
import { HTTPException, IncompleteRead, RemoteDisconnected } from '@http-client/errors';
import { describe, expect, test } from 'vitest';

import { startTLS, type HTTPSConnectionOptions } from './index.js';
import { proxy, tlsServer } from './testdata/peers.js';
import { CARRIERS, get, open, rejection, trusting } from './testdata/stage.js';

/** Ends the stream as anybody on the path could: a FIN below TLS, without close_notify. */
function cutOff(socket: TLSSocket): void {
  // What TLS runs on; Node keeps it there.
  (socket as unknown as { _parent: { end(): void } })._parent.end();
}

type End = (socket: TLSSocket) => void;
const ENDS: Readonly<Record<string, End>> = {
  cut: cutOff,
  ended: (socket) => socket.end(),
  reset: (socket) => {
    (socket as unknown as { _parent: { resetAndDestroy(): void } })._parent.resetAndDestroy();
  },
  forged: (socket) => {
    (socket as unknown as { _parent: { write(text: string): void } })._parent.write('forged');
  },
};

const HEAD = 'HTTP/1.1 200 OK\r\n';

async function server(text: string, end: End, version: 'TLSv1.2' | 'TLSv1.3'): Promise<number> {
  const serve = (socket: TLSSocket): void => {
    // Otherwise the system may hold the response back until the client has acknowledged the session tickets of TLS 1.3,
    // and a reset discards it.
    socket.setNoDelay(true);
    socket.once('data', () => {
      if (text === '') end(socket);
      else
        socket.write(text, () =>
          setImmediate(() => {
            end(socket);
          }),
        );
    });
  };
  return (await tlsServer(serve, { minVersion: version, maxVersion: version })).port;
}

describe.each(Object.entries(CARRIERS))('over %s', (_name, connector) => {
  describe.each(['TLSv1.2', 'TLSv1.3'] as const)('%s', (version) => {
    test.each([
      ['hello', 'ended', undefined],
      ['hello', 'cut', 'HTTP_TLS_TRUNCATED'],
      ['x'.repeat(300_000), 'ended', undefined],
      ['x'.repeat(300_000), 'cut', 'HTTP_TLS_TRUNCATED'],
      ['', 'ended', undefined],
      ['', 'cut', 'HTTP_TLS_TRUNCATED'],
    ])('a body to the end of the stream (RFC 9112, section 9.8): %#', async (body, end, code) => {
      const port = await server(`${HEAD}\r\n${body}`, ENDS[end]!, version);
      const connection = open(port, { connector });
      await connection.request('GET', '/');
      const response = await connection.getResponse();
      if (code === undefined) {
        expect(await response.text()).toBe(body);
      } else {
        const error = await rejection(response.read());
        expect(error).toBeInstanceOf(IncompleteRead);
        expect((error['partial'] as Uint8Array).length).toBe(body.length);
        expect(error.cause).toBeInstanceOf(HTTPException);
        expect(error.cause).toMatchObject({ code });
      }
    });

    test.each([
      ['ended', undefined],
      ['cut', 'HTTP_TLS_TRUNCATED'],
    ])(
      'what follows a 101, and is more than is read ahead, is all there once detached: %s',
      async (end, code) => {
        const fields = 'Connection: Upgrade\r\nUpgrade: raw\r\n';
        const raw = 'x'.repeat(300_000);
        const port = await server(`HTTP/1.1 101 \r\n${fields}\r\n${raw}`, ENDS[end]!, version);
        const connection = open(port, { connector });
        await connection.request('GET', '/', { headers: { Connection: 'Upgrade', Upgrade: 'raw' } });
        await connection.getResponse();
        for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
        const { transport, head } = connection.detach();
        expect(head.length).toBeLessThan(raw.length);
        let received = head.length;
        const reading = async (): Promise<void> => {
          for (let block = await transport.read(); block !== null; block = await transport.read())
            received += block.length;
        };
        if (code === undefined) await reading();
        else expect(await rejection(reading())).toMatchObject({ code });
        expect(received).toBe(raw.length);
        transport.close();
      },
    );

    test('a proper end that arrives while nobody reads, behind more than is buffered, is one', async () => {
      const body = 'x'.repeat(100_000);
      let sent!: () => void;
      const whole = new Promise<void>((resolve) => (sent = resolve));
      const serve = (socket: TLSSocket): void => {
        socket.once('data', () => socket.end(`${HEAD}\r\n${body}`, sent));
      };
      const { port } = await tlsServer(serve, { minVersion: version, maxVersion: version });
      const connection = open(port, { connector });
      await connection.request('GET', '/');
      const response = await connection.getResponse();
      await whole;
      // Until it has arrived here, too, which nothing shows.
      for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
      expect(await response.text()).toBe(body);
    });

    test.each([
      ['with a length', `${HEAD}Content-Length: 5\r\n\r\nhello`],
      ['in chunks', `${HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`],
    ])('a whole body %s is complete, however the stream ends', async (_framing, text) => {
      for (const end of Object.values(ENDS)) {
        expect(await get(open(await server(text, end, version), { connector }))).toBe('hello');
      }
    });

    test('half a body is incomplete, however the stream ends', async () => {
      for (const end of [ENDS['cut']!, ENDS['ended']!]) {
        const port = await server(`${HEAD}Content-Length: 9\r\n\r\nhello`, end, version);
        const error = await rejection(get(open(port, { connector })));
        expect(error).toBeInstanceOf(IncompleteRead);
        expect(error).toMatchObject({ expected: 4 });
      }
    });

    // Anybody on the path can do that, and what TLS reports then is an error, not an end.
    test.each([
      ['to the end of the stream', `${HEAD}\r\nhello`],
      ['with a length', `${HEAD}Content-Length: 9\r\n\r\nhello`],
      ['in chunks', `${HEAD}Transfer-Encoding: chunked\r\n\r\n9\r\nhello`],
    ])('bytes that are no record of TLS do not end a body %s', async (_framing, text) => {
      const port = await server(text, ENDS['forged']!, version);
      const connection = open(port, { connector });
      const error = await rejection(get(connection));
      expect(error).toBeInstanceOf(IncompleteRead);
      expect((error.cause as { code?: string }).code).toMatch(/^ERR_SSL_/);
      expect(new TextDecoder().decode(error['partial'] as Uint8Array)).toBe('hello');
      expect(connection.transport).toBeUndefined();
    });

    test('no response at all is RemoteDisconnected, however the stream ends', async () => {
      for (const end of [ENDS['cut']!, ENDS['ended']!]) {
        const error = await rejection(get(open(await server('', end, version), { connector })));
        expect(error).toBeInstanceOf(RemoteDisconnected);
        expect(error['delivery']).toBe('sent');
      }
    });

    test.each<[string, HTTPSConnectionOptions, readonly string[]]>([
      ['strict: false', { strict: false }, []],
      ['truncated-body', { tolerate: ['truncated-body'] }, ['truncated-body']],
    ])('accepted with %s', async (_how, options, violations) => {
      const connection = open(await server(`${HEAD}\r\nhello`, cutOff, version), { connector, ...options });
      await connection.request('GET', '/');
      const response = await connection.getResponse();
      expect(await response.text()).toBe('hello');
      expect(response.violations.map(({ rule }) => rule)).toEqual(violations);
    });
  });
});

test('a proxy that ends its own TLS properly does not end the TLS within it', async () => {
  const { port } = await tlsServer((socket) => {
    socket.once('data', () =>
      socket.write(`${HEAD}\r\nhello`, () =>
        setImmediate(() => {
          cutOff(socket);
        }),
      ),
    );
  });
  const through = await proxy({});
  const connection = open(through.port, { proxyContext: trusting() });
  connection.setTunnel('localhost', port);
  await connection.request('GET', '/');
  const response = await connection.getResponse();
  expect(await rejection(response.text())).toBeInstanceOf(IncompleteRead);
});

test.each(['cut', 'ended'])('a transport used directly, %s', async (end) => {
  const { port } = await tlsServer((socket) => {
    socket.write('hello', () =>
      setImmediate(() => {
        ENDS[end]!(socket);
      }),
    );
  });
  const raw = await connectTCP({ host: '127.0.0.1', port });
  const transport = await startTLS(raw, 'localhost', { context: trusting() });
  expect(new TextDecoder().decode(await transport.read())).toBe('hello');
  if (end === 'ended') expect(await transport.read()).toBeNull();
  else expect(await rejection(transport.read())).toMatchObject({ code: 'HTTP_TLS_TRUNCATED' });
  transport.close();
  // The transport below has been used up.
  expect(await rejection(raw.write(new Uint8Array(1)))).toBeInstanceOf(HTTPException);
});
