import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTCPServer } from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import { mayRepeat, Service, type Attempt, type ServiceOptions } from './service.js';
import { listen, run } from './testdata/stage.js';

interface Stage {
  readonly service: Service;
  readonly server: Server;
  /** The requests that have arrived. */
  readonly seen: IncomingMessage[];
  /** What was reported: the number of each attempt, and its outcome. */
  readonly reports: Attempt[];
}

async function stage(respond: RequestListener, options: ServiceOptions = {}): Promise<Stage> {
  const seen: IncomingMessage[] = [];
  const reports: Attempt[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    respond(request, response);
  });
  const service = new Service(new URL(`http://127.0.0.1:${await listen(server)}/`), {
    ...options,
    onAttempt: (attempt) => {
      reports.push(attempt);
      options.onAttempt?.(attempt);
    },
  });
  onTestFinished(() => {
    service.close();
  });
  return { service, server, seen, reports };
}

/** Breaks the connection of the first requests, and answers the others. */
function breaking(times: number): RequestListener {
  let count = 0;
  return (request, response) => {
    if (count++ < times) request.socket.destroy();
    else response.end('done');
  };
}

const textOf = (body: Uint8Array): string => new TextDecoder().decode(body);
const outcomes = (reports: readonly Attempt[]): unknown[] =>
  reports.map(({ outcome }) => (typeof outcome === 'number' ? outcome : outcome.name));

test('runs as a program', async () => {
  const server = createServer(breaking(1));
  const url = `http://127.0.0.1:${await listen(server)}/`;
  const { code, stdout, stderr } = await run('service', [url]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '200 "done"\n' });
  expect(stderr).toMatch(
    /^service: attempt 1, \d+ ms: Cannot read the response: .+\nservice: attempt 2, \d+ ms: 200\n$/,
  );
});

test('the program fails with the status, and sends a body', async () => {
  const server = createServer((request, response) => {
    response.statusCode = 422;
    request.on('data', (block: Buffer) => response.write(`${request.method} ${block.toString()}`));
    request.on('end', () => response.end());
  });
  const url = `http://127.0.0.1:${await listen(server)}/items`;
  const { code, stdout } = await run('service', [url, '--method', 'POST', '--body', 'ä']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '422 "POST ä"\n' });
});

test('returns status, fields and body, and reports the attempt', async () => {
  const { service, seen, reports } = await stage((_request, response) => {
    response.writeHead(404, { ETag: '"1"' }).end('no such item');
  });
  const reply = await service.call('GET', '/items?page=2');
  expect(reply.status).toBe(404);
  expect(reply.headers.get('etag')).toBe('"1"');
  expect(textOf(reply.body)).toBe('no such item');
  expect(seen[0]?.url).toBe('/items?page=2');
  expect(reports).toEqual([
    {
      method: 'GET',
      target: '/items?page=2',
      number: 1,
      milliseconds: expect.any(Number) as number,
      outcome: 404,
    },
  ]);
});

test("sends a call's fields in place of those of all calls", async () => {
  const { service, seen } = await stage(breaking(0), { headers: { Accept: 'text/html', 'X-From': 'test' } });
  await service.call('GET', '/', { headers: { accept: 'text/plain' } });
  expect(seen[0]?.headersDistinct).toMatchObject({ accept: ['text/plain'], 'x-from': ['test'] });
});

test.each([
  ['GET', 2, ['RemoteDisconnected', 'RemoteDisconnected', 200]],
  ['PUT', 1, ['RemoteDisconnected', 200]],
  ['POST', 1, ['RemoteDisconnected']],
  ['GET', 3, ['RemoteDisconnected', 'RemoteDisconnected', 'RemoteDisconnected']],
])('%s, if its connection breaks %i times: %j', async (method, times, expected) => {
  const { service, seen, reports } = await stage(breaking(times));
  const reply = await service.call(method, '/').catch((error: unknown) => (error as Error).name);
  expect(typeof reply === 'string' ? reply : reply.status).toBe(expected.at(-1));
  expect(outcomes(reports)).toEqual(expected);
  expect(seen).toHaveLength(expected.length);
});

test('a connection that broke while a body was sent is used again', async () => {
  const { service, seen, reports } = await stage(breaking(1), { connections: 1 });
  const reply = await service.call('PUT', '/', { body: new Uint8Array(16 * 2 ** 20) });
  expect(reply.status).toBe(200);
  expect(seen).toHaveLength(2);
  expect(reports.map(({ number }) => number)).toEqual([1, 2]);
});

test('a response that arrives before the body has been sent is the response', async () => {
  const server = createTCPServer((socket) => {
    socket.once('data', () => {
      socket.pause();
      socket.write('HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n');
    });
  });
  const service = new Service(new URL(`http://127.0.0.1:${await listen(server)}/`));
  onTestFinished(() => {
    service.close();
  });
  const reply = await service.call('PUT', '/', { body: new Uint8Array(16 * 2 ** 20) });
  expect(reply.status).toBe(413);
});

test('a call that is cancelled while it receives a connection sends nothing', async () => {
  const cancelling = new AbortController();
  const { service, seen } = await stage(breaking(0), {
    connections: 1,
    // Called when the connection has been handed over, and the caller that waited for it has not gone on.
    onAttempt: ({ target }) => {
      if (target === '/first') cancelling.abort(new Error('enough'));
    },
  });
  const first = service.call('GET', '/first');
  const second = service.call('GET', '/second', { signal: cancelling.signal });
  await expect(second).rejects.toThrow('enough');
  await Promise.all([first, service.call('GET', '/third')]);
  expect(seen.map(({ url }) => url)).toEqual(['/first', '/third']);
});

