import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createServer as createTLSServer, type TlsOptions, type TLSSocket } from 'node:tls';

import {
  HTTPConnection,
  HTTPSConnection,
  parseHeaderBlock,
  quote,
  type HTTPConnectionOptions,
  type HTTPResponse,
  type RequestOptions,
} from '@http-client/client';
import {
  afterRequest,
  afterWrite,
  END,
  scriptedConnector,
  scriptedTransport,
  type ScriptStep,
} from '@http-client/connection/testing';
import { generate } from 'selfsigned';
import { expect, onTestFinished, test, vi } from 'vitest';

import { ROOT } from '../../scripts/workspaces.js';

const HEAD = 'HTTP/1.1 200 OK\r\n';
const OK = `${HEAD}Content-Length: 2\r\n\r\nhi`;
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
const FORGED = `${HEAD}Content-Length: 6\r\n\r\nforged`;
const SECRET = 'Basic c2VjcmV0';

/** The result of a call, or the name of its error. */
async function outcome(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    return (error as Error).name;
  }
}

/** How a scripted response is taken: its body, and whether the connection stays usable; or the error's name. */
function answered(
  script: ScriptStep[],
  options: HTTPConnectionOptions = {},
  method = 'GET',
): Promise<unknown> {
  const { connector } = scriptedTransport(script);
  const connection = new HTTPConnection('example.org', 80, { connector, ...options });
  return outcome(async () => {
    await connection.request(method, '/');
    const response = await connection.getResponse();
    const text = await response.text();
    return `${text}${connection.reusable ? '' : ' (closed)'}`;
  }).finally(() => {
    connection.close();
  });
}

/** The result of a request, and everything that was written. */
async function sent(request: (connection: HTTPConnection) => Promise<unknown>): Promise<unknown> {
  const transport = scriptedTransport([OK]);
  const connection = new HTTPConnection('example.org', 80, { connector: transport.connector });
  const name = await outcome(() => request(connection));
  connection.close();
  return [name, transport.writtenText];
}

const post = (options: RequestOptions) => (connection: HTTPConnection) =>
  connection.request('POST', '/', options);

/** Makes two requests. The second must go to the second server, whatever the first one sent. */
async function second(first: ScriptStep[], method = 'GET'): Promise<unknown> {
  const transports = [scriptedTransport(first), scriptedTransport([afterRequest(), OK])];
  const connection = new HTTPConnection('example.org', 80, { connector: scriptedConnector(transports) });
  await connection.request(method, '/');
  await (await connection.getResponse()).read();
  while (connection.reusable) await new Promise(setImmediate);
  await connection.request('GET', '/');
  const text = await (await connection.getResponse()).text();
  connection.close();
  return text;
}

async function listen(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A TLS server for 127.0.0.1 with a self-signed certificate, and the data that it received. */
async function secure(
  serve: (socket: TLSSocket) => void,
  options: TlsOptions & { ip?: string } = {},
): Promise<{ port: number; ca: string; asked: string[] }> {
  const made = await generate([{ name: 'commonName', value: 'test' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: options.ip ?? '127.0.0.1' }] }],
  });
  const asked: string[] = [];
  const server = createTLSServer({ cert: made.cert, key: made.private, ...options }, (socket) => {
    socket.on('error', () => undefined);
    socket.setEncoding('latin1').on('data', (text: string) => asked.push(text));
    socket.once('data', () => {
      serve(socket);
    });
  });
  server.on('tlsClientError', () => undefined);
  return { port: await listen(server), ca: made.cert, asked };
}

const getSecurely = (port: number, context?: HTTPSConnectionContext): Promise<unknown> =>
  outcome(async () => {
    const connection = new HTTPSConnection('127.0.0.1', port, {
      timeout: 20_000,
      ...(context && { context }),
    });
    onTestFinished(() => {
      connection.close();
    });
    await connection.request('GET', '/');
    return (await connection.getResponse()).text();
  });
type HTTPSConnectionContext = NonNullable<
  NonNullable<ConstructorParameters<typeof HTTPSConnection>[2]>['context']
