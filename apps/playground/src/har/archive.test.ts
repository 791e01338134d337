import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import Ajv from 'ajv';
import type { Entry, Har } from 'har-format';
import { generate } from 'selfsigned';
import { describe, expect, test } from 'vitest';

import { BYTES } from '../testing/bytes.js';
import { request, run, temporaryFolder, type Result } from '../testing/cli.js';
import { echo } from '../testing/echo.js';
import {
  pythonAbsent,
  nowhere,
  serve,
  servePython,
  serveProxy,
  serveRaw,
  serveSecure,
} from '../testing/servers.js';

const require = createRequire(import.meta.url);

/** Validates the structure of HAR 1.2 with the schemas that other tools use. */
const judge = (() => {
  const ajv = new Ajv();
  ajv.addMetaSchema(require('ajv/lib/refs/json-schema-draft-06.json') as object);
  ajv.addSchema(Object.values(require('har-schema') as Record<string, object>));
  return (har: Har): unknown[] => {
    const valid = ajv.validate('har.json#', har);
    return valid === true ? [] : (ajv.errors ?? []);
  };
})();

/** Runs a request with an archive, which must be valid for other tools, and returns the result and its entry. */
async function archived(...args: string[]): Promise<{ result: Result; entry: Entry; text: string }> {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'bytes'), BYTES);
  const result = await run(request(...args, '--har', 'x.har'), { cwd });
  const text = readFileSync(join(cwd, 'x.har'), 'utf8');
  const har = JSON.parse(text) as Har;
  expect(judge(har)).toEqual([]);
  expect(har.log).toMatchObject({ version: '1.2', creator: { name: 'http-client' } });
  expect(har.log.entries).toHaveLength(1);
  const entry = har.log.entries[0]!;
  checkTimes(entry);
  return { result, entry, text };
}

/** Each phase has a duration, or -1 if there was none. Their sum is the total time (HAR 1.2, timings). */
function checkTimes({ time, timings, startedDateTime }: Entry): void {
  const { ssl = -1, connect = -1, ...others } = timings;
  const spans = [connect, ...Object.values(others)].map(Number);
  expect(spans).toHaveLength(6);
  for (const span of [ssl, ...spans]) expect(span === -1 || span >= 0).toBe(true);
  for (const span of [others.send, others.wait, others.receive]) expect(span).not.toBe(-1);
  const sum = spans.reduce((all, span) => all + Math.max(span, 0), 0);
  expect(time).toBeCloseTo(sum, 1);
  expect(ssl).toBeLessThanOrEqual(connect);
  expect(Math.abs(Date.parse(startedDateTime) - Date.now())).toBeLessThan(600_000);
}

/** The schemas must reject something, or they would prove nothing. */
test.each([
  ['no timings', ({ log }: Har) => delete (log.entries[0] as Partial<Entry>).timings],
  ['no cookies', ({ log }: Har) => delete (log.entries[0]!.request as Partial<Entry['request']>).cookies],
  ['a time that is none', ({ log }: Har) => Object.assign(log.entries[0]!, { startedDateTime: 'now' })],
])('%s is found', async (_name, spoil) => {
  const cwd = temporaryFolder();
  await run(request(await serve(echo), '--har', 'x.har'), { cwd });
  const har = JSON.parse(readFileSync(join(cwd, 'x.har'), 'utf8')) as Har;
  spoil(har);
  expect(judge(har)).not.toEqual([]);
});

