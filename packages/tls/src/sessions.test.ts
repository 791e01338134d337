import { X509Certificate } from 'node:crypto';
import { connect, createSecureContext } from 'node:tls';

import { describe, expect, inject, onTestFinished, test, vi } from 'vitest';

import { createDefaultContext, type HTTPSConnectionOptions, type TLSContext } from './index.js';
import { Sessions } from './sessions.js';
import { httpsServer, proxy, tcpServer, tlsServer } from './testdata/peers.js';
import { CARRIERS, get, NATIVE, open, rejection, trusting } from './testdata/stage.js';

/** SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION: otherwise the server shows no certificate in it. */
const FULL_RENEGOTIATION = 0x10000;

/** A server that records for each handshake whether it resumed a session. */
async function teller(options: TLSContext = {}) {
  const reused: boolean[] = [];
  const peer = await httpsServer((_request, response) => response.end('hello'), options as object);
  peer.server.on('secureConnection', (socket) => reused.push(socket.isSessionReused()));
  return { ...peer, reused };
}

async function ask(port: number, options: HTTPSConnectionOptions, host?: string): Promise<void> {
  const connection = open(port, options, host);
  expect(await get(connection)).toBe('hello');
  connection.close();
}

describe.each(Object.entries(CARRIERS))('over %s', (_name, connector) => {
  describe.each(['TLSv1.2', 'TLSv1.3'] as const)('%s', (version) => {
    const both = { minVersion: version, maxVersion: version };

    test('the next connection with the same context resumes', async () => {
      const { port, reused } = await teller(both);
      const context = trusting();
      for (let count = 0; count < 4; count++) await ask(port, { connector, context });
      expect(reused).toEqual([false, true, true, true]);
    });

    test('an undefined session in the context is none', async () => {
      const { port, reused } = await teller(both);
      const context = trusting({ session: undefined });
      for (let count = 0; count < 2; count++) await ask(port, { connector, context });
      expect(reused).toEqual([false, true]);
    });

    test('another context, port or name does not', async () => {
      const one = await teller(both);
      const other = await teller(both);
      // Either server would accept the other's sessions.
      for (const { server } of [one, other]) server.setTicketKeys(Buffer.alloc(48, 1));
      const context = trusting();
      await ask(one.port, { connector, context });
      await ask(one.port, { connector, context: trusting() });
      await ask(one.port, { connector, context }, '127.0.0.1');
      await ask(other.port, { connector, context });
      expect([...one.reused, ...other.reused]).toEqual([false, false, false, false]);
    });

    test('a session that the server does not know does no harm', async () => {
      const { port, server, reused } = await teller(both);
      const context = trusting();
      await ask(port, { connector, context });
      server.setTicketKeys(Buffer.alloc(48, 1));
      await ask(port, { connector, context });
      await ask(port, { connector, context });
      expect(reused).toEqual([false, false, true]);
    });

    test('a session established without a check is not resumed by a connection that checks', async () => {
      const { port, reused } = await teller(both);
      const context: TLSContext = { rejectUnauthorized: false };
      await ask(port, { connector, context });
      await ask(port, { connector, context });
      context.rejectUnauthorized = true;
      expect(await rejection(get(open(port, { connector, context })))).toMatchObject({ delivery: 'unsent' });
      expect(reused.slice(0, 2)).toEqual([false, true]);
    });

    test('nor is a session of the same server under another name', async () => {
      const { port, reused } = await teller(both);
      const context = trusting();
      await ask(port, { connector, context });
      context.servername = 'other.example';
      const error = await rejection(get(open(port, { connector, context })));
      expect(error['code']).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
      expect(reused[0]).toBe(false);
    });

    test('nor is one established by another checkServerIdentity', async () => {
      const { port, reused } = await teller(both);
      const context = trusting();
      for (let count = 0; count < 2; count++) await ask(port, { connector, context });
      context.checkServerIdentity = () => new Error('not the pinned key');
      const { message } = await rejection(get(open(port, { connector, context })));
      expect(message).toContain('not the pinned key');
      expect(reused.slice(0, 2)).toEqual([false, true]);
    });

    // Node checks the name in a certificate only in a full handshake.
    test('nor is a session whose name was not checked', async () => {
      const { port, reused } = await teller(both);
      const context = trusting({ rejectUnauthorized: false });
      await ask(port, { connector, context }, 'other.example');
      await ask(port, { connector, context }, 'other.example');
      context.rejectUnauthorized = true;
      const error = await rejection(get(open(port, { connector, context }, 'other.example')));
      expect(error['code']).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
      expect(reused.slice(0, 2)).toEqual([false, true]);
    });

    // Neither Node nor OpenSSL examines the certificate again, however long ago it was shown.
    test('nor is one whose certificate has expired since', async () => {
      const { port, reused } = await teller(both);
      const context = trusting();
      for (let count = 0; count < 3; count++) await ask(port, { connector, context });
      vi.useFakeTimers({
        toFake: ['Date'],
        now: Date.parse(new X509Certificate(inject('certificates').valid.cert).validTo),
      });
      onTestFinished(() => {
        vi.useRealTimers();
      });
      await ask(port, { connector, context });
      expect(reused).toEqual([false, true, true, false]);
    });
  });
});

