import { createHash, randomFillSync } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';

import { HTTPConnection } from '@http-client/connection';
import { HTTPException, InvalidURL } from '@http-client/errors';
import type { Connector, Transport } from '@http-client/io';
import { describe, expect, inject, onTestFinished, test } from 'vitest';

import { temporaryFolder } from '../../../tests/support/folders.js';
import { HTTPSConnection, startTLS } from './index.js';
import { httpsServer, tcpServer, tlsServer } from './testdata/peers.js';
import { CARRIERS, get, NATIVE, open, rejection, trusting, until } from './testdata/stage.js';

const LARGE = randomFillSync(Buffer.alloc(20_000_000));
const checksum = (...blocks: readonly Uint8Array[]): string => {
  const hash = createHash('sha256');
  for (const block of blocks) hash.update(block);
  return hash.digest('hex');
};
const SUM = checksum(LARGE);

async function received(request: IncomingMessage): Promise<Buffer> {
  const blocks: Buffer[] = [];
  for await (const block of request) blocks.push(block as Buffer);
  return Buffer.concat(blocks);
}

describe.each(Object.entries(CARRIERS))('over %s', (_name, connector) => {
  test('200 requests on one connection', async () => {
    const ports = new Set<number | undefined>();
    const { port } = await httpsServer((request, response) => {
      ports.add(request.socket.remotePort);
      response.end(`You asked for ${request.url ?? ''}`);
    });
    const connection = open(port, { connector });
    for (let count = 0; count < 200; count++) {
      expect(await get(connection, `/${count}`)).toBe(`You asked for /${count}`);
      expect(connection.reusable).toBe(true);
    }
    expect(ports.size).toBe(1);
  });

  test.each([
    ['with a length', true],
    ['in chunks', false],
  ])('20 MB down, %s', async (_framing, whole) => {
    const { port } = await httpsServer((_request, response) => {
      if (whole) response.setHeader('Content-Length', LARGE.length);
      for (let at = 0; at < LARGE.length; at += 1_000_000) response.write(LARGE.subarray(at, at + 1_000_000));
      response.end();
    });
    const connection = open(port, { connector });
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    expect(response.chunked).toBe(!whole);
    expect(checksum(await response.read())).toBe(SUM);
    expect(await get(connection, '/')).toHaveLength(new TextDecoder().decode(LARGE).length);
  });

  test('20 MB down, in blocks, and to the end of the stream', async () => {
    const { port } = await tlsServer((socket) => {
      socket.once('data', () => socket.end(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), LARGE])));
    });
    const connection = open(port, { connector });
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    expect(response.willClose).toBe(true);
    const blocks: Uint8Array[] = [];
    for await (const block of response) blocks.push(block);
    expect(checksum(...blocks)).toBe(SUM);
  });

  test.each([
    ['by its length', () => LARGE],
    [
      'in chunks',
      function* () {
        for (let at = 0; at < LARGE.length; at += 70_000) yield LARGE.subarray(at, at + 70_000);
      },
    ],
  ])('20 MB up, %s', async (_framing, body) => {
    const { port } = await httpsServer((request, response) => {
      void received(request).then((bytes) => response.end(checksum(bytes)));
    });
    const connection = open(port, { connector });
    await connection.request('PUT', '/', { body: body() });
    expect(await (await connection.getResponse()).text()).toBe(SUM);
    expect(connection.reusable).toBe(true);
  });

  test('a response that arrives before the body has been sent, from a server that has stopped reading', async () => {
    const { port } = await tlsServer((socket) => {
      socket.once('data', () => {
        socket.pause();
        socket.write(
          'HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 4\r\n\r\nfull',
          () => {
            socket.destroy();
          },
        );
      });
    });
    const connection = open(port, { connector });
    const error = await rejection(connection.request('PUT', '/', { body: LARGE }));
    expect(['EPIPE', 'ECONNRESET']).toContain(error['code']);
    expect(['partial', 'answered']).toContain(error['delivery']);
    const response = await connection.getResponse();
    expect([response.status, await response.text()]).toEqual([413, 'full']);
  });

  test('a server that has responded, and ended its side, still receives the rest of the body', async () => {
    let received = 0;
    const { port } = await tlsServer(
      (socket) => {
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone'));
        socket.on('data', (data: Buffer) => (received += data.length));
      },
      { allowHalfOpen: true },
    );
    const connection = open(port, { connector });
    async function* body(): AsyncGenerator<Uint8Array, void, void> {
      yield LARGE.subarray(0, 1000);
      await until(() => !connection.reusable);
      yield LARGE.subarray(1000);
    }
    await connection.request('PUT', '/', { body: body() });
    expect(await (await connection.getResponse()).text()).toBe('done');
    await until(() => received > LARGE.length);
  });

  // As servers do that ask for a certificate only for some of their pages. TLS 1.3 has no renegotiation.
  test('a server that negotiates again, while idle, before its response and within it', async () => {
    let times = 0;
    const { port } = await tlsServer(
      (socket) => {
        const again = (then: () => void): void => {
          socket.renegotiate({}, () => {
            times++;
            then();
          });
        };
        const respond = (): void => {
          again(() => {
            socket.write('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf', () => {
              again(() => socket.write('half'));
            });
          });
        };
        socket.once('data', () => {
          socket.write('HTTP/1.1 204 No Content\r\n\r\n', () => {
            again(() => socket.once('data', respond));
          });
        });
      },
      { maxVersion: 'TLSv1.2' },
    );
    const connection = open(port, { connector });
    expect(await get(connection)).toBe('');
    await until(() => times === 1);
    expect(await get(connection)).toBe('halfhalf');
    expect([times, connection.reusable]).toEqual([3, true]);
  });

  test('a slow reader slows the server', async () => {
    let taken = 0;
    const { port } = await tlsServer((socket) => {
      socket.once('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${LARGE.length}\r\n\r\n`);
        const more = (): void => {
          while (taken < LARGE.length) {
            taken += 100_000;
            if (!socket.write(LARGE.subarray(taken - 100_000, taken))) return;
          }
        };
        socket.on('drain', more);
        more();
      });
    });
    const connection = open(port, { connector });
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    // Until the buffers in between are full.
    let before = -1;
    while (before !== taken) {
      before = taken;
      for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
    }
    expect(taken).toBeLessThan(LARGE.length);
    expect(checksum(await response.read())).toBe(SUM);
  });

  type Begin = (connection: HTTPSConnection, received: Promise<void>) => Promise<{ waits: Promise<unknown> }>;
  test.each<[what: string, delivery: string, begin: Begin]>([
    [
      'a response',
      'sent',
      async (connection) => {
        await connection.request('GET', '/');
        return { waits: connection.getResponse() };
      },
    ],
    [
      'an upload',
      'partial',
      async (connection, received) => {
        const waits = connection.request('PUT', '/', { body: LARGE });
        await received;
        return { waits };
      },
    ],
  ])('what TLS runs on, closed by the one who opened it, ends %s', async (_what, delivery, begin) => {
    let began!: () => void;
    const received = new Promise<void>((resolve) => (began = resolve));
    const { port } = await tlsServer((socket) => {
      socket.once('data', began).once('data', () => socket.pause());
    });
    const transports: Transport[] = [];
    const opening: Connector = async (target) => {
      const transport = await connector(target);
      transports.push(transport);
      return transport;
    };
    const { waits } = await begin(open(port, { connector: opening }), received);
    const rejected = rejection(waits);
    transports[0]!.close();
    expect(await rejected).toHaveProperty('delivery', delivery);
  });

  test('close() is immediate, but sends close_notify', async () => {
    const { port } = await httpsServer((_request, response) => response.end('hello'));
    const sent: Buffer[] = [];
    const relay = await tcpServer((socket) => {
      const to = connect(port, '127.0.0.1');
      to.on('error', () => undefined);
      socket
        .on('data', (block: Buffer) => sent.push(block))
        .pipe(to)
        .pipe(socket);
    });
    // Before TLS 1.3, the type of a record is visible from outside.
    const context = trusting({ maxVersion: 'TLSv1.2' });
    const connection = open(relay.port, { connector, context });
    expect(await get(connection)).toBe('hello');
    const { transport } = connection;
    connection.close();
    expect(connection.transport).toBeUndefined();
    expect(await transport?.read()).toBeNull();
    expect(await rejection(transport!.write(new Uint8Array(1)))).toBeInstanceOf(HTTPException);
    transport?.close();
    await until(() => relay.open.size === 0);
    const bytes = Buffer.concat(sent);
    const types: number[] = [];
    for (let at = 0; at < bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) types.push(bytes[at]!);
    expect(types.at(-1)).toBe(21);
  });
});

