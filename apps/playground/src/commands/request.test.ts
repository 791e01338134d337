import { writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { BYTES } from '../testing/bytes.js';
import { request, run, runShell, start, temporaryFolder, text } from '../testing/cli.js';
import { pythonAbsent, serve, servePython, serveRaw } from '../testing/servers.js';

/** Responses on the wire, and the head and body that are printed. */
const ANSWERS: [name: string, answer: string, head: string, body: string][] = [
  ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', 'HTTP/1.1 200 OK', 'hello'],
  [
    'chunks',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK',
    'hello',
  ],
  ['the end of the connection', 'HTTP/1.0 200 OK\r\n\r\nhello', 'HTTP/1.0 200 OK', 'hello'],
  ['no body', 'HTTP/1.1 204 No Content\r\n\r\n', 'HTTP/1.1 204 No Content', ''],
  ['no reason', 'HTTP/1.1 299\r\nContent-Length: 0\r\n\r\n', 'HTTP/1.1 299', ''],
  ['an error', 'HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno', 'HTTP/1.1 404 Not Found', 'no'],
  [
    'all bytes',
    `HTTP/1.0 200 OK\r\n\r\n${BYTES.toString('latin1')}`,
    'HTTP/1.0 200 OK',
    BYTES.toString('latin1'),
  ],
];

describe('what is printed in a pipe', () => {
  test.each(ANSWERS)(
    '%s: the status line, an empty line and the raw body',
    async (_name, answer, head, body) => {
      const url = await serveRaw((socket) => socket.end(answer, 'latin1'));
      const result = await run(request('GET', url));
      expect({ ...result, stdout: text(result) }).toEqual({
        code: 0,
        stderr: '',
        stdout: `${head}\n\n${body}`,
      });
    },
  );

  test.each(ANSWERS)('%s: -o - prints the body alone', async (_name, answer, head, body) => {
    const url = await serveRaw((socket) => socket.end(answer, 'latin1'));
    const result = await run(request('GET', url, '-o', '-'));
    expect({ ...result, stdout: text(result) }).toEqual({ code: 0, stderr: `${head}\n\n`, stdout: body });
  });

  test('-i also prints the fields and the interim responses', async () => {
    const url = await serveRaw((socket) =>
      socket.end(
        'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: a\r\nset-cookie: b\r\nX: \xfc\x9b\r\nContent-Length: 2\r\n\r\nhi',
        'latin1',
      ),
    );
    const result = await run(request('GET', url, '--include'));
    expect(result.stdout.toString()).toBe(
      'HTTP/1.1 103 Early Hints\nLink: </a>\n\nHTTP/1.1 200 OK\nSet-Cookie: [hidden]\nset-cookie: [hidden]\nX: ü\\x9b\nContent-Length: 2\n\nhi',
    );
    expect(result.code).toBe(0);
  });

  test('the body of HEAD is empty', async () => {
    const result = await run(request('HEAD', await serve((_, response) => response.end('hello'))));
    expect({ ...result, stdout: text(result) }).toEqual({
      code: 0,
      stderr: '',
      stdout: 'HTTP/1.1 200 OK\n\n',
    });
  });

  test('a body is printed as it arrives', async () => {
    // Each block is sent once the previous one has been printed.
    let peer: Socket | undefined;
    const url = await serveRaw((socket) => {
      peer = socket;
      socket.write('HTTP/1.0 200 OK\r\n\r\nblock 0');
    });
    const { child, ended } = start(request('GET', url));
    let count = 0;
    child.stdout.on('data', (block: Buffer) => {
      if (!block.includes(`block ${count}`)) return;
      if (++count < 4) peer?.write(`block ${count}`);
      else peer?.end();
    });
    expect(text(await ended)).toBe('HTTP/1.0 200 OK\n\nblock 0block 1block 2block 3');
  });

  test('there is no progress bar, however long the body', async () => {
    const body = Buffer.alloc(3_000_000, 'x');
    const result = await run(request('GET', await serve((_, response) => response.end(body)), '-o', '-'));
    expect({ code: result.code, stderr: result.stderr }).toEqual({ code: 0, stderr: 'HTTP/1.1 200 OK\n\n' });
    expect(result.stdout.equals(body)).toBe(true);
  });

  test('--debug prints the wire as debugLevel does', async () => {
    const url = await serveRaw((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 2\r\n\r\nhi'),
    );
    const result = await run(request('POST', `${url}/p`, '-d', 'data', '--debug'));
    const host = url.replace('http://', '');
    const [sent, ...lines] = text(result).split('\n');
    expect(sent).toContain(`send: 'POST /p HTTP/1.1\\r\\nHost: ${host}\\r\\nAccept-Encoding: identity\\r\\n`);
    expect(lines.slice(lines.indexOf("reply: 'HTTP/1.1 200 OK\\r\\n'"))).toEqual([
      "reply: 'HTTP/1.1 200 OK\\r\\n'",
      'header: X: y',
      'header: Content-Length: 2',
      'HTTP/1.1 200 OK',
      '',
      'hi',
    ]);
    expect(result.code).toBe(0);
  });

  test.each(['head -n 1', 'head -c 100000', 'true'])('| %s ends it quietly', async (reader) => {
    // The body is endless: only the reader can end this.
    const url = await serve((_, response) => {
      const more = (): void => {
        while (response.write(`${'x'.repeat(65_535)}\n`));
      };
      response.on('drain', more);
      more();
    });
    const result = await runShell(`{ "$@"; echo "code $?" >&2; } | ${reader}`, request('GET', url));
    expect(result.stderr).toBe('code 0\n');
  });
});

describe.skipIf(pythonAbsent)('against http.server of Python', () => {
  test('a file, a folder, HEAD, a missing page, an unsupported method', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'bytes'), BYTES);
    const url = await servePython(folder);
    const file = await run(request('GET', `${url}/bytes`));
    expect(text(file)).toBe(`HTTP/1.0 200 OK\n\n${BYTES.toString('latin1')}`);
    expect(text(await run(request('GET', url)))).toMatch(
      /^HTTP\/1\.0 200 OK\n\n<!DOCTYPE [^]*<a href="bytes">/,
    );
    expect(text(await run(request('HEAD', `${url}/bytes`, '-i')))).toMatch(
      /^HTTP\/1\.0 200 OK\nServer: [^]*\nContent-Length: 256\n[^]*\n\n$/,
    );
    expect(text(await run(request('GET', `${url}/parrot.spam`)))).toMatch(
      /^HTTP\/1\.0 404 File not found\n\n</,
    );
    expect(text(await run(request('POST', url, '-d', 'x')))).toMatch(
      /^HTTP\/1\.0 501 Unsupported method \('POST'\)\n\n</,
    );
  });
});