// A server that is updated, or one of several behind a name, may speak another version at the next connection.
test.each([
  ['TLSv1.2', 'TLSv1.3'],
  ['TLSv1.3', 'TLSv1.2'],
] as const)('a session of %s does no harm with a server that only speaks %s', async (before, after) => {
  const one = await teller({ minVersion: before, maxVersion: before });
  const other = await teller({ minVersion: after, maxVersion: after });
  const context = trusting();
  for (const port of [one.port, one.port, other.port, other.port]) {
    await ask(443, { connector: (target) => NATIVE({ ...target, port }), context });
  }
  expect([...one.reused, ...other.reused]).toEqual([false, true, false, true]);
});

// The new session is issued before that certificate has been verified.
describe.each(Object.entries(CARRIERS))('over %s, a server that negotiates again', (_name, connector) => {
  test.each([
    ['its own', 'valid', 'hello'],
    ['that of another name', 'otherName', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['one that is not trusted', 'selfSigned', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ] as const)(
    'with %s as its certificate: the session before that is resumed',
    async (_what, name, result) => {
      const reused: boolean[] = [];
      const certificate = createSecureContext(inject('certificates')[name]);
      const { port } = await tlsServer(
        (socket) => {
          reused.push(socket.isSessionReused());
          const respond = (): void => {
            socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');
          };
          socket.once('data', () => {
            if (reused.length > 1) {
              respond();
            } else {
              socket.setKeyCert(certificate);
              socket.renegotiate({}, respond);
            }
          });
        },
        { maxVersion: 'TLSv1.2', secureOptions: FULL_RENEGOTIATION },
      );
      const context = trusting();
      const first = open(port, { connector, context });
      expect(await get(first).catch((error: unknown) => (error as { code: string }).code)).toBe(result);
      expect(first.reusable).toBe(result === 'hello');
      await ask(port, { connector, context });
      expect(reused).toEqual([false, true]);
    },
  );
});

test('a session whose certificate was refused is not kept', async () => {
  const { port, reused } = await teller({ maxVersion: 'TLSv1.2' });
  const context = trusting({ checkServerIdentity: () => new Error('no') });
  for (let count = 0; count < 2; count++) {
    expect((await rejection(get(open(port, { context })))).message).toContain('no');
  }
  expect(reused).toEqual([false, false]);
});

// The server may have failed because of it.
test('a failed handshake forgets the session: the next one is a full one', async () => {
  const { port, reused } = await teller();
  const failing = await tcpServer((socket) => socket.end());
  const context = trusting();
  const through = (to: number): HTTPSConnectionOptions => ({
    connector: (target) => NATIVE({ ...target, port: to }),
    context,
  });
  await ask(443, through(port));
  await rejection(get(open(443, through(failing.port))));
  await ask(443, through(port));
  expect(reused).toEqual([false, false]);
});

test('through a tunnel, by the name and port of its target', async () => {
  const { port, reused } = await teller();
  const through = await proxy();
  const context = trusting();
  for (let count = 0; count < 2; count++) {
    const connection = open(through.port, { context }, 'proxy.example');
    connection.setTunnel(`localhost:${port}`);
    expect(await get(connection)).toBe('hello');
    connection.close();
  }
  await ask(port, { context });
  expect(reused).toEqual([false, true, true]);
});

test('a default context', async () => {
  const { port, reused } = await teller();
  const context = createDefaultContext({ verify: false });
  for (let count = 0; count < 2; count++) await ask(port, { context });
  expect(reused).toEqual([false, true]);
});

test('a session that the context brings along is resumed', async () => {
  const { port, reused } = await teller({ maxVersion: 'TLSv1.2' });
  // The name as it is sent to the server: some versions of OpenSSL resume no session of another, or of none.
  const socket = connect({ ...trusting(), host: 'localhost', servername: 'localhost', port });
  const session = await new Promise<Buffer>((resolve) => socket.once('session', resolve));
  await ask(port, { context: trusting({ session }) });
  socket.destroy();
  expect(reused).toEqual([false, true]);
});

test('256 are kept, the newest', () => {
  const sessions = new Sessions();
  const session = Buffer.alloc(1);
  const check = (): undefined => undefined;
  const keep = (server: string): void => {
    sessions.keep(server, session, Infinity, check);
  };
  keep('first');
  keep('second');
  for (let count = 0; count < 254; count++) keep(String(count));
  keep('first');
  keep('one more');
  expect(sessions.get('first', check)).toBe(session);
  expect(sessions.get('second', check)).toBeUndefined();
  sessions.drop('first');
  expect(sessions.get('first', check)).toBeUndefined();
});