test('over a Unix domain socket', async () => {
  const socketPath = join(temporaryFolder(), 'https');
  const server = createServer(inject('certificates').valid, (_request, response) => response.end('hello'));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const connection = open(443, { connector: undefined, socketPath });
  for (let count = 0; count < 2; count++) expect(await get(connection)).toBe('hello');
  expect(connection.reusable).toBe(true);
});

test('on the transport of a connection that has switched to TLS (RFC 2817, section 3)', async () => {
  const { valid } = inject('certificates');
  const { port } = await tcpServer((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade\r\n\r\n');
      const secure = new TLSSocket(socket, { ...valid, isServer: true });
      secure.on('data', () => secure.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecure'));
    });
  });
  const plain = new HTTPConnection('localhost', port, { connector: NATIVE });
  await plain.request('GET', '/', { headers: { Upgrade: 'TLS/1.2', Connection: 'Upgrade' } });
  expect((await plain.getResponse()).status).toBe(101);
  const { transport } = plain.detach();
  const secure = await startTLS(transport, 'localhost', { context: trusting() });
  const connection = new HTTPConnection('localhost', 443, { connector: () => Promise.resolve(secure) });
  for (let count = 0; count < 2; count++) {
    await connection.request('GET', '/');
    expect(await (await connection.getResponse()).text()).toBe('secure');
  }
  connection.close();
});