>;

/** A request through a scripted proxy: its result, and each write to the proxy. */
async function tunnelled(
  script: ScriptStep[],
  authenticate?: (refusal: unknown, round: number) => { 'Proxy-Authorization': string },
): Promise<{ came: unknown; writes: string[] }> {
  const transport = scriptedTransport(script);
  const connection = new HTTPConnection('proxy.example', 3128, { connector: transport.connector });
  const headers = { 'Proxy-Authorization': SECRET };
  connection.setTunnel('example.org', 80, authenticate === undefined ? { headers } : { authenticate });
  const came = await outcome(async () => {
    await connection.request('GET', '/');
    return (await connection.getResponse()).text();
  });
  connection.close();
  return { came, writes: transport.writes.map((bytes) => Buffer.from(bytes).toString('latin1')) };
}

/** A server that sends without end, and how many bytes it had sent when the client took no more. */
async function torrent(): Promise<{ port: number; stuck: Promise<number> }> {
  let resolve!: (count: number) => void;
  const stuck = new Promise<number>((done) => (resolve = done));
  const block = Buffer.alloc(65_536);
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined);
    onTestFinished(() => {
      socket.destroy();
    });
    socket.once('data', () => {
      socket.write(`${HEAD}\r\n`);
      let last = -1;
      const send = (): void => {
        while (socket.write(block));
        const gone = socket.bytesWritten - socket.writableLength;
        // The same count twice: nothing moves any more.
        if (gone === last) resolve(gone);
        else setTimeout(send, 200);
        last = gone;
      };
      send();
    });
  });
  return { port: await listen(server), stuck };
}

const refused = (...names: string[]) => expect.stringMatching(`^(${names.join('|')})$`) as unknown;
const all = (calls: Promise<unknown>[]): Promise<unknown[]> => Promise.all(calls);

