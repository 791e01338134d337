import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import {
  hasTerminal,
  run,
  runOnTerminal,
  runShell,
  start,
  startOnTerminal,
  temporaryFolder,
  type Result,
} from '../testing/cli.js';
import { hasPython, nowhere, serve, servePython, serveRaw } from '../testing/servers.js';

const text = ({ stdout }: Result): string => stdout.toString('latin1');
const request = (...args: string[]): string[] => ['request', ...args];

/** Answers with what was asked, as JSON. */
const echo: RequestListener = (message, response) => {
  void bodyOf(message).then((body) => {
    const { method, url, rawHeaders } = message;
    response.end(JSON.stringify({ method, url, fields: rawHeaders, body: body.toString('latin1') }));
  });
};

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const blocks: Buffer[] = [];
  for await (const block of message) blocks.push(block as Buffer);
  return Buffer.concat(blocks);
}

interface Echo {
  method: string;
  url: string;
  fields: string[];
  body: string;
}
function echoed(result: Result): Echo {
  expect({ code: result.code, stderr: result.stderr }).toEqual({ code: 0, stderr: '' });
  const [head, body] = result.stdout.toString().split('\n\n');
  expect(head).toBe('HTTP/1.1 200 OK');
  return JSON.parse(body!) as Echo;
}

/** Every byte, in an order in which some are line ends and none is text. */
const BYTES = Buffer.from(Array.from({ length: 256 }, (_, index) => (index * 7 + 13) % 256));

describe('what is sent', () => {
  test.each([
    [['GET', '/a/b?c=d'], { method: 'GET', url: '/a/b?c=d', body: '' }],
    [['DELETE', ''], { method: 'DELETE', url: '/', body: '' }],
    [['X-OWN', '/x'], { method: 'X-OWN', url: '/x', body: '' }],
    [['POST', '/', '-d', 'ünï'], { body: Buffer.from('ünï').toString('latin1') }],
    [['POST', '/', '--data', ''], { body: '' }],
    [['POST', '/', '-d', '-x'], { body: '-x' }],
    [['PUT', '/', '-d', 'a@b'], { body: 'a@b' }],
  ])('%j', async ([method = '', path = '', ...rest], expected) => {
    const url = await serve(echo);
    // A parser's own choice: Node's server refuses methods that it does not know.
    if (method === 'X-OWN') {
      const raw = await serveRaw((socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n'));
      const result = await run(request(method, raw + path));
      expect(result).toEqual({ code: 0, stderr: '', stdout: Buffer.from('HTTP/1.1 204 No Content\n\n') });
      return;
    }
    expect(echoed(await run(request(method, url + path, ...rest)))).toMatchObject(expected);
  });

  test('the fields in their order, behind the automatic ones', async () => {
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

  test('a file, in chunks', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'bytes'), BYTES);
    const { fields, body } = echoed(
      await run(request('PUT', await serve(echo), '-d', '@bytes'), { cwd: folder }),
    );
    expect(Buffer.from(body, 'latin1')).toEqual(BYTES);
    expect(fields).toContain('Transfer-Encoding');
  });

  test('a file with the length that the caller knows', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'bytes'), BYTES);
    const args = request('PUT', await serve(echo), '-d', '@bytes', '-H', 'content-length: 256');
    const { fields, body } = echoed(await run(args, { cwd: folder }));
    expect(body).toHaveLength(256);
    expect(fields).not.toContain('Transfer-Encoding');
  });

  test('standard input', async () => {
    const { body } = echoed(
      await run(request('POST', await serve(echo), '-d', '@-'), { input: 'from a pipe' }),
    );
    expect(body).toBe('from a pipe');
  });

  test('standard input while it comes', async () => {
    // Each block is written once the server has the one before: nothing waits for the end.
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

  test('a method in lower case, with a word of warning', async () => {
    const raw = await serveRaw((socket) => socket.end('HTTP/1.1 501 No\r\nContent-Length: 0\r\n\r\n'));
    expect(await run(request('get', raw))).toEqual({
      code: 0,
      stdout: Buffer.from('HTTP/1.1 501 No\n\n'),
      stderr: 'http-client: the case of a method counts: get is sent as it is, not as GET\n',
    });
  });
});

