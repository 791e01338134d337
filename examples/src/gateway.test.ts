import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  Agent,
  createServer,
  request as send,
  type ClientRequest,
  type IncomingMessage,
  type RequestListener,
  type RequestOptions,
  type Server,
} from 'node:http';
import { connect, createServer as createTCPServer } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';

import { expect, onTestFinished, test } from 'vitest';

import { gateway, type GatewayOptions } from './gateway.js';
import { listen, run, start } from './testdata/stage.js';

interface Stage {
  readonly origin: Server;
  readonly port: number;
  /** What was reported of each request: its status, or the name of the error. */
  readonly reports: (number | string)[];
  /** Settles with the first of them. */
  readonly reported: Promise<void>;
  /** Begins a request to the gateway. */
  readonly begin: (options?: RequestOptions) => ClientRequest;
}

async function stage(respond: RequestListener, options: GatewayOptions = {}): Promise<Stage> {
  const origin = createServer(respond);
  return { origin, ...(await before(await listen(origin), options)) };
}

/** A gateway before the server at that port. */
async function before(originPort: number, options: GatewayOptions = {}): Promise<Omit<Stage, 'origin'>> {
  const reports: (number | string)[] = [];
  let tell!: () => void;
  const reported = new Promise<void>((resolve) => (tell = resolve));
  const port = await listen(
    gateway(new URL(`http://127.0.0.1:${originPort}/`), {
      ...options,
      report: (_, outcome) => {
        reports.push(typeof outcome === 'number' ? outcome : outcome.name);
        tell();
      },
    }),
  );
  // By default its one connection is kept alive.
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => {
    agent.destroy();
  });
  const begin = (more: RequestOptions = {}): ClientRequest =>
    send({ host: '127.0.0.1', port, agent, ...more });
  return { port, reports, reported, begin };
}

