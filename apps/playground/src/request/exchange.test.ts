import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { BYTES } from '../testing/bytes.js';
import { request, run, start, temporaryFolder, text } from '../testing/cli.js';
import { echo, echoed } from '../testing/echo.js';
import { serve, serveRaw } from '../testing/servers.js';

describe('what is sent', () => {
  test.each([
    [['GET', '/a/b?c=d'], { method: 'GET', url: '/a/b?c=d', body: '' }],
    [['DELETE', ''], { method: 'DELETE', url: '/', body: '' }],
    [['POST', '/', '-d', 'ünï'], { body: Buffer.from('ünï').toString('latin1') }],
    [['POST', '/', '--data', ''], { body: '' }],
    [['POST', '/', '-d', '-x'], { body: '-x' }],
    [['PUT', '/', '-d', 'a@b'], { body: 'a@b' }],
  ])('%j', async ([method = '', path = '', ...rest], expected) => {
    const url = await serve(echo);
    expect(echoed(await run(request(method, url + path, ...rest)))).toMatchObject(expected);
  });

  test.each([
    ['-X', 'DELETE'],
    ['--request', 'DELETE'],
  ])('%s %s, as curl has it', async (option, method) => {
    expect(echoed(await run(request(option, method, await serve(echo))))).toMatchObject({ method });
  });

  test('an unregistered method', async () => {
    // Node's own server rejects methods that it does not know.
    const url = await serveRaw((socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n'));
    const result = await run(request('X-OWN', url));
    expect({ ...result, stdout: text(result) }).toEqual({
      code: 0,
      stderr: '',
      stdout: 'HTTP/1.1 204 No Content\n\n',
    });
  });

  test('the fields in their order, after the automatic ones', async () => {
    const url = await serve(echo);
    const { fields } = echoed(
      await run(
        request(
          'POST',
          url,
          '-H',
          'B: 1',
          '--header',
          'a:2',
          '-H',
          'B: 3',
          '-H',
          'Accept-Encoding: gzip',
          '-d',
          'x',
        ),
      ),
    );
    expect(fields).toEqual([
      ...['Host', url.replace('http://', '')],
      ...['Content-Length', '1', 'B', '1', 'a', '2', 'B', '3', 'Accept-Encoding', 'gzip'],
    ]);
  });

  test.each([
    ['with its length', [], 'Content-Length,256'],
    ['in chunks with --chunked', ['--chunked'], 'Transfer-Encoding,chunked'],
    [
      'in chunks, with the field set by the user',
      ['-H', 'transfer-encoding: chunked', '--chunked'],
      'transfer-encoding,chunked',
    ],
  ])('a file, %s', async (_name, args, framing) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'bytes'), BYTES);
    const { fields, body } = echoed(
      await run(request('PUT', await serve(echo), '-d', '@bytes', ...args), { cwd: folder }),
    );
    expect(Buffer.from(body, 'latin1')).toEqual(BYTES);
    expect(String(fields)).toContain(framing);
    expect(fields.filter((name) => /^(?:content-length|transfer-encoding)$/i.test(name))).toHaveLength(1);
  });

  test('a file, with the length set by the user', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'bytes'), BYTES);
    const args = request('PUT', await serve(echo), '-d', '@bytes', '-H', 'content-length: 256');
    const { fields, body } = echoed(await run(args, { cwd: folder }));
    expect(body).toHaveLength(256);
    expect(fields).not.toContain('Transfer-Encoding');
  });

  test('standard input', async () => {
    const { body, fields } = echoed(
      await run(request('POST', await serve(echo), '-d', '@-'), { input: 'from a pipe' }),
    );
    expect(body).toBe('from a pipe');
    expect(fields).toContain('Transfer-Encoding');
  });

  test('standard input, as it arrives', async () => {
    // Each block is written once the server has received the previous one: nothing waits for the end.
    const got: string[] = [];
    const { child, ended } = start(
      request(
        'POST',
        await serve((message, response) => {
          message.on('data', (block: Buffer) => {
            got.push(block.toString());
            if (got.length < 3) child.stdin.write(`block ${got.length}`);
            else child.stdin.end();
          });
          message.on('end', () => response.end());
        }),
        '-d',
        '@-',
      ),
    );
    child.stdin.write('block 0');
    expect((await ended).code).toBe(0);
    expect(got).toEqual(['block 0', 'block 1', 'block 2']);
  });

  test('a method in lower case, with a warning', async () => {
    const raw = await serveRaw((socket) => socket.end('HTTP/1.1 501 No\r\nContent-Length: 0\r\n\r\n'));
    expect(await run(request('get', raw))).toEqual({
      code: 0,
      stdout: Buffer.from('HTTP/1.1 501 No\n\n'),
      stderr: 'http-client: methods are case-sensitive: get is sent as it is, not as GET\n',
    });
  });
});

test.each([
  ['', []],
  [', with a timeout as well', ['--timeout', '5000']],
])('a response before the end of the upload is printed, and ends the upload%s', async (_name, args) => {
  // The server does not read the body, so that it could never be sent completely.
  const url = await serveRaw((socket) =>
    socket.write('HTTP/1.1 413 Too Much\r\nContent-Length: 3\r\n\r\nbig'),
  );
  const { child, ended } = start(request('POST', url, '-d', '@-', ...args));
  const block = Buffer.alloc(65_536);
  const more = (): void => {
    while (child.stdin.write(block));
  };
  child.stdin.on('error', () => undefined).on('drain', more);
  more();
  const result = await ended;
  expect({ ...result, stdout: text(result) }).toEqual({
    code: 0,
    stderr: '',
    stdout: 'HTTP/1.1 413 Too Much\n\nbig',
  });
});

describe('Ctrl-C closes the connection and exits with 130', () => {
  const moments: [name: string, answer: string, args: string[]][] = [
    ['before the answer', '', []],
    ['within the head', 'HTTP/1.1 200 OK\r\nA: b', []],
    ['within a body of known length', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello', []],
    ['within a body that ends with the connection', 'HTTP/1.0 200 OK\r\n\r\nhello', []],
    ['while standard input gives nothing', '', ['-d', '@-']],
  ];
  test.each(moments)('%s', async (_name, answer, args) => {
    const folder = temporaryFolder();
    let closed: Promise<unknown> | undefined;
    const url = await serveRaw((socket) => {
      closed = once(socket, 'close');
      socket.resume();
      socket.write(answer, () => child.kill('SIGINT'));
    });
    const { child, ended } = start(request('GET', url, '-o', 'out', ...args), { cwd: folder });
    const { code, stderr } = await ended;
    await closed;
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('SIGTERM likewise, with 143', async () => {
    const url = await serveRaw(() => child.kill('SIGTERM'));
    const { child, ended } = start(request('GET', url));
    expect(await ended).toMatchObject({ code: 143, stderr: '' });
  });
});