/** One test for each row of SECURITY.md: an attack, and the required outcome. */
const ATTACKS: Record<string, () => Promise<void>> = {
  'a line end in a method, a target, a field or a trailer (request and header injection)': async () => {
    for (const end of ['\r\n', '\n', '\r', '\0']) {
      const evil = `a${end}Evil: 1`;
      const before = [refused('TypeError', 'InvalidURL'), ''];
      expect(await sent((connection) => connection.request(evil, '/'))).toEqual(before);
      expect(await sent((connection) => connection.request('GET', `/${evil}`))).toEqual(before);
      expect(await sent(post({ headers: { A: evil } }))).toEqual(before);
      expect(await sent(post({ headers: [[evil, 'b']] }))).toEqual(before);
      expect(await sent(post({ headers: { A: Buffer.from(evil) } }))).toEqual(before);
      expect(await sent(post({ headers: { Host: evil } }))).toEqual(before);
      const [name, written] = (await sent(post({ body: 'b', trailers: () => ({ A: evil }) }))) as [
        string,
        string,
      ];
      expect(name).toBe('TypeError');
      expect(written).not.toContain('Evil');
    }
    // Characters above U+00FF are refused, not reduced to their low byte, which here would be a line end.
    expect(await sent(post({ headers: { A: 'a\u010d\u010aEvil: 1' } }))).toEqual(['TypeError', '']);
    expect(await sent((connection) => connection.request('GET', '/\u560d\u560aEvil: 1'))).toEqual([
      'InvalidURL',
      '',
    ]);
  },

  'a line end in a host, or in what CONNECT says to a proxy': async () => {
    for (const evil of ['a\r\nEvil: 1', 'a\nEvil', 'a b', 'a\0', 'a/b', 'a@b', 'a?b', 'a#b']) {
      expect(await outcome(() => new HTTPConnection(evil))).toBe('InvalidURL');
      expect(
        await sent(async (connection) => {
          connection.setTunnel(evil, 443);
          await connection.connect();
        }),
      ).toEqual(['InvalidURL', '']);
    }
    expect(
      await sent(async (connection) => {
        connection.setTunnel('a.example', 443, { headers: { A: 'a\r\nEvil: 1' } });
        await connection.connect();
      }),
    ).toEqual(['TypeError', '']);
  },

  'a body of another length than its Content-Length, two lengths, and trailers that would frame the message (request smuggling)':
    async () => {
      const smuggled = 'hiGET /evil HTTP/1.1\r\nHost: a\r\n\r\n';
      const before = [refused('TypeError', 'RangeError'), ''];
      expect(await sent(post({ body: smuggled, headers: { 'Content-Length': 2 } }))).toEqual(before);
      expect(await sent(post({ body: smuggled, headers: { 'Content-Length': '2, 2' } }))).toEqual(before);
      expect(
        await sent(
          post({
            body: 'hi',
            headers: [
              ['Content-Length', '2'],
              ['content-length', '0'],
            ],
          }),
        ),
      ).toEqual(before);
      const late = post({
        body: [smuggled.slice(0, 2), smuggled.slice(2)],
        headers: { 'Content-Length': 2 },
      });
      const [name, written] = (await sent(late)) as [string, string];
      expect(name).toBe('RangeError');
      expect(written).not.toContain('evil');
      for (const field of ['Content-Length', 'Transfer-Encoding', 'Host']) {
        expect(await sent(post({ body: 'hi', trailers: () => ({ [field]: '0' }) }))).toEqual([
          'TypeError',
          expect.not.stringContaining(`${field}: 0`),
        ]);
      }
    },

  'several lengths, or one that recipients read differently: signs, blanks, underscores, above 2^53-1 (response smuggling)':
    async () => {
      for (const length of [
        '2\r\nContent-Length: 3',
        '2, 3',
        '+2',
        '-2',
        '0x2',
        '1_0',
        '2 2',
        '',
        '2,',
        '9007199254740992',
      ])
        expect(await answered([`${HEAD}Content-Length: ${length}\r\n\r\nhi`])).toBe('InvalidHeader');
    },

  'Transfer-Encoding beside Content-Length, or on HTTP/1.0': async () => {
    const body = 'Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n';
    expect(await answered([`${HEAD}Content-Length: 9\r\n${body}`])).toBe('hi (closed)');
    expect(await answered([`HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n${body}`])).toBe('hi (closed)');
  },

  'a coding that is not exactly `chunked`': async () => {
    for (const coding of [
      'gzip',
      'chunked, identity',
      'identity',
      'chunked, chunked',
      'xchunked',
      '"chunked"',
      ',chunked',
      '',
    ])
      expect(await answered([`${HEAD}Transfer-Encoding: ${coding}\r\n\r\n0\r\n\r\n`])).toBe(
        'UnknownTransferEncoding',
      );
    for (const coding of ['\x0bchunked', 'chun\0ked'])
      expect(await answered([`${HEAD}Transfer-Encoding: ${coding}\r\n\r\n0\r\n\r\n`])).toBe('InvalidHeader');
  },

  'field lines that recipients read differently: a bare CR, a NUL, a blank before the colon, no colon':
    async () => {
      for (const line of [
        'A: b\rContent-Length: 9',
        'A: \0',
        'Content-Length : 9',
        'A',
        ': a',
        'A\t: b',
        '\x0bA: b',
        'A(B): c',
      ])
        expect(await answered([`${HEAD}Content-Length: 2\r\n${line}\r\n\r\nhi`])).toBe('InvalidHeader');
      // A fold before the first field line continues nothing.
      expect(await answered([`${HEAD} Content-Length: 2\r\n\r\nhi`])).toBe('InvalidHeader');
    },

  'chunks that recipients read differently: signs, `0x`, underscores, a bare LF, a quoted string that is not closed, a size that wraps, a missing CRLF':
    async () => {
      for (const chunk of [
        '+2\r\nhi\r\n',
        '-2\r\nhi\r\n',
        '0x2\r\nhi\r\n',
        '0_2\r\nhi\r\n',
        '2\nhi\r\n',
        '2\r\nhi\n',
        '2\r\nhi',
        ' 2\r\nhi\r\n',
        '2;a\nb\r\nhi\r\n',
        '2;a="b\r\nhi\r\n',
        '10000000000000002\r\nhi\r\n',
        '\r\nhi\r\n',
      ])
        expect(await answered([`${CHUNKED}${chunk}0\r\n\r\n`])).toBe('InvalidChunk');
      expect(await answered([`${CHUNKED}2\r\nhi\r\n0\r\n\n`])).toBe('InvalidChunk');
    },

  'a response after a response (response splitting), or while no response is due (poisoned keep-alive)':
    async () => {
      expect(await second([OK + FORGED])).toBe('hi');
      expect(await second([OK, FORGED])).toBe('hi');
      expect(await second([`${CHUNKED}2\r\nhi\r\n0\r\n\r\n${FORGED}`])).toBe('hi');
      // Before any request was sent.
      const transports = [
        scriptedTransport([afterWrite(0), FORGED]),
        scriptedTransport([afterRequest(), OK]),
      ];
      const connection = new HTTPConnection('example.org', 80, { connector: scriptedConnector(transports) });
      await connection.connect();
      while (connection.reusable) await new Promise(setImmediate);
      await connection.request('GET', '/');
      expect(await (await connection.getResponse()).text()).toBe('hi');
    },

  'a body in a response that has none (HEAD, 204, 304), which would be taken for the next response':
    async () => {
      expect(await second([`${HEAD}Content-Length: ${FORGED.length}\r\n\r\n${FORGED}`], 'HEAD')).toBe('hi');
      for (const status of [204, 304]) {
        const head = `HTTP/1.1 ${status} x\r\nContent-Length: ${FORGED.length}\r\n\r\n`;
        expect(await second([head + FORGED])).toBe('hi');
      }
    },

  'a 101 that nobody asked for': async () => {
    expect(await answered([`HTTP/1.1 101 x\r\nUpgrade: x\r\n\r\n${FORGED}`])).toBe('HTTPException');
  },

  'lines and fields without end': async () => {
    expect(await answered([`HTTP/1.1 200 ${'a'.repeat(70_000)}`])).toBe('LineTooLong');
    expect(await answered([`${HEAD}A: ${'a'.repeat(70_000)}`])).toBe('LineTooLong');
    expect(await answered([HEAD + 'A: b\r\n'.repeat(101)])).toBe('TooManyHeaders');
    expect(await answered([`${HEAD}A: b\r\n${' c\r\n'.repeat(101)}`])).toBe('TooManyHeaders');
  },

  'interim responses without end, or that are too long together': async () => {
    expect(await answered(['HTTP/1.1 102 x\r\n\r\n'.repeat(101)])).toBe('HTTPException');
    const large = `HTTP/1.1 103 x\r\n${`A: ${'a'.repeat(65_000)}\r\n`.repeat(100)}\r\n`;
    expect(await answered([large, large, OK])).toBe('HTTPException');
  },

  'trailers and chunk extensions without end': async () => {
    expect(await answered([`${CHUNKED}0\r\n${'A: b\r\n'.repeat(101)}`])).toBe('TooManyHeaders');
    expect(await answered([`${CHUNKED}0\r\nA: ${'a'.repeat(70_000)}`])).toBe('LineTooLong');
    expect(await answered([`${CHUNKED}2;${'a'.repeat(70_000)}`])).toBe('LineTooLong');
  },

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
      // Quadratic work would take minutes, and exceed the test's timeout.
      const blanks = Buffer.from(`A:${' '.repeat(4_000_000)}b\r\n\r\n`);
      expect(parseHeaderBlock(blanks, { maxLineLength: 5_000_000 })?.headers.get('A')).toBe('b');
      const transport = scriptedTransport([`${HEAD}A: ${'a'.repeat(60_000)}\r\nContent-Length: 0\r\n\r\n`], {
        split: 'bytes',
      });
      const connection = new HTTPConnection('example.org', 80, { connector: transport.connector });
      await connection.request('GET', '/');
      expect((await connection.getResponse()).getHeader('A')).toHaveLength(60_000);
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
    expect(await getSecurely(unknown.port)).toBe('Error');
    expect(await getSecurely(other.port, { ca: other.ca })).toBe('Error');
    expect(await getSecurely(other.port, { ca: unknown.ca })).toBe('Error');
    expect([...unknown.asked, ...other.asked]).toEqual([]);
    expect(await getSecurely(unknown.port, { ca: unknown.ca })).toBe('hi');
  },

  'TLS before 1.2, or another protocol by ALPN (downgrade)': async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
    const server = await secure((socket) => socket.end(OK), old);
    expect(await getSecurely(server.port, { ca: server.ca })).toBe('Error');
    const other = await secure((socket) => socket.end(OK), { ALPNProtocols: ['h2'] });
    expect(await getSecurely(other.port, { ca: other.ca, ALPNProtocols: ['h2', 'http/1.1'] })).toBe(
      'HTTPException',
    );
    expect([...server.asked, ...other.asked]).toEqual([]);
  },

  'an environment variable, or a session established without a check, that switches the check off':
    async () => {
      const { port } = await secure((socket) => socket.end(OK));
      vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
      onTestFinished(() => {
        vi.unstubAllEnvs();
      });
      expect(await getSecurely(port)).toBe('Error');
      const context: HTTPSConnectionContext = { rejectUnauthorized: false };
      expect(await getSecurely(port, context)).toBe('hi');
      context.rejectUnauthorized = true;
      expect(await getSecurely(port, context)).toBe('Error');
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
      const child = spawn(process.execPath, [
        join(ROOT, 'apps/playground/dist/cli.js'),
        'serve',
        '--port',
        '0',
      ]);
      onTestFinished(() => {
        child.kill('SIGKILL');
      });
      let address: URL | undefined;
      for await (const line of createInterface(child.stdout)) {
        const found = /http:\/\/127\.0\.0\.1:\d+\S*/.exec(line);
        if (found !== null) address = new URL(found[0]);
        if (address !== undefined) break;
      }
      const status = async (headers: Record<string, string>): Promise<number> => {
        const connection = new HTTPConnection('127.0.0.1', Number(address!.port), { timeout: 20_000 });
        await connection.request('GET', '/', { headers });
        const response = await connection.getResponse();
        connection.close();
        return response.status;
      };
      const own = `127.0.0.1:${address!.port}`;
      expect(
        await all([status({ Host: own }), status({ Host: `rebound.example:${address!.port}` })]),
      ).toEqual([200, 403]);
      expect(
        await all([status({ Host: own, Origin: 'http://evil.example' }), status({ Host: '127.0.0.1' })]),
      ).toEqual([403, 403]);
    },
};