/** Ends a request, and returns the response. */
async function answer(request: ClientRequest, body?: string | Uint8Array): Promise<IncomingMessage> {
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

const BODY = randomBytes(3_000_000);

test('passes on method, target, fields and body, and the response', async () => {
  const { begin, reports } = await stage((request, response) => {
    void buffer(request).then((body) => {
      response.writeHead(201, 'Made', ['A', '1', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'Latin', '\xe9']);
      response.end(
        JSON.stringify({ ...request.headers, what: `${request.method} ${request.url}`, size: body.length }),
      );
    });
  });
  const response = await answer(
    begin({ method: 'PUT', path: '/a?b', headers: { Host: 'site.example', 'X-A': ['1', '2'] } }),
    BODY,
  );
  expect(response).toMatchObject({ statusCode: 201, statusMessage: 'Made' });
  expect(response.headers).toMatchObject({ a: '1', 'set-cookie': ['a=1', 'b=2'], latin: '\xe9' });
  expect(JSON.parse(await text(response))).toEqual({
    what: 'PUT /a?b',
    size: BODY.length,
    host: 'site.example',
    'x-a': '1, 2',
    'x-forwarded-for': '127.0.0.1',
    via: '1.1 gateway',
    'content-length': String(BODY.length),
    'accept-encoding': 'identity',
  });
  expect(reports).toEqual([201]);
});

test('keeps to itself what is about one connection, and what a client claims to be', async () => {
  const { begin } = await stage((request, response) => {
    response.writeHead(200, { Connection: 'X-Hop, keep-alive', 'X-Hop': '1', 'Keep-Alive': 'timeout=77' });
    response.end(JSON.stringify(request.headers));
  });
  const headers = { Connection: 'X-Hop, keep-alive', 'X-Hop': '1', TE: 'trailers', Upgrade: 'x' };
  const claims = { 'X-Forwarded-For': '10.0.0.1', Forwarded: 'for=10.0.0.1', 'X-Real-IP': '10.0.0.1' };
  const response = await answer(begin({ headers: { ...headers, ...claims } }));
  expect(response.headers).not.toHaveProperty('x-hop');
  expect(response.headers['keep-alive']).not.toBe('timeout=77');
  expect(Object.keys(JSON.parse(await text(response)) as object).sort()).toEqual([
    'accept-encoding',
    'host',
    'via',
    'x-forwarded-for',
  ]);
});

test('passes on trailers, both ways', async () => {
  const { begin } = await stage((request, response) => {
    request.resume().on('end', () => {
      response.write('body');
      response.addTrailers([
        ['Sum', request.rawTrailers.join()],
        ['Sum', 'end'],
      ]);
      response.end();
    });
  });
  const request = begin({ method: 'POST' });
  request.write('one, ');
  request.addTrailers({ Digest: 'abc' });
  const response = await answer(request, 'two');
  expect(await text(response)).toBe('body');
  expect(response.rawTrailers).toEqual(['Sum', 'Digest,abc', 'Sum', 'end']);
});

test.each([
  ['HEAD', 200],
  ['GET', 304],
  ['GET', 204],
])('passes on a response to %s with status %d, which has no body, and goes on', async (method, status) => {
  const { begin, reports } = await stage((_, response) => {
    response.writeHead(status, status === 204 ? {} : { 'Content-Length': '5' }).end();
  });
  for (let count = 0; count < 2; count++) {
    const response = await answer(begin({ method }));
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-length']).toBe(status === 204 ? undefined : '5');
    expect(await text(response)).toBe('');
  }
  expect(reports).toEqual([status, status]);
});

test('passes on early hints', async () => {
  const { begin } = await stage((_, response) => {
    response.writeEarlyHints({ link: ['</a.css>; rel=preload', '</b.js>; rel=preload'] });
    response.end('page');
  });
  const request = begin();
  const hinted = once(request, 'information') as Promise<[{ statusCode: number; headers: { link: string } }]>;
  expect(await text(await answer(request))).toBe('page');
  const [{ statusCode, headers }] = await hinted;
  expect({ statusCode, link: headers.link }).toEqual({
    statusCode: 103,
    link: '</a.css>; rel=preload, </b.js>; rel=preload',
  });
});

test('requests a body, from a client that waits for that, when the origin wants it', async () => {
  const { begin, origin } = await stage(() => undefined);
  const events: string[] = [];
  origin.on('checkContinue', (request, response) => {
    events.push('asked');
    response.writeContinue();
    void text(request).then((body) => response.end(`${body}!`));
  });
  const request = begin({ method: 'PUT', headers: { Expect: '100-continue', 'Content-Length': '4' } });
  request.flushHeaders();
  await once(request, 'continue');
  events.push('continued');
  expect(await text(await answer(request, 'body'))).toBe('body!');
  expect(events).toEqual(['asked', 'continued']);
});

test('requests no body that the origin refuses', async () => {
  const { begin, origin } = await stage(() => undefined);
  origin.on('checkContinue', (_, response) =>
    response.writeHead(413, { Connection: 'close' }).end('too large'),
  );
  const request = begin({ method: 'PUT', headers: { Expect: '100-continue', 'Content-Length': '4000' } });
  request.on('continue', () => {
    throw new Error('the body was requested');
  });
  request.flushHeaders();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(413);
  expect(await text(response)).toBe('too large');
});

test('passes on a response that arrives before the body has been sent, and goes on', async () => {
  const { begin } = await stage((request, response) => {
    if (request.url === '/next') response.end('next');
    else response.writeHead(413, { Connection: 'close' }).end('too large');
  });
  const request = begin({ method: 'PUT', headers: { 'Content-Length': String(BODY.length) } });
  request.write(BODY.subarray(0, 1000));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(413);
  expect(await text(response)).toBe('too large');
  // A client that has not given up sends the rest, which is dropped.
  request.end(BODY.subarray(1000));
  expect(await text(await answer(begin({ path: '/next' })))).toBe('next');
});

test('is no faster than a client that does not read', async () => {
  let written = 0;
  const { origin, port } = await stage((_, response) => {
    const block = Buffer.alloc(65_536);
    const more = (): void => {
      while (response.write(block)) written += block.length;
      response.once('drain', more);
    };
    more();
  });
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(origin, 'request');
  // All three run in this process: as soon as nothing moves for some turns, the buffers between them are full.
  let before: number;
  do {
    before = written;
    for (let count = 0; count < 200; count++) await turn();
  } while (written > before);
  expect(written).toBeLessThan(64 * 2 ** 20);
});

test('ends the request if the client leaves', async () => {
  let left!: () => void;
  const closed = new Promise<void>((resolve) => (left = resolve));
  const { begin, reports, reported } = await stage((_, response) => {
    response.on('close', left);
    response.write('some');
  });
  const request = begin();
  const response = await answer(request);
  await once(response, 'data');
  request.destroy();
  await closed;
  await reported;
  expect(reports).toEqual([expect.any(String)]);
});

test('ends the request if the client leaves before the response', async () => {
  const { begin, origin, reports, reported } = await stage(() => undefined);
  const arrived = once(origin, 'request') as Promise<[IncomingMessage]>;
  const request = begin({ method: 'PUT', headers: { 'Content-Length': '100' } });
  request.on('error', () => undefined);
  request.write('some');
  const [behind] = await arrived;
  request.destroy();
  await expect(text(behind)).rejects.toThrow('aborted');
  await reported;
  expect(reports).toEqual([expect.any(String)]);
});

test.each([
  ['Content-Length: 10\r\n\r\nhello', 'hello'],
  ['Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', 'hello'],
])('breaks off where the origin does: %j', async (fields, arrived) => {
  const server = createTCPServer((socket) => {
    socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\n${fields}`));
  });
  const { begin, reports } = await before(await listen(server));
  const response = await answer(begin());
  const parts: string[] = [];
  response.setEncoding('utf8').on('data', (part: string) => parts.push(part));
  await expect(once(response, 'end')).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(parts.join('')).toBe(arrived);
  expect(reports).toEqual(['IncompleteRead']);
});

test.each([
  ['there is none', 502, () => Promise.resolve(1)],
  [
    'it does not speak HTTP',
    502,
    () => listen(createTCPServer((socket) => socket.end('SSH-2.0-x\r\n').on('error', () => undefined))),
  ],
  ['it is silent', 504, () => listen(createTCPServer(() => undefined))],
])('reports a failure of the origin: %s', async (_what, status, serve) => {
  const { begin } = await before(await serve(), { timeout: 200 });
  const response = await answer(begin());
  expect(response.statusCode).toBe(status);
  expect(await text(response)).toBe('the server behind does not respond\n');
});

// Otherwise the rest of it would be taken for the next response.
test.each([
  [
    'Content-Length: 5\r\nTransfer-Encoding: chunked',
    'b\r\nhello world\r\n0\r\n\r\n',
    undefined,
    'hello world',
  ],
  ['Content-Length: 5\r\nContent-Length: 5', 'hello', '5', 'hello'],
  ['Content-Length: 5, 5', 'hello', '5', 'hello'],
])('frames a response by itself: %j', async (fields, body, length, content) => {
  const server = createTCPServer((socket) => {
    socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\n${fields}\r\n\r\n${body}`));
  });
  const { begin } = await before(await listen(server));
  const response = await answer(begin());
  expect(response.headers['content-length']).toBe(length);
  expect(await text(response)).toBe(content);
});

