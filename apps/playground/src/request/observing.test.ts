import { describe, expect, test } from 'vitest';

import { hasTerminal, request, run, runOnTerminal, runShell, text } from '../testing/cli.js';
import { serveProxy, serveRaw } from '../testing/servers.js';

/** A response with all kinds of parts. */
const ANSWER = [
  'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n',
  'HTTP/1.1 200 OK\r\nX: \xfc\x9b\r\nTransfer-Encoding: chunked\r\n\r\n',
  '3;a=b\r\nh\\i\r\n2\r\n\n\0\r\n0\r\nT: u\r\n\r\n',
].join('');

const serveAnswer = (answer = ANSWER): Promise<string> => serveRaw((socket) => socket.end(answer, 'latin1'));

describe('--verbose', () => {
  test('the heads go to standard error, and the response goes where it always does', async () => {
    const url = await serveAnswer();
    const result = await run(request(`${url}/p?q`, '-d', 'x', '-v'));
    expect(result.stderr).toBe(
      [
        '> POST /p?q HTTP/1.1',
        `> Host: ${url.replace('http://', '')}`,
        '> Accept-Encoding: identity',
        '> Content-Length: 1',
        '>',
        '< HTTP/1.1 103 Early Hints',
        '< Link: </a>',
        '<',
        '< HTTP/1.1 200 OK',
        '< X: ü\\x9b',
        '< Transfer-Encoding: chunked',
        '<',
        '< T: u',
        '<',
        '',
      ].join('\n'),
    );
    expect({ code: result.code, stdout: text(result) }).toEqual({
      code: 0,
      stdout: 'HTTP/1.1 200 OK\n\nh\\i\n\0',
    });
  });

  test('chunks without trailers have no empty line at their end', async () => {
    const url = await serveAnswer(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n',
    );
    const { stderr } = await run(request(url, '-d', 'x', '--chunked', '-v'));
    const [sent, received] = ['>', '<'].map((mark) => stderr.split('\n').filter((line) => line[0] === mark));
    expect(sent?.slice(-2)).toEqual(['> Transfer-Encoding: chunked', '>']);
    expect(received).toEqual(['< HTTP/1.1 200 OK', '< Transfer-Encoding: chunked', '<']);
  });

  test('with -o - the head is not printed twice', async () => {
    const result = await run(
      request(await serveAnswer('HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody'), '-v', '-o', '-'),
    );
    expect(result.stderr.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(1);
    expect(text(result)).toBe('body');
  });

  test('the heads of a failed exchange are printed', async () => {
    const { code, stderr } = await run(
      request(await serveAnswer('HTTP/1.1 200 OK\r\nno colon\r\n\r\n'), '-v'),
    );
    expect(stderr).toMatch(
      /^> GET \/ HTTP\/1\.1\n[^]*\n< HTTP\/1\.1 200 OK\n< no colon\n<\nhttp-client: .*"no colon".*\n$/,
    );
    expect(code).toBe(1);
  });

  test('the request for the tunnel is printed', async () => {
    const url = await serveAnswer();
    const { stderr } = await run(request(url, '-v', '--proxy', (await serveProxy()).url));
    expect(stderr).toMatch(
      /^> CONNECT 127\.0\.0\.1:\d+ HTTP\/1\.1\n[^]*\n< HTTP\/1\.1 200 Connection Established\n<\n> GET \/ HTTP\/1\.1\n/,
    );
  });

  test.skipIf(!hasTerminal).each([
    [{}, true],
    [{ NO_COLOR: '1' }, false],
  ])('a terminal with %j has colours: %s', async (env, colored) => {
    const { stdout } = await runOnTerminal(request(await serveAnswer(), '-v'), '', { env });
    expect(stdout.includes('\x1b[36mTransfer-Encoding\x1b[39m: chunked')).toBe(colored);
    expect(stdout.includes('\x1b[32mHTTP/1.1 200 OK\x1b[39m')).toBe(colored);
  });
});

test.each([[[]], [['--show-credentials']]])(
  '--debug leaves standard output to the body with -o -: %j',
  async (args) => {
    const url = await serveAnswer('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody');
    const result = await run(request(url, '--debug', '-o', '-', ...args));
    expect(text(result)).toBe('body');
    expect(result.stderr).toMatch(
      /^send: 'GET \/ .*\nreply: 'HTTP\/1\.1 200 OK\\r\\n'\nheader: Content-Length: 4\n/,
    );
  },
);

describe('--wire', () => {
  test('every byte, labelled', async () => {
    const url = await serveAnswer();
    const result = await run(request(url, '-d', 'a\tb', '--chunked', '--wire'));
    expect(result.stderr.split('\n')).toEqual([
      '> request-line  POST / HTTP/1.1\\r\\n',
      `> header        Host: ${url.replace('http://', '')}\\r\\n`,
      '> header        Accept-Encoding: identity\\r\\n',
      '> header        Transfer-Encoding: chunked\\r\\n',
      '> blank-line    \\r\\n',
      '> chunk-size    3\\r\\n',
      '> chunk-data    a\\tb',
      '> chunk-end     \\r\\n',
      '> chunk-size    0\\r\\n',
      '> blank-line    \\r\\n',
      '< status-line   HTTP/1.1 103 Early Hints\\r\\n',
      '< header        Link: </a>\\r\\n',
      '< blank-line    \\r\\n',
      '< status-line   HTTP/1.1 200 OK\\r\\n',
      '< header        X: \\xfc\\x9b\\r\\n',
      '< header        Transfer-Encoding: chunked\\r\\n',
      '< blank-line    \\r\\n',
      '< chunk-size    3;a=b\\r\\n',
      '< chunk-data    h\\\\i',
      '< chunk-end     \\r\\n',
      '< chunk-size    2\\r\\n',
      '< chunk-data    \\n',
      '<               \\x00',
      '< chunk-end     \\r\\n',
      '< chunk-size    0\\r\\n',
      '< trailer       T: u\\r\\n',
      '< blank-line    \\r\\n',
      '',
    ]);
    expect({ code: result.code, stdout: text(result) }).toEqual({
      code: 0,
      stdout: 'HTTP/1.1 200 OK\n\nh\\i\n\0',
    });
  });

  test('a reader that closes the output ends it quietly', async () => {
    // The body is endless: only the reader can end this.
    const url = await serveRaw((socket) => {
      const more = (): void => {
        while (socket.write('x'.repeat(65_536)));
      };
      socket.on('drain', more);
      socket.write('HTTP/1.0 200 OK\r\n\r\n');
      more();
    });
    const line = '{ "$@" 3>&1 >/dev/null 2>&3; echo "code $?" >&2; } | head -n 3';
    const result = await runShell(line, request(url, '--wire'));
    expect(text(result).split('\n')).toHaveLength(4);
    expect(result.stderr).toBe('code 0\n');
  });
});

describe('credentials', () => {
  const ANSWERED =
    'HTTP/1.1 200 OK\r\nSet-Cookie: a=secret1\r\nLocation: http://me:secret2@h/\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nSet-Cookie: b=secret3\r\n\r\n';
  const SENT = ['-u', 'me:secret', '-H', 'Cookie: c=secret4', '-H', 'referer: http://secret5@h/'];
  const ENCODED = Buffer.from('me:secret').toString('base64');

  describe.each(['--verbose', '--wire', '--debug', '--include'])('%s', (option) => {
    test('hides them, also those for the proxy', async () => {
      const proxy = (await serveProxy(ENCODED)).url.replace('//', '//me:secret@');
      const { code, stdout, stderr } = await run(
        request(await serveAnswer(ANSWERED), option, ...SENT, '--proxy', proxy),
      );
      expect(code).toBe(0);
      const all = stdout.toString() + stderr;
      expect(all).toContain('[hidden]');
      expect(all).not.toContain('secret');
      expect(all).not.toContain(ENCODED);
    });

    test('shows them with --show-credentials', async () => {
      const { code, stdout, stderr } = await run(
        request(await serveAnswer(ANSWERED), option, ...SENT, '--show-credentials'),
      );
      expect(code).toBe(0);
      const all = stdout.toString() + stderr;
      expect(all).not.toContain('[hidden]');
      expect(all).toContain('a=secret1');
      expect(all).toContain('me:secret2@');
      if (option !== '--include') expect(all).toContain(ENCODED);
    });
  });

  test.each([
    ['a broken Set-Cookie', 'HTTP/1.1 200 OK\r\nSet-Cookie : a=secret\r\n\r\n'],
    ['a cookie where no field is', 'HTTP/1.1 200 OK\r\nSet-Cookie a=secret\r\n\r\n'],
    ['a cookie in a head that is refused', 'HTTP/1.1 200 OK\r\nSet-Cookie: a=secret\r\nX: \0\r\n\r\n'],
    ['a folded cookie', 'HTTP/1.1 200 OK\r\nSet-Cookie: a=\r\n secret\r\nno colon\r\n\r\n'],
  ])('%s is hidden in errors and in reports of violations', async (_name, answer) => {
    for (const rules of [[], ['space-before-colon', 'malformed-field-line']]) {
      const args = rules.flatMap((rule) => ['--tolerate', rule]);
      for (const option of ['--verbose', '--wire']) {
        const { stdout, stderr } = await run(request(await serveAnswer(answer), option, '-i', ...args));
        expect(stderr).toMatch(/< (?:\S+ +)?HTTP\/1\.1 200 OK[^]*http-client: /);
        expect(stdout.toString() + stderr).not.toContain('secret');
      }
    }
  });
});