test('a request that was not sent may be repeated, whatever its method', async () => {
  const reports: Attempt[] = [];
  const service = new Service(new URL('http://127.0.0.1:1/'), {
    attempts: 2,
    onAttempt: (attempt) => reports.push(attempt),
  });
  await expect(service.call('POST', '/', { body: 'x' })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  expect(reports).toHaveLength(2);
});

test('the error of a program is not repeated', async () => {
  const { service, seen, reports } = await stage(breaking(0));
  await expect(service.call('GET', '/a b')).rejects.toThrow('Cannot use "/a b" as a request target');
  expect(seen).toEqual([]);
  expect(outcomes(reports)).toEqual(['InvalidURL']);
  expect(mayRepeat(new Error('of the program'), 'GET')).toBe(false);
});

test.each([
  ['GET', '0', 2, 200],
  ['GET', '3600', 1, 503],
  ['GET', undefined, 1, 503],
  ['GET', 'Sun, 06 Nov 2094 08:49:37 GMT', 1, 503],
  ['POST', '0', 1, 503],
])('%s, after a 503 with Retry-After %j: %i requests, and %i', async (method, later, requests, status) => {
  let isFirst = true;
  const { service, seen } = await stage((_request, response) => {
    if (isFirst) response.writeHead(503, later === undefined ? {} : { 'Retry-After': later });
    isFirst = false;
    response.end();
  });
  expect((await service.call(method, '/')).status).toBe(status);
  expect(seen).toHaveLength(requests);
});

test('uses no more connections than it may, each of them again', async () => {
  const { service, seen } = await stage(breaking(0), { connections: 2 });
  await Promise.all(Array.from({ length: 20 }, () => service.call('GET', '/')));
  expect(seen).toHaveLength(20);
  expect(new Set(seen.map(({ socket }) => socket)).size).toBe(2);
});

test('the deadline ends a call that gets no response, and one that waits for a connection', async () => {
  const { service, server, reports } = await stage(() => undefined, { connections: 1 });
  const closed = once(server, 'connection').then(([socket]) => once(socket as never, 'close'));
  const calls = [
    service.call('GET', '/silent', { within: 50 }),
    service.call('GET', '/later', { within: 60 }),
  ];
  expect(
    (await Promise.allSettled(calls)).map((result) => String((result as PromiseRejectedResult).reason)),
  ).toEqual([
    'Error: no response to GET /silent within 50 ms',
    'Error: no response to GET /later within 60 ms',
  ]);
  await closed;
  expect(reports[0]?.outcome).toMatchObject({ message: 'no response to GET /silent within 50 ms' });
});

test('the deadline ends a body that does not end', async () => {
  const { service } = await stage((_request, response) => {
    // Up to the end of the connection: such a response is not closed with it.
    response.socket!.write('HTTP/1.1 200 OK\r\n\r\npart');
  });
  await expect(service.call('GET', '/', { within: 50 })).rejects.toThrow('no response to GET / within 50 ms');
});

test('a signal ends its own call alone, and its connection is used again', async () => {
  const waiting = new AbortController();
  const { service, seen } = await stage(
    (request, response) => {
      if (request.url === '/first') waiting.abort(new Error('enough'));
      response.end();
    },
    { connections: 1 },
  );
  const calls = [
    service.call('GET', '/first'),
    service.call('GET', '/second', { signal: waiting.signal }),
    service.call('GET', '/third'),
  ];
  await expect(calls[1]).rejects.toThrow('enough');
  expect((await Promise.all([calls[0], calls[2]])).map((reply) => reply?.status)).toEqual([200, 200]);
  expect(seen.map(({ url }) => url)).toEqual(['/first', '/third']);
  await expect(service.call('GET', '/', { signal: waiting.signal })).rejects.toThrow('enough');
});

test('many calls may share a signal', async () => {
  const { service } = await stage(breaking(0), { connections: 20 });
  const warnings: Error[] = [];
  const note = (warning: Error): void => {
    warnings.push(warning);
  };
  process.on('warning', note);
  onTestFinished(() => {
    process.off('warning', note);
  });
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 20 }, () => service.call('GET', '/', { signal })));
  expect(warnings).toEqual([]);
});

test('a body that is too long is an error, and its connection is closed', async () => {
  const { service, seen } = await stage((_request, response) => {
    response.end(Buffer.alloc(16 * 2 ** 20 + 1));
  });
  await expect(service.call('GET', '/')).rejects.toThrow('has more than 16777216 bytes');
  await expect(service.call('GET', '/')).rejects.toThrow('has more than 16777216 bytes');
  expect(new Set(seen.map(({ socket }) => socket)).size).toBe(2);
});

test('closing ends the calls in progress, and refuses others', async () => {
  const { service, server } = await stage(() => undefined, { connections: 1 });
  const calls = ['/silent', '/waiting'].map((target) => service.call('GET', target));
  await once(server, 'request');
  service.close();
  const results = await Promise.allSettled([...calls, service.call('GET', '/')]);
  expect(results.map((result) => String((result as PromiseRejectedResult).reason))).toEqual(
    Array(3).fill('Error: the service was closed'),
  );
});

test.each([
  [{ connections: 0 }, 'Cannot use 0 connections: expected a whole number above 0'],
  [{ attempts: 1.5 }, 'Cannot use 1.5 attempts: expected a whole number above 0'],
])('refuses %j', (options, message) => {
  expect(() => new Service(new URL('http://127.0.0.1/'), options)).toThrow(new RangeError(message));
});

test.each([0, -1, NaN, Infinity, 2 ** 31])('refuses to wait %d ms', async (within) => {
  const service = new Service(new URL('http://127.0.0.1/'));
  await expect(service.call('GET', '/', { within })).rejects.toThrow(
    new RangeError(`Cannot wait ${within} ms`),
  );
});