test.each([
  ['http://h/path', {}, TypeError],
  ['http://me:secret@h/', {}, TypeError],
  ['ftp://h/', {}, TypeError],
  ['http://h/', { timeout: 0 }, RangeError],
])('is not created for %s with %j', (url, options, error) => {
  expect(() => gateway(new URL(url), options)).toThrow(error);
});

test.each([
  'GET http://other.example/ HTTP/1.1\r\nHost: a',
  'GET / HTTP/1.1\r\nHost: a\r\nHost: b',
  'POST / HTTP/1.1\r\nHost: a\r\nX: \x01',
])('refuses %j', async (head) => {
  const { port } = await stage((_, response) => response.end());
  const socket = connect(port, '127.0.0.1');
  socket.end(`${head}\r\nConnection: close\r\n\r\n`);
  expect(await text(socket)).toMatch(/^HTTP\/1.1 400 /);
});

test('sends a request again if the origin closed the connection in the meantime', async () => {
  let count = 0;
  const server = createTCPServer((socket) => {
    // It closes after the first response, when the next request arrives.
    socket.once('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${++count}`);
      socket.once('data', () => socket.end());
    });
  });
  const { begin } = await before(await listen(server));
  expect(await text(await answer(begin()))).toBe('1');
  expect(await text(await answer(begin()))).toBe('2');
  const response = await answer(begin({ method: 'POST' }), 'not twice');
  expect(response.statusCode).toBe(502);
});

test('keeps the connections of clients apart, and closes each with its client', async () => {
  const { begin, origin } = await stage((request, response) =>
    response.end(String(request.socket.remotePort)),
  );
  const ended: Promise<unknown>[] = [];
  origin.on('connection', (socket) => ended.push(once(socket, 'close')));
  const agents = [new Agent({ keepAlive: true }), new Agent({ keepAlive: true })];
  const ports: string[] = [];
  for (const agent of [...agents, ...agents]) ports.push(await text(await answer(begin({ agent }))));
  expect(ports).toEqual([ports[0], ports[1], ports[0], ports[1]]);
  expect(ports[0]).not.toBe(ports[1]);
  for (const agent of agents) agent.destroy();
  expect(ended).toHaveLength(2);
  await Promise.all(ended);
});

test('a client may send requests before it has the first response', async () => {
  const { port } = await stage((request, response) => response.end(`(${request.url})`));
  const socket = connect(port, '127.0.0.1');
  socket.write(['/1', '/2', '/3'].map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
  socket.write('GET /4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  expect([...(await text(socket)).matchAll(/\(\/\d\)/g)].join('')).toBe('(/1)(/2)(/3)(/4)');
});

test('runs as a program', async () => {
  const origin = createServer((request, response) => response.end(`you asked for ${request.url}`));
  const url = `http://127.0.0.1:${await listen(origin)}/`;
  const { child, lines, ended } = start('gateway', [url, '--port', '0']);
  const { value } = (await lines.next()) as { value: string };
  const [, here, there] = /^(http:\/\/127\.0\.0\.1:\d+\/) is (.*)$/.exec(value)!;
  expect(there).toBe(url);
  const reported = once(child.stderr, 'data');
  const response = await fetch(`${here}a?b`);
  expect(await response.text()).toBe('you asked for /a?b');
  await reported;
  child.kill('SIGTERM');
  expect((await ended).stderr).toBe('gateway: GET "/a?b": 200\n');
});

test.each(['x', '-1', '65536', '1.5'])('prints its usage where the port is %j', async (port) => {
  const { code, stderr } = await run('gateway', ['http://127.0.0.1:1/', `--port=${port}`]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: 'usage: gateway URL [--port NUMBER]\n' });
});