test('a whole exchange', async () => {
  const url = await serveRaw((socket) =>
    socket.end(
      'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 201 Made It\r\nContent-Type: text/plain; charset=iso-8859-1\r\nLocation: /7\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nGr\xfc\r\n2\r\n\xdfe\r\n0\r\nT: u\r\n\r\n',
      'latin1',
    ),
  );
  const { result, entry } = await archived(
    'PUT',
    `${url}/a?b=c%20d&b=`,
    '-d',
    'ü',
    '-H',
    'content-type: text/x',
  );
  expect({ code: result.code, stdout: result.stdout.toString('latin1') }).toEqual({
    code: 0,
    stdout: 'HTTP/1.1 201 Made It\n\nGr\xfc\xdfe',
  });
  const head = `PUT /a?b=c%20d&b= HTTP/1.1\r\nHost: ${url.replace('http://', '')}\r\nAccept-Encoding: identity\r\nContent-Length: 2\r\ncontent-type: text/x\r\n\r\n`;
  expect(entry.request).toEqual({
    method: 'PUT',
    url: `${url}/a?b=c%20d&b=`,
    httpVersion: 'HTTP/1.1',
    cookies: [],
    headers: [
      { name: 'Host', value: url.replace('http://', '') },
      { name: 'Accept-Encoding', value: 'identity' },
      { name: 'Content-Length', value: '2' },
      { name: 'content-type', value: 'text/x' },
    ],
    queryString: [
      { name: 'b', value: 'c d' },
      { name: 'b', value: '' },
    ],
    postData: { mimeType: 'text/x', text: 'ü' },
    headersSize: head.length,
    bodySize: 2,
  });
  expect(entry.response).toEqual({
    status: 201,
    statusText: 'Made It',
    httpVersion: 'HTTP/1.1',
    cookies: [],
    headers: [
      { name: 'Content-Type', value: 'text/plain; charset=iso-8859-1' },
      { name: 'Location', value: '/7' },
      { name: 'Transfer-Encoding', value: 'chunked' },
    ],
    content: { size: 5, mimeType: 'text/plain; charset=iso-8859-1', text: 'Grüße' },
    redirectURL: '/7',
    headersSize:
      'HTTP/1.1 201 Made It\r\nContent-Type: text/plain; charset=iso-8859-1\r\nLocation: /7\r\nTransfer-Encoding: chunked\r\n\r\n'
        .length,
    bodySize: 5,
  });
  expect(entry).toMatchObject({ serverIPAddress: '127.0.0.1', timings: { dns: -1, ssl: -1 } });
  expect(entry.comment).toBeUndefined();
});

describe('bodies', () => {
  test('a form is archived as its fields', async () => {
    const { entry } = await archived(await serve(echo), '--form', 'a=b c', '--form', 'a=ü');
    expect(entry.request.postData).toEqual({
      mimeType: 'application/x-www-form-urlencoded',
      params: [
        { name: 'a', value: 'b c' },
        { name: 'a', value: 'ü' },
      ],
    });
  });

  test('bytes that are not text are archived in base64', async () => {
    const url = await serve((message, response) => message.pipe(response));
    const { entry } = await archived(url, '-d', '@bytes');
    expect(entry.request.postData).toEqual({
      mimeType: '',
      text: BYTES.toString('base64'),
      comment: 'base64',
    });
    expect(entry.response.content).toEqual({
      size: 256,
      mimeType: '',
      text: BYTES.toString('base64'),
      encoding: 'base64',
    });
  });

  test('the beginning of a body that is too long is kept', async () => {
    const { entry } = await archived(await serve((_, response) => response.end('x'.repeat(9_000_000))));
    const { content, bodySize } = entry.response;
    expect({ size: content.size, bodySize }).toEqual({ size: 9_000_000, bodySize: 9_000_000 });
    expect(content.text).toHaveLength(8_388_608);
    expect(content.comment).toBe('the first 8388608 of 9000000 bytes');
  });
});

describe('times', () => {
  /** Milliseconds: long beside what a busy machine may be late. */
  const PAUSE = 1000;

  test('a name is looked up', async () => {
    const { entry } = await archived((await serve(echo)).replace('127.0.0.1', 'localhost'));
    expect(entry.timings.dns).toBeGreaterThan(0);
    expect(entry.timings.connect).toBeGreaterThan(0);
  });

  test.each([
    ['directly', false],
    ['through a proxy', true],
  ])('TLS is a part of connecting, %s', async (_name, proxied) => {
    const made = await generate([{ name: 'commonName', value: 'playground' }], {
      keyType: 'ec',
      algorithm: 'sha256',
    });
    const url = await serveSecure({ cert: made.cert, key: made.private }, echo);
    const proxy = proxied ? ['--proxy', (await serveProxy()).url] : [];
    const { result, entry } = await archived(url, '--insecure', ...proxy);
    expect(result.code).toBe(0);
    expect(entry.timings.ssl).toBeGreaterThan(0);
    expect(entry.request).toMatchObject({ method: 'GET', url: `${url}/` });
    // The connection was to the proxy: only the proxy knows the server's address.
    expect(entry.serverIPAddress).toBe(proxied ? undefined : '127.0.0.1');
  });

  test("the server's pauses before the response and within the body are measured", async () => {
    const url = await serveRaw((socket) => {
      setTimeout(() => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na');
        setTimeout(() => socket.end('b'), PAUSE);
      }, PAUSE);
    });
    const { entry } = await archived(url);
    // Half of each pause, and no upper bound: on a slow machine the client notices events late, also the first one.
    expect(entry.timings.wait).toBeGreaterThan(PAUSE / 2);
    expect(entry.timings.receive).toBeGreaterThan(PAUSE / 2);
  });

  test.each([
    ['103', [], 'HTTP/1.1 103 Early Hints\r\n\r\n'],
    ['100, and the body after it', ['-d', 'x', '--expect-continue'], 'HTTP/1.1 100 Continue\r\n\r\n'],
  ])('the wait for the response goes on after %s', async (_name, args, interim) => {
    const url = await serveRaw((socket) => {
      socket.write(interim);
      setTimeout(() => socket.end('HTTP/1.1 204 No Content\r\n\r\n'), PAUSE);
    });
    const { entry } = await archived(url, ...args);
    expect(entry.timings.wait).toBeGreaterThan(PAUSE / 2);
  });
});