test('fileno is that of the socket; there is none below a transport without one', async () => {
  const { port } = await httpsServer((_request, response) => response.end('hello'));
  const numbers: unknown[] = [];
  for (const connector of Object.values(CARRIERS)) {
    const connection = open(port, { connector });
    await connection.connect();
    numbers.push(connection.transport?.fileno);
  }
  expect(numbers[0]).toBeGreaterThan(2);
  expect(numbers[1]).toBe(-1);
});

test('the transport used directly, by read and write', async () => {
  const { port } = await tlsServer((socket) => socket.pipe(socket));
  const raw = await CARRIERS['the socket itself']!({ host: 'localhost', port });
  const transport = await startTLS(raw, 'localhost', { context: trusting() });
  await transport.write(Buffer.from('spam'));
  expect(Buffer.from((await transport.read())!).toString()).toBe('spam');
  await transport.writev?.([Buffer.from('eggs'), Buffer.from(' and '), Buffer.from('ham')]);
  let text = '';
  while (text.length < 12) text += Buffer.from((await transport.read())!).toString();
  expect(text).toBe('eggs and ham');
  transport.close();
});

// Node's stream holds the second one back until a later turn, and the socket below knows nothing of it yet.
test('a large write right behind a small one waits for a peer that does not read', async () => {
  const { port } = await tlsServer((socket) => socket.pause());
  const raw = await CARRIERS['the socket itself']!({ host: 'localhost', port });
  const transport = await startTLS(raw, 'localhost', { context: trusting() });
  await transport.write(Buffer.from('spam'));
  const behind = rejection(transport.write(LARGE));
  transport.close();
  expect((await behind).message).toBe('Cannot use the transport: it has been closed');
});

test('the port is 443, and not part of Host and URL', async () => {
  expect(HTTPSConnection.defaultPort).toBe(443);
  expect(new HTTPSConnection('example.org').port).toBe(443);
  expect(new HTTPSConnection('example.org:8443').port).toBe(8443);
  let host: string | undefined;
  const { port } = await httpsServer((request, response) => {
    host = request.headers.host;
    response.end();
  });
  const connection = open(443, {
    connector: (target) => CARRIERS['the socket itself']!({ ...target, port }),
  });
  await connection.request('GET', '/path');
  const response = await connection.getResponse();
  expect(host).toBe('localhost');
  expect(response.url).toBe('https://localhost/path');
});

test.each([10, null, 'localhost'])('%j instead of the options', (given) => {
  expect(() => new HTTPSConnection('localhost', 443, given as never)).toThrow(
    new TypeError(`Cannot use "${String(given)}" as options: expected an object with named options`),
  );
});

test('a client certificate, and the lack of one', async () => {
  const { root, client, strangeClient } = inject('certificates');
  const { port } = await httpsServer(
    (request, response) => {
      const { socket } = request as unknown as {
        socket: { getPeerCertificate(): { subject: { CN: string } } };
      };
      response.end(`Hello, ${socket.getPeerCertificate().subject.CN}`);
    },
    { requestCert: true, rejectUnauthorized: true, ca: root.cert },
  );
  expect(await get(open(port, { context: trusting(client) }))).toBe('Hello, a client');
  // In TLS 1.3 the server verifies it after the handshake, and may reset before its alert has been read.
  for (const none of [{}, strangeClient]) {
    const error = await rejection(get(open(port, { context: trusting(none) })));
    expect(['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'ECONNRESET', 'EPIPE']).toContain(error['code']);
    // The message says what is wrong and with whom, without OpenSSL's files and addresses.
    expect(error.message).toMatch(/^[^\n]+localhost:\d+[^\n]*$/);
    expect(error.message).not.toContain('error:');
    const early = await rejection(get(open(port, { context: trusting({ ...none, maxVersion: 'TLSv1.2' }) })));
    expect(early['delivery']).toBe('unsent');
  }
});

test('an invalid host', () => {
  expect(() => new HTTPSConnection('exa\rmple.org')).toThrow(InvalidURL);
});
