import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { download } from './download.js';
import { nginxAbsent, startNginx } from './testdata/nginx.js';
import { breakingRelay } from './testdata/relay.js';
import { listen, listenAndDawdle, run, start, temporaryFolder } from './testdata/stage.js';

const CONTENT = randomBytes(1_000_000);

describe.skipIf(nginxAbsent)('from nginx', () => {
  test('an uninterrupted download, with its progress', async () => {
    const { folder, port } = await startNginx();
    writeFileSync(join(folder, 'file.bin'), CONTENT);
    const target = join(temporaryFolder(), 'file.bin');
    const { code, stdout, stderr } = await run('download', [`http://127.0.0.1:${port}/file.bin`, target]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${target}: 1000000 bytes\n` });
    const percents = [...stderr.matchAll(/^(\d+) % of 1000000 bytes$/gm)].map(([, percent]) =>
      Number(percent),
    );
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    expect(percents.at(-1)).toBe(100);
    expect(readFileSync(target).equals(CONTENT)).toBe(true);
    // Neither the part nor the note remains.
    expect(readdirSync(join(target, '..'))).toEqual(['file.bin']);
  });

  test('after two broken connections only the missing bytes are downloaded', async () => {
    const { folder, port } = await startNginx();
    writeFileSync(join(folder, 'file.bin'), CONTENT);
    const relay = await breakingRelay(port, 300_000, 400_000);
    const target = join(temporaryFolder(), 'file.bin');
    const done: number[] = [];
    const length = await download(new URL(`http://127.0.0.1:${relay}/file.bin`), target, {
      pause: 1,
      onProgress: (bytes, total) => {
        done.push(bytes);
        expect(total).toBe(1_000_000);
      },
    });
    expect(length).toBe(1_000_000);
    expect(readFileSync(target).equals(CONTENT)).toBe(true);
    // It never started again.
    expect(done).toEqual([...new Set(done)].sort((a, b) => a - b));
  });

  test('the same command resumes an interrupted download', async () => {
    const { folder, port } = await startNginx();
    writeFileSync(join(folder, 'file.bin'), CONTENT);
    // Silent after the first third: the connection stays open, but nothing more arrives.
    const server = createServer((_, response) => {
      response.writeHead(200, { ETag: etagOf, 'Content-Length': 1_000_000 });
      response.write(CONTENT.subarray(0, 300_000));
    });
    const etagOf = (await fetch(`http://127.0.0.1:${port}/file.bin`)).headers.get('etag') ?? '';
    const silent = await listen(server);
    const target = join(temporaryFolder(), 'file.bin');
    const first = start('download', [`http://127.0.0.1:${silent}/file.bin`, target]);
    // Only once: the recipe handles one signal, and a second one would end the process.
    const interrupt = (text: string): void => {
      if (!text.includes('% of')) return;
      first.child.stderr.off('data', interrupt);
      first.child.kill('SIGINT');
    };
    first.child.stderr.on('data', interrupt);
    expect(await first.ended).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('interrupted') as string,
    });
    expect(existsSync(target)).toBe(false);
    expect(readFileSync(`${target}.part`).length).toBeGreaterThan(0);
    // The note names the URL, since a file elsewhere is another file: here it has to be changed.
    const note = readFileSync(`${target}.part.json`, 'utf8').replace(String(silent), String(port));
    writeFileSync(`${target}.part.json`, note);
    const { code, stderr } = await run('download', [`http://127.0.0.1:${port}/file.bin`, target]);
    expect(code).toBe(0);
    expect(stderr).not.toMatch(/^[0-9] %/m);
    expect(readFileSync(target).equals(CONTENT)).toBe(true);
  });
});

/** A server that answers each request with the next of these, the last one repeatedly; and the requests it received. */
async function script(
  ...answers: ((request: IncomingMessage, response: ServerResponse) => void)[]
): Promise<{ url: URL; asked: (string | undefined)[][] }> {
  const asked: (string | undefined)[][] = [];
  const server = createServer((request, response) => {
    asked.push([request.headers.range, request.headers['if-range']] as (string | undefined)[]);
    const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
    answer(request, response);
  });
  return { url: new URL(`http://127.0.0.1:${await listen(server)}/`), asked };
}

/** Breaks off after this many bytes. */
const broken =
  (body: string, count: number, etag?: string) =>
  (_: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(200, { 'Content-Length': body.length, ...(etag !== undefined && { ETag: etag }) });
    response.write(body.slice(0, count), () => response.destroy());
  };
const whole =
  (body: string, etag = '"2"') =>
  (_: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(200, { ETag: etag }).end(body);
  };
const rest =
  (body: string, range: string, etag: string) =>
  (_: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(206, { ETag: etag, 'Content-Range': range }).end(body);
  };
const OLD = 'the old words';
const NEW = 'and the new ones';
const ASKED_AGAIN = ['bytes=4-', '"1"'];
const ANEW = [undefined, undefined];

