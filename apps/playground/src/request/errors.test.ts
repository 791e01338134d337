import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { request, run, runShell, temporaryFolder, text } from '../testing/cli.js';
import { nowhere, serve, serveRaw } from '../testing/servers.js';

describe('errors: one line and exit code 1', () => {
  /** Sends this part of a response, and closes. */
  const broken = (answer: string) => (): Promise<string> =>
    serveRaw((socket) => socket.end(answer, 'latin1'));

  test.each<[string, () => Promise<string>, string[], RegExp]>([
    [
      'no scheme',
      () => Promise.resolve('localhost:8000'),
      [],
      /"localhost:8000" as a URL: .* http:\/\/localhost:8000$/,
    ],
    ['a field without a colon', nowhere, ['-H', 'accept'], /"accept" as a header field: it has no colon/],
    [
      'an invalid field name',
      nowhere,
      ['-H', 'a b: c'],
      /"a b" as a field name: a space is not a token character/,
    ],
    ['an invalid length', nowhere, ['-H', 'content-length: x', '-d', 'y'], /[Cc]ontent-[Ll]ength/],
    [
      'a length that is not that of the text',
      nowhere,
      ['-H', 'content-length: 9', '-d', 'y'],
      /promises 9 bytes, and the body has 1$/,
    ],
    [
      'an invalid timeout',
      nowhere,
      ['--timeout', '1s'],
      /"1s" as a timeout: expected a whole number of milliseconds/,
    ],
    ['a timeout of 0', nowhere, ['--timeout', '0'], /"0" as a timeout/],
    [
      'a file that does not exist',
      nowhere,
      ['-d', '@nosuch'],
      /^Cannot send "nosuch": there is no such file or folder \(ENOENT\)$/,
    ],
    ['an output without a name', nowhere, ['-o', ''], /^Cannot write to a file without a name: --output /],
    ['an archive without a name', nowhere, ['--har', ''], /^Cannot write to a file without a name: --har /],
    [
      'an archive to standard output',
      nowhere,
      ['--har', '-'],
      /^Cannot write the archive to standard output: --har needs a file \(a file of this name is \.\/-\)$/,
    ],
    [
      'the body and the archive in one file',
      nowhere,
      ['-o', 'x', '--har', './x'],
      /^Cannot write both the body and the archive to "\.\/x": name two files$/,
    ],
    [
      'two bodies',
      nowhere,
      ['-d', 'a', '-d', 'b'],
      /^Cannot use --data again: a request has one body; --form/,
    ],
    [
      'an output with too long a name',
      nowhere,
      ['-o', 'x'.repeat(256)],
      /^Cannot write "x+…?[^ ]*: the name is too long \(ENAMETOOLONG\)$/,
    ],
    ['a folder as a body', nowhere, ['-d', '@.'], /^Cannot send "\.": it is a folder \(EISDIR\)$/],
    ['a folder as an output', nowhere, ['-o', '.'], /^Cannot write "\.": it is a folder \(EISDIR\)$/],
    [
      'a folder that does not exist',
      nowhere,
      ['-o', 'nosuch/x'],
      /^Cannot write "nosuch\/x": there is no such file or folder \(ENOENT\)$/,
    ],
    [
      'nobody listens',
      nowhere,
      [],
      /^Cannot connect to 127\.0\.0\.1:\d+: nothing listens there \(ECONNREFUSED\)$/,
    ],
    [
      'nobody listens on any address of a name',
      async () => (await nowhere()).replace('127.0.0.1', 'localhost'),
      [],
      /^Cannot connect to localhost:\d+: nothing listens there \(ECONNREFUSED\)$/,
    ],
    [
      'a name without an address',
      () => Promise.resolve('http://nosuch.invalid/'),
      [],
      /^Cannot find the host "nosuch\.invalid": .*\((?:ENOTFOUND|EAI_AGAIN)\)$/,
    ],
    ['no response in time', () => serveRaw(() => undefined), ['--timeout', '50'], /\b50 ms\b/],
    [
      'no more of a body in time',
      () => serveRaw((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello')),
      // Long enough for the head, on a busy machine.
      ['--timeout', '3000'],
      /response body.*\b3000 ms\b/,
    ],
    ['no response', broken(''), [], /closed/],
    ['no status line', broken('220 smtp.example ready\r\n'), [], /"220 smtp\.example ready"/],
    ['a truncated head', broken('HTTP/1.1 200 OK\r\nA: b'), [], /ended/],
    ['an invalid field line', broken('HTTP/1.1 200 OK\r\nno colon\r\n\r\n'), [], /"no colon"/],
    ['control characters in a quotation', broken('\x1b[2J\x07\r\n\r\n'), [], /\\x1b\[2J\\x07/],
    ['a truncated body', broken('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello'), [], /\b4 bytes\b/],
    ['broken chunks', broken('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'), [], /"z"/],
    ['an unknown transfer coding', broken('HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n'), [], /gzip/],
  ])('%s', async (_name, server, args, message) => {
    const { code, stderr } = await run(request('GET', await server(), ...args), { cwd: temporaryFolder() });
    expect(stderr).toMatch(/^http-client: .+\n$/);
    expect(stderr.slice('http-client: '.length, -1)).toMatch(message);
    expect(stderr.slice(0, -1)).not.toMatch(/\p{Cc}/u);
    expect(code).toBe(1);
  });

  test('a file that is shorter than its promised length', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'bytes'), '12345');
    const url = await serve((message, response) => message.resume().on('end', () => response.end()));
    const args = request('PUT', url, '-d', '@bytes', '-H', 'content-length: 9');
    const { code, stderr } = await run(args, { cwd: folder });
    expect(stderr).toMatch(/^http-client: .*\b9\b.*\b5\b.*\n$/);
    expect(code).toBe(1);
  });

  test.each([
    [
      ['http://localhost/', 'GET'],
      'Cannot use "http://localhost/" as a method: it is a URL, which comes second: GET http://localhost/',
    ],
    [[], 'Cannot send a request: a URL is missing; a good one looks like http://example.org:8080/path?query'],
    [
      ['GET'],
      'Cannot send "GET": a URL is missing after it; a good one looks like http://example.org:8080/path?query',
    ],
    [
      ['post'],
      'Cannot send "post": a URL is missing after it; a good one looks like http://example.org:8080/path?query',
    ],
    [
      ['-X', 'POST'],
      'Cannot send a request: a URL is missing; a good one looks like http://example.org:8080/path?query',
    ],
    [
      ['-X', 'POST', 'PUT', 'http://localhost/'],
      'Cannot use both "PUT" and --request "POST": a request has one method',
    ],
    [['http://localhost/', 'http://127.0.0.1/'], 'Cannot send to more than one URL: name one at a time'],
    [
      ['-X', 'PUT', 'http://localhost/', 'http://127.0.0.1/'],
      'Cannot send to more than one URL: name one at a time',
    ],
    [
      ['OPTIONS', '*'],
      `Cannot use "*" as a URL: it names no server; conn.request('OPTIONS', '*') in http-client repl sends OPTIONS *`,
    ],
    [
      ['G T', 'http://localhost/'],
      'Cannot use "G T" as a method: a space is not a token character (RFC 9110, section 5.6.2)',
    ],
  ])('%j', async (args, line) => {
    const result = await run(request(...args));
    expect({ ...result, stdout: text(result) }).toEqual({
      code: 1,
      stdout: '',
      stderr: `http-client: ${line}\n`,
    });
  });

  test.skipIf(!existsSync('/dev/full'))('an output that cannot be written', async () => {
    const result = await runShell('"$@" >/dev/full', request(await serve((_, response) => response.end())));
    expect(result.stderr).toBe('http-client: Cannot write the output: the disk is full (ENOSPC)\n');
    expect(result.code).toBe(1);
  });

  test('the received part of a truncated body is printed', async () => {
    const url = await broken('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello')();
    expect(text(await run(request('GET', url)))).toBe('HTTP/1.1 200 OK\n\nhello');
  });
});