describe('credentials', () => {
  const secrets = async (...args: string[]): Promise<{ entry: Entry; text: string }> => {
    const url = await serveRaw((socket) =>
      socket.end(
        'HTTP/1.1 302 Found\r\nSet-Cookie: a=secret; Path=/; Expires=Wed, 25 Nov 2026 08:00:00 GMT; HttpOnly; Secure; Domain=h\r\nLocation: http://me:secret@h/\r\nContent-Length: 0\r\n\r\n',
      ),
    );
    return archived(url, '-u', 'me:secret', '-H', 'Cookie: b=secret; c="secret"', ...args);
  };

  test('are hidden', async () => {
    const { entry, text } = await secrets();
    expect(text).not.toMatch(/secret|bWU6/);
    expect(entry.request.cookies).toEqual([
      { name: 'b', value: '[hidden]' },
      { name: 'c', value: '[hidden]' },
    ]);
    expect(entry.response.redirectURL).toBe('http://[hidden]@h/');
  });

  test('are archived with --show-credentials', async () => {
    const { entry } = await secrets('--show-credentials');
    expect(entry.request.headers).toContainEqual({ name: 'Authorization', value: 'Basic bWU6c2VjcmV0' });
    expect(entry.request.cookies).toEqual([
      { name: 'b', value: 'secret' },
      { name: 'c', value: '"secret"' },
    ]);
    expect(entry.response.cookies).toEqual([
      {
        name: 'a',
        value: 'secret',
        path: '/',
        domain: 'h',
        expires: '2026-11-25T08:00:00.000Z',
        httpOnly: true,
        secure: true,
      },
    ]);
    expect(entry.response.redirectURL).toBe('http://me:secret@h/');
  });
});

describe('what fails', () => {
  test('nobody listens', async () => {
    const { result, entry } = await archived(await nowhere());
    expect(result.code).toBe(1);
    expect(entry.comment).toMatch(/^Cannot connect to 127\.0\.0\.1:\d+: nothing listens there/);
    expect(entry.response).toMatchObject({ status: 0, headersSize: -1, bodySize: -1 });
    expect(entry.timings).toMatchObject({ send: 0, wait: 0, receive: 0 });
  });

  test('the received part of a truncated body is archived', async () => {
    const url = await serveRaw((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello'));
    const { result, entry } = await archived(url);
    expect(result.code).toBe(1);
    expect(entry.response).toMatchObject({ status: 200, content: { size: 5, text: 'hello' } });
    expect(entry.comment).toMatch(/4 bytes/);
  });

  test('an error status with --fail', async () => {
    const { result, entry } = await archived(
      await serve((_, response) => response.writeHead(404).end('no')),
      '--fail',
    );
    expect(result.code).toBe(22);
    expect(entry.response).toMatchObject({ status: 404, content: { text: 'no' } });
  });

  test.each([
    [
      'an invalid method',
      ['G T', 'http://origin.example/', '--har', 'x.har'],
      /^http-client: Cannot use "G T"/,
    ],
    [
      'a folder that does not exist',
      ['http://origin.example/', '--har', 'no/x.har'],
      /Cannot write "no\/x\.har": there is no/,
    ],
  ])('%s leaves no file', async (_name, args, message) => {
    const cwd = temporaryFolder();
    const { code, stderr } = await run(request(...args), { cwd });
    expect(stderr).toMatch(message);
    expect(code).toBe(1);
    expect(readdirSync(cwd)).toEqual([]);
  });
});

test.skipIf(pythonAbsent)("an exchange with Python's http.server", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a.txt'), 'hello');
  const { entry } = await archived(`${await servePython(folder)}/a.txt`);
  expect(entry.response).toMatchObject({
    status: 200,
    httpVersion: 'HTTP/1.0',
    content: { size: 5, mimeType: 'text/plain', text: 'hello' },
  });
});
