import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { Readable } from 'node:stream';

import type { HTTPResponse } from '@http-client/client';
import { expect, test } from 'vitest';

import { follow, type FollowOptions } from './redirect.js';
import { listen, run } from './testdata/stage.js';

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A server that redirects by its table, and responds `the end` to the rest; and what it received. */
async function stage(
  redirects: Readonly<Record<string, [status: number, location: string]>>,
): Promise<{ origin: string; seen: Seen[]; sockets: Set<unknown> }> {
  const seen: Seen[] = [];
  const sockets = new Set<unknown>();
  const handle: RequestListener = (request, response) => {
    sockets.add(request.socket);
    void request
      .setEncoding('utf8')
      .toArray()
      .then((blocks: string[]) => {
        const { method, url, headers } = request;
        seen.push({ method, url, headers, body: blocks.join('') });
        const [status, location] = redirects[url ?? ''] ?? [];
        if (status === undefined || location === undefined) response.end('the end');
        else response.writeHead(status, { Location: location }).end('over there');
      });
  };
  return { origin: `http://127.0.0.1:${await listen(createServer(handle))}`, seen, sockets };
}

const text = (response: HTTPResponse): Promise<string> => response.text();

test('runs as a program', async () => {
  const { origin } = await stage({ '/': [302, '/a?b'], '/a?b': [308, 'c'] });
  expect(await run('redirect', [`${origin}/`])).toEqual({
    code: 0,
    stdout: `302 to "${origin}/a?b"\n308 to "${origin}/c"\n200 "OK", 7 bytes\n`,
    stderr: '',
  });
});

test('follows on the same connection as long as it leads to the same origin', async () => {
  const { origin, seen, sockets } = await stage({ '/1': [301, '/2'], '/2': [307, '../3?x=y#z'] });
  expect(await follow(new URL(`${origin}/1`), text)).toEqual({
    url: new URL(`${origin}/3?x=y#z`),
    result: 'the end',
  });
  expect(seen.map(({ url }) => url)).toEqual(['/1', '/2', '/3?x=y']);
  expect(sockets.size).toBe(1);
});

// RFC 9110, section 15.4.
test.each<[status: number, method: string, then: string, body: string]>([
  [301, 'POST', 'GET', ''],
  [302, 'POST', 'GET', ''],
  [303, 'POST', 'GET', ''],
  [303, 'PUT', 'GET', ''],
  [303, 'HEAD', 'HEAD', ''],
  [301, 'PUT', 'PUT', 'content'],
  [302, 'DELETE', 'DELETE', 'content'],
  [307, 'POST', 'POST', 'content'],
  [308, 'POST', 'POST', 'content'],
])('after a %i, a %s becomes a %s with the body %j', async (status, method, then, body) => {
  const { origin, seen } = await stage({ '/': [status, '/next'] });
  const options: FollowOptions = { method, headers: { 'Content-Type': 'text/plain', 'X-Kept': '1' } };
  if (method !== 'HEAD') options.body = () => Readable.from(['con', 'tent']);
  await follow(new URL(`${origin}/`), text, options);
  expect(seen[1]).toMatchObject({ method: then, url: '/next', body, headers: { 'x-kept': '1' } });
  expect(seen[1]?.headers['content-type']).toBe(body === '' ? undefined : 'text/plain');
});

test('follows a redirect that arrives before the body has been sent, and sends the next one whole', async () => {
  const size = 3_000_000;
  const server = createServer((request, response) => {
    if (request.url === '/') {
      response.writeHead(307, { Location: '/next', 'Content-Length': 0 }).end(); // and the body is not read
      return;
    }
    let length = 0;
    request.on('data', (block: Buffer) => (length += block.length));
    request.on('end', () => response.end(String(length)));
  });
  const url = new URL(`http://127.0.0.1:${await listen(server)}/`);
  let sources = 0;
  function* blocks(): Generator<Uint8Array> {
    sources++;
    for (let sent = 0; sent < size; sent += 100_000) yield new Uint8Array(100_000);
  }
  const { result } = await follow(url, text, { method: 'PUT', body: blocks });
  expect({ result, sources }).toEqual({ result: String(size), sources: 2 });
});

test('a body that fails is reported as it is', async () => {
  const { origin } = await stage({});
  const fault = new Error('the disk failed');
  function* body(): Generator<string> {
    yield 'one';
    throw fault;
  }
  await expect(follow(new URL(`${origin}/`), text, { method: 'PUT', body })).rejects.toBe(fault);
});

test('gives credentials to no other origin', async () => {
  const other = await stage({ '/': [302, '/again'] });
  const { origin, seen } = await stage({ '/': [302, '/same'], '/same': [302, `${other.origin}/`] });
  const headers = { authorization: 'Basic dTpw', Cookie: 'a=b', 'X-Kept': '1' };
  const { url } = await follow(new URL(`${origin}/`), text, { headers });
  expect(url.href).toBe(`${other.origin}/again`);
  expect(seen[1]?.headers).toMatchObject({ authorization: 'Basic dTpw', cookie: 'a=b', 'x-kept': '1' });
  expect(other.seen).toHaveLength(2);
  for (const { headers: received } of other.seen) {
    expect(received).toMatchObject({ host: new URL(other.origin).host, 'x-kept': '1' });
    expect(received).not.toHaveProperty('authorization');
    expect(received).not.toHaveProperty('cookie');
  }
});

test.each([
  ['/', 'more than 20 redirects'],
  ['ftp://127.0.0.1/', 'it is not an HTTP URL'],
  ['http://', 'it is not an HTTP URL'],
])('does not follow a redirect to %s: %s', async (location, message) => {
  const { origin, seen } = await stage({ '/': [302, location] });
  await expect(follow(new URL(`${origin}/`), text)).rejects.toThrow(message);
  expect(seen).toHaveLength(location === '/' ? 21 : 1);
});

test.each([
  ['300', [300, '/other']],
  ['304', [304, '/other']],
] as const)('a %s is not followed', async (_name, [status, location]) => {
  const { origin } = await stage({ '/': [status, location] });
  const { result } = await follow(new URL(`${origin}/`), (response) => Promise.resolve(response.status));
  expect(result).toBe(status);
});

test('a signal ends the reading as well', async () => {
  const port = await listen(
    createServer((_, response) => {
      response.flushHeaders();
    }),
  );
  const controller = new AbortController();
  const reading = follow(
    new URL(`http://127.0.0.1:${port}/`),
    (response) => {
      const body = response.text();
      controller.abort(new Error('enough'));
      return body;
    },
    { signal: controller.signal },
  );
  await expect(reading).rejects.toThrow('enough');
});
