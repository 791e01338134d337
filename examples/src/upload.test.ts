import { randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTCPServer } from 'node:net';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { nginxAbsent, startNginx } from './testdata/nginx.js';
import { listen, listenAndDawdle, run, temporaryFolder } from './testdata/stage.js';
import { upload } from './upload.js';

const CONTENT = randomBytes(2_000_000);

function file(content: Uint8Array | string = CONTENT): string {
  const path = join(temporaryFolder(), 'file.bin');
  writeFileSync(path, content);
  return path;
}

test.skipIf(nginxAbsent)('uploads a file to nginx', async () => {
  const { folder, port } = await startNginx();
  const { code, stdout, stderr } = await run('upload', [file(), `http://127.0.0.1:${port}/upload/file.bin`]);
  expect({ code, stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^201 "Created"/) as string,
  });
  expect(stderr).toMatch(/^100 % of 2000000 bytes$/m);
  expect(readFileSync(join(folder, 'upload/file.bin')).equals(CONTENT)).toBe(true);
});

test.skipIf(nginxAbsent)('nginx refuses a file that is too large before it is sent', async () => {
  const { port } = await startNginx();
  const { code, stdout, stderr } = await run('upload', [file(), `http://127.0.0.1:${port}/refused/file.bin`]);
  expect({ code, stdout }).toMatchObject({ code: 1, stdout: expect.stringMatching(/^413 /) as string });
  expect(stderr).toBe('');
});

test('sends the length, and the body after the 100', async () => {
  const server = createServer();
  const events: string[] = [];
  server.on('checkContinue', (request, response) => {
    const { 'content-length': length, 'content-type': type, expect: expectation } = request.headers;
    events.push(`${request.method} ${length} ${type} ${expectation} ${request.readableLength}`);
    response.writeContinue();
    let count = 0;
    request.on('data', (block: Uint8Array) => (count += block.length));
    request.on('end', () => response.end(`${count} bytes\x1b[2J`));
  });
  const port = await listen(server);
  const { code, stdout } = await run('upload', [file(), `http://127.0.0.1:${port}/`, 'POST']);
  // Server data is printed escaped: it cannot control the terminal.
  expect({ code, stdout }).toEqual({ code: 0, stdout: '200 "OK" "2000000 bytes\\x1b[2J"\n' });
  expect(events).toEqual(['POST 2000000 application/octet-stream 100-continue 0']);
});

test('repeats the upload without Expect after a 417', async () => {
  const server = createServer();
  const asked: string[] = [];
  server.on('checkContinue', (_, response) => {
    asked.push('Expect');
    response.writeHead(417).end();
  });
  server.on('request', (request, response) => {
    asked.push(`Content-Length ${request.headers['content-length']}`);
    request.resume().on('end', () => response.writeHead(204).end());
  });
  const port = await listen(server);
  expect(await upload(file(), new URL(`http://127.0.0.1:${port}/`))).toMatchObject({ status: 204 });
  expect(asked).toEqual(['Expect', 'Content-Length 2000000']);
});

test('uploads an empty file without Expect', async () => {
  const server = createServer((request, response) => {
    response.end(`${request.headers['content-length']} ${String(request.headers.expect)}`);
  });
  const port = await listen(server);
  expect(await upload(file(''), new URL(`http://127.0.0.1:${port}/`))).toMatchObject({ said: '0 undefined' });
});

test('a response that arrives during the upload counts for more than a failed write', async () => {
  // Refuses after the first bytes of the body, and reads no more.
  const server = createTCPServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write('HTTP/1.1 100 Continue\r\n\r\n');
      socket.once('data', () => {
        socket.pause();
        socket.write('HTTP/1.1 507 Full\r\nContent-Length: 4\r\n\r\nfull');
      });
    });
  });
  const port = await listen(server);
  const answer = await upload(file(randomBytes(20_000_000)), new URL(`http://127.0.0.1:${port}/`));
  expect(answer).toEqual({ status: 507, reason: 'Full', said: 'full' });
});

test('a response that is as long as the file, and arrives during the upload, does not hold it up', async () => {
  const server = createServer();
  server.on('checkContinue', (request, response) => {
    response.writeContinue();
    request.pipe(response);
  });
  const url = new URL(`http://127.0.0.1:${await listen(server)}/`);
  const { status, said } = await upload(file('x'.repeat(20_000_000)), url);
  expect({ status, said }).toEqual({ status: 200, said: 'x'.repeat(65_536) });
});

test('fails if the length of the file changes during the upload', async () => {
  const path = file();
  const server = createServer();
  const complete = new Promise<boolean>((resolve) => {
    server.on('checkContinue', (request, response) => {
      appendFileSync(path, 'more');
      response.writeContinue();
      request.on('error', () => undefined);
      request.resume().on('close', () => {
        resolve(request.complete);
      });
    });
  });
  const port = await listen(server);
  await expect(upload(path, new URL(`http://127.0.0.1:${port}/`))).rejects.toThrow(RangeError);
  expect(await complete).toBe(false);
});

test.each([
  ['head', 'HTTP/1.1 200 OK\r\n'],
  ['body', 'HTTP/1.1 200 OK\r\n\r\n'],
])('a signal ends it while the %s of the response arrives', async (_, head) => {
  const url = new URL(`http://127.0.0.1:${await listenAndDawdle(head)}/`);
  await expect(upload(file(), url, { signal: AbortSignal.timeout(500) })).rejects.toMatchObject({
    name: 'TimeoutError',
  });
});

test.each([
  ['a folder', ['.'], /it is not a regular file/],
  ['a missing file', ['nothing-there'], /ENOENT/],
])('refuses %s', async (_what, [path = ''], said) => {
  const { code, stderr } = await run('upload', [path, 'http://127.0.0.1:1/']);
  expect(code).toBe(1);
  expect(stderr).toMatch(said);
});