/** Answers as they come over the wire, with what is printed of them. */
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

  test.each(ANSWERS)('%s: -o - gives the body alone', async (_name, answer, head, body) => {
    const url = await serveRaw((socket) => socket.end(answer, 'latin1'));
    const result = await run(request('GET', url, '-o', '-'));
    expect({ ...result, stdout: text(result) }).toEqual({ code: 0, stderr: `${head}\n\n`, stdout: body });
  });

  test('-i prints the fields too, and the interim answers', async () => {
    const url = await serveRaw((socket) =>
      socket.end(
        'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: a\r\nset-cookie: b\r\nX: \xfc\x9b\r\nContent-Length: 2\r\n\r\nhi',
        'latin1',
      ),
    );
    const result = await run(request('GET', url, '--include'));
    expect(result.stdout.toString()).toBe(
      'HTTP/1.1 103 Early Hints\nLink: </a>\n\nHTTP/1.1 200 OK\nSet-Cookie: a\nset-cookie: b\nX: ü\\x9b\nContent-Length: 2\n\nhi',
    );
    expect(result.code).toBe(0);
  });

  test('the body of HEAD is empty', async () => {
    const result = await run(request('HEAD', await serve(echo)));
    expect({ ...result, stdout: text(result) }).toEqual({
      code: 0,
      stderr: '',
      stdout: 'HTTP/1.1 200 OK\n\n',
    });
  });

  test('a body is passed on while it comes', async () => {
    // Each block is sent once the one before has been seen at the other end.
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
    // A body without an end: only the reader can end this.
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

describe('a file to write to', () => {
  const small: RequestListener = (_, response) => response.end('hello');

  test('it gets the body, and standard output the status line', async () => {
    const folder = temporaryFolder();
    const args = request('GET', await serve((_, response) => response.end(BYTES)), '-o', 'out');
    const result = await run(args, { cwd: folder });
    expect({ ...result, stdout: text(result) }).toEqual({
      code: 0,
      stderr: '',
      stdout: 'HTTP/1.1 200 OK\n\n',
    });
    expect(readdirSync(folder)).toEqual(['out']);
    expect(readFileSync(join(folder, 'out'))).toEqual(BYTES);
  });

  test('it is replaced, and a link to it stays one', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'there'));
    writeFileSync(join(folder, 'there', 'old'), 'something longer than before');
    symlinkSync(join('there', 'old'), join(folder, 'link'));
    expect((await run(request('GET', await serve(small), '-o', 'link'), { cwd: folder })).code).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(['link', 'there']);
    expect(readdirSync(join(folder, 'there'))).toEqual(['old']);
    expect(readFileSync(join(folder, 'there', 'old'), 'latin1')).toBe('hello');
  });

  test('what is no regular file is written to, not replaced', async () => {
    const result = await runShell(
      'mkfifo pipe && { cat pipe & "$@"; wait; }',
      request('GET', await serve(small), '-o', 'pipe'),
      {
        cwd: temporaryFolder(),
      },
    );
    expect(text(result)).toContain('hello');
    expect(result).toMatchObject({ code: 0, stderr: '' });
  });

  test('it has its name only when it is complete', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'out'), 'the old one');
    const seen: string[] = [];
    const url = await serve((_, response) => {
      seen.push(readFileSync(join(folder, 'out'), 'latin1'), ...readdirSync(folder).sort());
      response.end('the new one');
    });
    expect((await run(request('GET', url, '-o', 'out'), { cwd: folder })).code).toBe(0);
    expect(seen).toEqual(['the old one', 'out', expect.stringMatching(/^out\.[0-9a-f]{8}\.part$/)]);
    expect(readdirSync(folder)).toEqual(['out']);
    expect(readFileSync(join(folder, 'out'), 'latin1')).toBe('the new one');
  });

  test.each([
    ['a truncated body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'],
    ['broken chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n'],
    ['a broken head', 'nonsense\r\n\r\n'],
    ['no answer', ''],
  ])('%s leaves neither half of one nor anything else behind', async (_name, answer) => {
    const folder = temporaryFolder();
    const url = await serveRaw((socket) => socket.end(answer));
    const { code, stderr } = await run(request('GET', url, '-o', 'out'), { cwd: folder });
    expect(stderr).toMatch(/^http-client: .+\n$/);
    expect(code).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('errors: one line and exit code 1', () => {
  /** Sends this much of an answer and ends. */
  const broken = (answer: string) => (): Promise<string> =>
    serveRaw((socket) => socket.end(answer, 'latin1'));

  test.each<[string, () => Promise<string>, string[], RegExp]>([
    [
      'no scheme',
      () => Promise.resolve('localhost:8000'),
      [],
      /"localhost:8000" as a URL: .* http:\/\/localhost:8000$/,
    ],
    [
      'https://',
      () => Promise.resolve('https://localhost/'),
      [],
      /https:\/\/ comes with TLS support, which is not there yet/,
    ],
    ['a field without a colon', nowhere, ['-H', 'accept'], /"accept" as a header field: it has no colon/],
    [
      'a field name that is none',
      nowhere,
      ['-H', 'a b: c'],
      /"a b" as a field name: a space is no token character/,
    ],
    ['a length that is none', nowhere, ['-H', 'content-length: x', '-d', 'y'], /[Cc]ontent-[Ll]ength/],
    [
      'a timeout that is none',
      nowhere,
      ['--timeout', '1s'],
      /"1s" as a timeout: expected a whole number of milliseconds/,
    ],
    ['a timeout of 0', nowhere, ['--timeout', '0'], /"0" as a timeout/],
    [
      'a file that is not there',
      nowhere,
      ['-d', '@nosuch'],
      /^Cannot send "nosuch": there is no such file or folder \(ENOENT\)$/,
    ],
    ['a folder as a body', nowhere, ['-d', '@.'], /^Cannot send "\.": it is a folder \(EISDIR\)$/],
    ['a folder as an output', nowhere, ['-o', '.'], /^Cannot write "\.": it is a folder \(EISDIR\)$/],
    [
      'a folder that is not there',
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
    ['no answer in time', () => serveRaw(() => undefined), ['--timeout', '50'], /\b50 ms\b/],
    [
      'no more of a body in time',
      () => serveRaw((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello')),
      ['--timeout', '50'],
      /response body.*\b50 ms\b/,
    ],
    ['no answer', broken(''), [], /closed/],
    ['no status line', broken('220 smtp.example ready\r\n'), [], /"220 smtp\.example ready"/],
    ['a head that breaks off', broken('HTTP/1.1 200 OK\r\nA: b'), [], /ended/],
    ['a field line that is none', broken('HTTP/1.1 200 OK\r\nno colon\r\n\r\n'), [], /"no colon"/],
    ['controls in what is quoted', broken('\x1b[2J\x07\r\n\r\n'), [], /\\x1b\[2J\\x07/],
    [
      'a truncated body',
      broken('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello'),
      [],
      /\b4 bytes\b/,
    ],
    ['broken chunks', broken('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'), [], /"z"/],
    [
      'a transfer coding that is unknown',
      broken('HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n'),
      [],
      /gzip/,
    ],
  ])('%s', async (_name, server, args, message) => {
    const { code, stderr } = await run(request('GET', await server(), ...args), { cwd: temporaryFolder() });
    expect(stderr).toMatch(/^http-client: .+\n$/);
    expect(stderr.slice('http-client: '.length, -1)).toMatch(message);
    expect(stderr.slice(0, -1)).not.toMatch(/\p{Cc}/u);
    expect(code).toBe(1);
  });

  test.each([
    [
      ['http://localhost/', 'GET'],
      'Cannot use "http://localhost/" as a method: it is a URL, which comes second: GET http://localhost/',
    ],
    [
      ['http://localhost/'],
      'Cannot use "http://localhost/" as a method: it is a URL, which comes second: GET http://localhost/',
    ],
    [
      ['GET'],
      'Cannot send "GET": a URL is missing behind it; a good one looks like http://example.org:8080/path?query',
    ],
    [
      ['G T', 'http://localhost/'],
      'Cannot use "G T" as a method: a space is no token character (RFC 9110, section 5.6.2)',
    ],
  ])('%j', async (args, line) => {
    const result = await run(request(...args));
    expect({ ...result, stdout: text(result) }).toEqual({
      code: 1,
      stdout: '',
      stderr: `http-client: ${line}\n`,
    });
  });

  test('what came of a body before it broke off is not kept back', async () => {
    const url = await broken('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello')();
    expect(text(await run(request('GET', url)))).toBe('HTTP/1.1 200 OK\n\nhello');
  });
});

test('an answer before the end of the upload is given, and ends it', async () => {
  // The server reads nothing of the body: all of it would never go out.
  const url = await serveRaw((socket) =>
    socket.write('HTTP/1.1 413 Too Much\r\nContent-Length: 3\r\n\r\nbig'),
  );
  const { child, ended } = start(request('POST', url, '-d', '@-'));
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

describe.skipIf(!hasTerminal)('on a terminal', () => {
  const ESC = '\x1b';
  const long: RequestListener = (_, response) => response.end('x'.repeat(3_000_000));
  const short: RequestListener = (_, response) => response.end('short');

  test('text is shown with its controls escaped, and ends its last line', async () => {
    const url = await serve((_, response) => response.end('one\r\n\ttwo \x1b[31mred\x07 \u202e'));
    const result = await runOnTerminal(request('GET', url));
    expect(result.stdout.toString()).toBe(
      'HTTP/1.1 200 OK\r\n\r\none\r\n\ttwo \\x1b[31mred\\x07 \\u{202e}\r\n',
    );
    expect(result.code).toBe(0);
  });

  test('the charset of the answer counts', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/plain; charset=iso-8859-1' });
      response.end(Buffer.from('Gr\xfc\xdfe', 'latin1'));
    });
    expect((await runOnTerminal(request('GET', url))).stdout.toString()).toContain('Grüße');
  });

  test('a long body that goes elsewhere has a progress bar, which goes away', async () => {
    const folder = temporaryFolder();
    const result = await runOnTerminal(request('GET', await serve(long), '-o', 'out'), '', { cwd: folder });
    expect(result.stdout.toString()).toMatch(/receiving \[.*\] *\d+% of 3,000,000 bytes/);
    // The cursor is shown again, and nothing of the bar is left behind it.
    const [, after] = result.stdout.toString().split(`${ESC}[?25h`);
    expect(after).toMatch(new RegExp(`^(?:${ESC}\\[[\\d?;]*[A-Za-z]|${ESC}[78])*$`));
    expect(readFileSync(join(folder, 'out'))).toHaveLength(3_000_000);
  });

  test('Ctrl-C takes the bar away, too', async () => {
    const folder = temporaryFolder();
    const url = await serveRaw((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n${'x'.repeat(2_000_000)}`);
    });
    const { child, ended } = startOnTerminal(request('GET', url, '-o', 'out'), '', { cwd: folder });
    let seen = '';
    child.stdout.on('data', (block: Buffer) => {
      if (seen.includes('receiving')) return;
      seen += block.toString();
      if (seen.includes('receiving')) child.stdin.write('\x03');
    });
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(stdout.lastIndexOf(`${ESC}[?25h`)).toBeGreaterThan(stdout.lastIndexOf('receiving'));
    expect(readdirSync(folder)).toEqual([]);
  });

  test('so has a long upload', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'in'), Buffer.alloc(3_000_000));
    const url = await serve((message, response) => {
      message.resume().on('end', () => response.end('got it'));
    });
    const result = await runOnTerminal(request('PUT', url, '-d', '@in'), '> out', { cwd: folder });
    expect(result.stdout.toString()).toMatch(/sending \[.*\] *\d+% of 3,000,000 bytes/);
    expect(readFileSync(join(folder, 'out'), 'latin1')).toBe('HTTP/1.1 200 OK\n\ngot it');
  });

  test.each([
    ['a short body', short, ['-o', 'out'], ''],
    ['a body that goes to the terminal itself', long, [], ''],
    ['standard error elsewhere', long, ['-o', 'out'], '2> errors'],
  ])('%s has none', async (_name, listener, args, redirection) => {
    const folder = temporaryFolder();
    const result = await runOnTerminal(request('GET', await serve(listener), ...args), redirection, {
      cwd: folder,
    });
    expect(result.code).toBe(0);
    expect(result.stdout.toString()).not.toContain('receiving');
    expect(result.stdout.toString()).not.toContain(ESC);
    if (redirection !== '') expect(readFileSync(join(folder, 'errors'), 'latin1')).toBe('');
  });
});

describe.skipIf(!hasPython)('against http.server of Python', () => {
  test('a file, a folder, a HEAD, a page that is not there, a method that it has not', async () => {
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