test.each(Object.entries(ATTACKS))('%s', async (_attack, run) => {
  expect.hasAssertions();
  await run();
});

const rows = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) =>
    line
      .slice(2, -1)
      .split(' | ')
      .map((cell) => cell.trim()),
  )
  .filter(([first]) => first !== 'attack' && first?.startsWith('---') === false);

test('SECURITY.md has exactly these rows', () => {
  expect(rows.map(([attack]) => attack)).toEqual(Object.keys(ATTACKS));
});

test.each(rows)('the tests that SECURITY.md names exist: %s', (_attack, _outcome, proof = '') => {
  const named = proof
    .split('; ')
    .map((each) => /^\[[\w-]+\]\(([\w/.-]+\.test\.ts)\): ((?:`[^`]+`(?:, )?)+)$/.exec(each));
  for (const [index, match] of named.entries()) {
    expect(match, `${proof.split('; ')[index]}: expected [name](file): \`title\`, \`title\``).not.toBeNull();
    const [, file = '', titles = ''] = match!;
    expect(existsSync(join(ROOT, file)), file).toBe(true);
    const source = readFileSync(join(ROOT, file), 'utf8');
    for (const [, title] of titles.matchAll(/`([^`]+)`/g))
      expect(source, `${file}: ${title}`).toContain(title);
  }
});