test.each<[string, Parameters<typeof script>, (string | undefined)[][], string]>([
  ['another version by now', [broken(OLD, 4, '"1"'), whole(NEW)], [ANEW, ASKED_AGAIN], NEW],
  ['no ETag', [broken(OLD, 4), whole(NEW)], [ANEW, ANEW], NEW],
  ['a weak ETag', [broken(OLD, 4, 'W/"1"'), whole(NEW)], [ANEW, ANEW], NEW],
  ['the rest', [broken(OLD, 4, '"1"'), rest(OLD.slice(4), 'bytes 4-12/13', '"1"')], [ANEW, ASKED_AGAIN], OLD],
  [
    'less than the rest, and then the rest',
    [
      broken(OLD, 4, '"1"'),
      rest(OLD.slice(4, 6), 'bytes 4-5/13', '"1"'),
      rest(OLD.slice(6), 'bytes 6-12/13', '"1"'),
    ],
    [ANEW, ASKED_AGAIN, ['bytes=6-', '"1"']],
    OLD,
  ],
  [
    'the rest of another version',
    [broken(OLD, 4, '"1"'), rest(NEW.slice(4), 'bytes 4-15/16', '"2"'), whole(NEW)],
    [ANEW, ASKED_AGAIN, ANEW],
    NEW,
  ],
  [
    'some other part',
    [broken(OLD, 4, '"1"'), rest(OLD.slice(3), 'bytes 3-12/13', '"1"'), whole(OLD)],
    [ANEW, ASKED_AGAIN, ANEW],
    OLD,
  ],
  [
    'a part of an unknown whole',
    [broken(OLD, 4, '"1"'), rest(OLD.slice(4, 6), 'bytes 4-5/*', '"1"'), whole(OLD)],
    [ANEW, ASKED_AGAIN, ANEW],
    OLD,
  ],
  [
    'that there is no such part',
    [
      broken(OLD, 4, '"1"'),
      (_, response) => response.writeHead(416, { 'Content-Range': 'bytes */2' }).end(),
      whole('ab'),
    ],
    [ANEW, ASKED_AGAIN, ANEW],
    'ab',
  ],
  [
    'that it is busy',
    [
      broken(OLD, 4, '"1"'),
      (_, response) => response.writeHead(503).end('busy'),
      rest(OLD.slice(4), 'bytes 4-12/13', '"1"'),
    ],
    [ANEW, ASKED_AGAIN, ASKED_AGAIN],
    OLD,
  ],
])('a server that responds to the second request with %s', async (_what, answers, expected, content) => {
  const { url, asked } = await script(...answers);
  const target = join(temporaryFolder(), 'file');
  expect(await download(url, target, { pause: 1 })).toBe(content.length);
  expect(readFileSync(target, 'utf8')).toBe(content);
  expect(asked).toEqual(expected);
});

test('a download that was interrupted after its last byte is complete', async () => {
  const { url, asked } = await script((_, response) => {
    response.writeHead(416, { 'Content-Range': `bytes */${OLD.length}` }).end();
  });
  const target = join(temporaryFolder(), 'file');
  writeFileSync(`${target}.part`, OLD);
  writeFileSync(`${target}.part.json`, JSON.stringify({ url: url.href, etag: '"1"' }));
  expect(await download(url, target)).toBe(OLD.length);
  expect(readFileSync(target, 'utf8')).toBe(OLD);
  expect(asked).toEqual([['bytes=13-', '"1"']]);
});

test('fails if the server always breaks off at the same place', async () => {
  const { url, asked } = await script(broken(OLD, 4));
  const target = join(temporaryFolder(), 'file');
  const retried: unknown[] = [];
  const onRetry = (error: unknown, pause: number): void => void retried.push([error, pause]);
  const broke = { code: 'HTTP_INCOMPLETE_READ' };
  await expect(download(url, target, { pause: 1, onRetry })).rejects.toMatchObject(broke);
  expect(retried).toMatchObject([1, 2, 4, 8].map((pause) => [broke, pause]));
  // The first attempt, and the allowed number without a new byte.
  expect(asked).toHaveLength(5);
  expect(existsSync(target)).toBe(false);
});

test.each<[string, Parameters<typeof script>[0], RegExp]>([
  ['404', (_, response) => response.writeHead(404).end(), /the response is 404 "Not Found"/],
  [
    '301',
    (_, response) => response.writeHead(301, { Location: '/new' }).end(),
    /301 "Moved Permanently", to "\/new"/,
  ],
])('%s is reported, and not retried', async (_status, answer, said) => {
  const { url, asked } = await script(answer);
  const folder = temporaryFolder();
  const { code, stderr } = await run('download', [url.href, join(folder, 'file')]);
  expect(code).toBe(1);
  expect(stderr).toMatch(said);
  expect(readdirSync(folder)).toEqual([]);
  expect(asked).toHaveLength(1);
});

test('a refused connection is reported at once', async () => {
  const { code, stderr } = await run('download', ['http://127.0.0.1:1/', join(temporaryFolder(), 'file')]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/ECONNREFUSED/);
});

test.each(['', 'Content-Length: 1000000\r\n'])('a signal ends it while a body arrives: %j', async (field) => {
  const port = await listenAndDawdle(`HTTP/1.1 200 OK\r\n${field}\r\n`);
  const controller = new AbortController();
  const reason = new Error('enough');
  const onProgress = (): void => {
    controller.abort(reason);
  };
  const options = { onProgress, signal: controller.signal };
  const path = join(temporaryFolder(), 'file');
  await expect(download(new URL(`http://127.0.0.1:${port}/`), path, options)).rejects.toBe(reason);
});
