import { connect, createServer } from 'node:net';

import {
  createDefaultContext,
  HTTPConnection,
  HTTPSConnection,
  parseHeaderBlock,
  quote,
  type HTTPResponse,
} from '@http-client/client';
import { afterRequest, END, scriptedTransport } from '@http-client/connection/testing';
import { expect, onTestFinished, vi } from 'vitest';

import { startPlayground } from '../../apps/playground/web/e2e/playground.js';
import { everywhere } from '../support/pollution.js';
import {
  answered,
  CHUNKED,
  FORGED,
  getSecurely,
  HEAD,
  listen,
  OK,
  outcome,
  SECRET,
  secure,
  sent,
  torrent,
  tunnelled,
  type Attacks,
  type HTTPSConnectionContext,
} from './stage.js';

/** Attacks by the behaviour of a peer: by what it makes this side hold, do or wait for, and by who it is. */
export const PEERS: Attacks = {
  'a length beyond any memory': async () => {
    const before = process.memoryUsage().arrayBuffers;
    expect(await answered([`${HEAD}Content-Length: 9007199254740991\r\n\r\nhi`, END])).toBe('IncompleteRead');
    expect(await answered([`${CHUNKED}1fffffffffffff\r\nhi`, END])).toBe('IncompleteRead');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
  },

  'a response that leaves a block partly unfilled, to expose what that memory held before': async () => {
    // Leaves memory with content for the next block to be allocated from.
    for (let round = 0; round < 50; round++) Buffer.alloc(200_000, 'secret');
    const { connector } = scriptedTransport([
      `${HEAD}Content-Length: 500000\r\n\r\n`,
      'x'.repeat(60_000),
      'x'.repeat(50_000),
      END,
    ]);
    const connection = new HTTPConnection('example.org', 80, { connector, tolerate: ['truncated-body'] });
    await connection.request('GET', '/');
    const body = await (await connection.getResponse()).read();
    expect(body.length).toBe(110_000);
    expect(Buffer.from(body.buffer).indexOf('secret')).toBe(-1);
    expect(body.buffer.byteLength).toBe(110_000);
  },

  'a response that is read into memory which still holds that of another server': async () => {
    const answering = (body: string): Promise<number> =>
      listen(
        createServer((socket) => {
          socket.on('error', () => undefined);
          socket.on('data', () => socket.write(`${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`));
        }),
      );
    const asked = async (port: number): Promise<HTTPResponse> => {
      const connection = new HTTPConnection('127.0.0.1', port);
      onTestFinished(() => {
        connection.close();
      });
      await connection.request('GET', '/');
      return connection.getResponse();
    };
    const first = await asked(await answering('secret'.repeat(100)));
    const second = await asked(await answering('x'.repeat(1000)));
    expect(Buffer.from((await second.read()).buffer).toString()).toBe('x'.repeat(1000));
    expect(await first.text()).toBe('secret'.repeat(100));
  },

  'more data than the caller reads': async () => {
    const { port, stuck } = await torrent();
    const connection = new HTTPConnection('127.0.0.1', port);
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    // The kernel's buffers on both sides take some.
    expect(await stuck).toBeLessThan(50_000_000);
    expect(response.closed).toBe(false);
    connection.close();
  },

  'single bytes, or a line of nothing but spaces, which make some parsers search the same bytes repeatedly':
    async () => {
      // Quadratic work on these would exceed the time limit of a test.
      const blanks = Buffer.from(`A:${' '.repeat(4_000_000)}b\r\n\r\n`);
      expect(parseHeaderBlock(blanks, { maxLineLength: 5_000_000 })?.headers.get('A')).toBe('b');
      const field = `A: ${'a'.repeat(60_000)}\r\n`;
      const script = [`${HEAD}${field.repeat(25)}Content-Length: 0\r\n\r\n`];
      const transport = scriptedTransport(script, { split: 'bytes' });
      const connection = new HTTPConnection('example.org', 80, { connector: transport.connector });
      await connection.request('GET', '/');
      expect((await connection.getResponse()).headers.getAll('A')).toHaveLength(25);
      connection.close();
    },

  'a peer that stops sending': async () => {
    for (const start of [
      [],
      ['HTTP/1.1'],
      [HEAD],
      [`${HEAD}Content-Length: 5\r\n\r\nhi`],
      [`${CHUNKED}2\r\nhi`],
    ]) {
      const stalling = await listen(
        createServer((socket) => {
          socket.on('error', () => undefined);
          for (const text of start) socket.write(text);
        }),
      );
      const connection = new HTTPConnection('127.0.0.1', stalling, { timeout: 100 });
      const came = await outcome(async () => {
        await connection.request('GET', '/');
        return (await connection.getResponse()).text();
      });
      expect(came).toBe('TimeoutError');
    }
  },

  'a body cut short by a FIN or a RST': async () => {
    for (const text of [
      `${HEAD}Content-Length: 5\r\n\r\nhi`,
      `${CHUNKED}2\r\nhi`,
      `${CHUNKED}2\r\nhi\r\n0\r\n`,
    ])
      expect(await answered([text, END])).toBe('IncompleteRead');
    // A reset, for a body that is delimited by the end of the connection.
    const port = await listen(
      createServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => {
          socket.write(`${HEAD}\r\nhi`, () => setImmediate(() => socket.resetAndDestroy()));
        });
      }),
    );
    const connection = new HTTPConnection('127.0.0.1', port);
    await connection.request('GET', '/');
    expect(await outcome(async () => (await connection.getResponse()).read())).toBe('IncompleteRead');
  },

  'TLS cut short by somebody on the path, who cannot forge its close_notify': async () => {
    // A relay forwards the TLS bytes, and sends a FIN once the client has the response.
    const { port, ca } = await secure((socket) => socket.write(`${HEAD}\r\nhi`));
    let cut!: () => void;
    const onTheWay = await listen(
      createServer((near) => {
        const far = connect(port, '127.0.0.1');
        for (const socket of [near, far]) socket.on('error', () => undefined);
        near.pipe(far);
        far.pipe(near, { end: false });
        cut = () => {
          far.unpipe(near);
          near.end();
          far.destroy();
        };
      }),
    );
    const connection = new HTTPSConnection('127.0.0.1', onTheWay, { context: { ca } });
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    expect(Buffer.from(await response.read(2)).toString()).toBe('hi');
    cut();
    expect(await outcome(() => response.read())).toBe('IncompleteRead');
  },

  'a certificate for another name, of an unknown authority, or out of date': async () => {
    const unknown = await secure((socket) => socket.end(OK));
    const other = await secure((socket) => socket.end(OK), { ip: '127.0.0.2' });
    const expired = await secure((socket) => socket.end(OK), { notAfterDate: new Date(2020, 0) });
    expect(await getSecurely(unknown.port)).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(await getSecurely(other.port, { ca: unknown.ca })).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(await getSecurely(other.port, { ca: other.ca })).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await getSecurely(expired.port, { ca: expired.ca })).toBe('CERT_HAS_EXPIRED');
    expect([...unknown.asked, ...other.asked, ...expired.asked]).toEqual([]);
    expect(await getSecurely(unknown.port, { ca: unknown.ca })).toBe('hi');
  },

  'TLS before 1.2, or another protocol by ALPN (downgrade)': async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
    const server = await secure((socket) => socket.end(OK), old);
    expect(await getSecurely(server.port, { ca: server.ca })).toMatch(/^ERR_SSL_/);
    const other = await secure((socket) => socket.end(OK), { ALPNProtocols: ['h2'] });
    expect(await getSecurely(other.port, { ca: other.ca, ALPNProtocols: ['h2', 'http/1.1'] })).toBe(
      'HTTPException',
    );
    expect([...server.asked, ...other.asked]).toEqual([]);
  },

  'an environment variable, or a session established without a check or by a certificate that has expired since, that switches the check off':
    async () => {
      const { port } = await secure((socket) => socket.end(OK));
      vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
      onTestFinished(() => {
        vi.unstubAllEnvs();
      });
      expect(await getSecurely(port)).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
      const context: HTTPSConnectionContext = { rejectUnauthorized: false };
      expect(await getSecurely(port, context)).toBe('hi');
      context.rejectUnauthorized = true;
      expect(await getSecurely(port, context)).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');

      const resumed: boolean[] = [];
      const server = await secure((socket) => {
        resumed.push(socket.isSessionReused());
        socket.end(OK);
      });
      const trusting = { ca: server.ca };
      for (let count = 0; count < 2; count++) expect(await getSecurely(server.port, trusting)).toBe('hi');
      vi.useFakeTimers({ toFake: ['Date'], now: new Date(9999, 0) });
      onTestFinished(() => {
        vi.useRealTimers();
      });
      expect(await getSecurely(server.port, trusting)).toBe('hi');
      expect(resumed).toEqual([false, true, false]);
    },

  'an option that somebody has added to every object (prototype pollution), which adds to requests, redirects them or switches a check off':
    async () => {
      const polluted: [name: string, value: unknown, call: (connection: HTTPConnection) => unknown][] = [
        ['headers', { Evil: '1' }, (connection) => connection.request('GET', '/', {})],
        ['body', 'evil', (connection) => connection.request('GET', '/', {})],
        ['socketPath', '/evil', () => new HTTPConnection('example.org', 80, {})],
        ['context', { rejectUnauthorized: false }, () => new HTTPSConnection('example.org')],
        ['verify', false, () => createDefaultContext()],
      ];
      for (const [name, value, call] of polluted) {
        const run = (connection: HTTPConnection): unknown => everywhere(name, value, () => call(connection));
        expect(await sent((connection) => Promise.resolve().then(() => run(connection)))).toEqual([
          'TypeError',
          '',
        ]);
      }
    },

  "a proxy that sends a response of its own after its 2xx, to pass for the server's": async () => {
    const { came, writes } = await tunnelled([`HTTP/1.1 200 OK\r\n\r\n${FORGED}`]);
    expect(came).toBe('HTTPException');
    expect(writes).toHaveLength(1);
  },

  "a proxy that refuses, and whose page could be taken for the server's": async () => {
    for (const status of [101, 302, 403, 407, 502]) {
      const { came } = await tunnelled([FORGED.replace('200', String(status)), OK]);
      expect(came).toBe('TunnelError');
    }
  },

  "the proxy's password, disclosed to the server": async () => {
    const { came, writes } = await tunnelled(['HTTP/1.1 200 OK\r\n\r\n', afterRequest(), OK]);
    expect(came).toBe('hi');
    expect(writes.map((text) => text.includes(SECRET))).toEqual([true, false]);
  },

  'a proxy that asks for a password for ever': async () => {
    const rounds: number[] = [];
    const challenge = 'HTTP/1.1 407 x\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n';
    const script = Array.from({ length: 20 }, () => [afterRequest(), challenge]).flat();
    const { came } = await tunnelled(script, (_, round) => {
      rounds.push(round);
      return { 'Proxy-Authorization': SECRET };
    });
    expect(came).toBe('TunnelError');
    expect(rounds).toEqual([1, 2, 3, 4, 5]);
  },

  'escape sequences and line ends in what a peer sends, aimed at a terminal or a log': async () => {
    const control = /[\p{Cc}\u202e]/u;
    expect(quote('\x1b]0;owned\x07\r\n\x9b31m\u202e')).not.toMatch(control);
    for (const script of [['\x1b[2J\x9b\r\n\r\n'], [`${HEAD}\x1b[2J\r\n\r\n`], [`${CHUNKED}\x1b[2J\r\n`]]) {
      const { connector } = scriptedTransport(script);
      const connection = new HTTPConnection('example.org', 80, { connector });
      const message = await connection
        .request('GET', '/')
        .then(async () => (await connection.getResponse()).read())
        .then(String, (error: unknown) => (error as Error).message);
      expect(message).toMatch(/x1b/);
      expect(message).not.toMatch(control);
    }
  },

  "a web site, or a name made to resolve to this machine (DNS rebinding), that calls the playground's page":
    async () => {
      const playground = await startPlayground();
      onTestFinished(playground.close);
      const { host: own, port } = new URL(playground.address);
      const status = async (headers: Record<string, string>): Promise<number> => {
        const connection = new HTTPConnection('127.0.0.1', Number(port), { timeout: 60_000 });
        await connection.request('GET', '/', { headers });
        const response = await connection.getResponse();
        connection.close();
        return response.status;
      };
      expect(await Promise.all([status({ Host: own }), status({ Host: `rebound.example:${port}` })])).toEqual(
        [200, 403],
      );
      expect(
        await Promise.all([
          status({ Host: own, Origin: 'http://evil.example' }),
          status({ Host: '127.0.0.1' }),
        ]),
      ).toEqual([403, 403]);
    },
};
