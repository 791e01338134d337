import { expect, onTestFinished, test } from 'vitest';

import { SESSIONS } from '../demo/sessions.js';
import { Failure } from '../failure.js';
import { Interrupted } from '../io.js';
import type { Listening } from '../listen.js';
import { startOrigin } from '../origin.js';
import { hasTerminal, run, runOnTerminal, runShell, type Result } from '../testing/cli.js';
import { memoryIo } from '../testing/memory-io.js';
import { runDemo } from './demo.js';

const text = ({ stdout }: Result): string => stdout.toString();

/** What is shown of the sessions, by what it is. */
const SHOWN: readonly [what: string, shown: string][] = [
  ['a GET in blocks', '  ✓ read(200) gave 7 blocks: 6 × 200, 161\n'],
  [
    'a 404',
    '  > GET /parrot.spam\n  < HTTP/1.1 404 Not Found\n  < Content-Type: text/plain; charset=utf-8\n',
  ],
  ['a HEAD', '  ✓ read() gave 0 bytes, though Content-Length says 1361\n'],
  ['a form', '  > POST /\n  > %40number=12524&%40type=issue&%40action=show\n  < HTTP/1.1 302 Found\n'],
  [
    'the text of the redirection',
    '  | Redirecting to <a href="https://bugs.python.org/issue12524">https://bugs.python.org/issue12524</a>\n',
  ],
  ['a PUT', '  > PUT /file\n  > ***filecontents***\n  < HTTP/1.1 200 OK\n'],
  ['a chunked upload', '  ✓ the origin saw 35 bytes, chunked\n'],
  ['a kept connection', '  ✓ the same connection: request 2 on connection 8 of the origin\n'],
  [
    'another connection',
    '  ✓ another connection, opened automatically: request 1 on connection 9 of the origin\n',
  ],
  ['a tunnel', '  > HEAD /index.html\n  < HTTP/1.1 200 OK\n'],
  [
    'what a proxy says',
    '  ✓ read() gave 0 bytes; getProxyResponseHeaders() has the fields of the proxy: Proxy-Agent: http-client playground\n',
  ],
  [
    'TLS',
    '  ✓ TLSv1.3 for www.python.org, http/1.1 by ALPN; the fields for the proxy did not reach the origin\n',
  ],
];

test('every session is shown, and every response is correct', async () => {
  const result = await run(['demo']);
  expect({ code: result.code, stderr: result.stderr }).toEqual({ code: 0, stderr: '' });
  for (const [index, { title }] of SESSIONS.entries())
    expect(text(result)).toContain(`\n${index + 1}. ${title}\n`);
  for (const [what, shown] of SHOWN) expect(text(result), what).toContain(shown);
  expect(text(result)).toMatch(/\n✓ 9 sessions, all responses correct\n$/);
  expect(text(result).replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});

test('--debug prints the wire as debugLevel does', async () => {
  const result = await run(['demo', '--debug']);
  expect(result.code).toBe(0);
  for (const line of [
    /^send: 'GET \/parrot\.spam HTTP\/1\.1\\r\\nHost: 127\.0\.0\.1:\d+\\r\\nAccept-Encoding: identity\\r\\n\\r\\n'$/m,
    /^reply: 'HTTP\/1\.1 404 Not Found\\r\\n'$/m,
    /^header: Location: https:\/\/bugs\.python\.org\/issue12524$/m,
    /^send: 'C\\r\\nfirst part, \\r\\n'$/m,
    /^send: '0\\r\\n\\r\\n'$/m,
    /^send: 'CONNECT www\.python\.org:443 HTTP\/1\.1\\r\\nHost: www\.python\.org:443\\r\\nUser-Agent: http-client demo\\r\\n\\r\\n'$/m,
    /^reply: 'HTTP\/1\.1 200 Connection Established\\r\\n'\nheader: Proxy-Agent: http-client playground\nsend: 'HEAD \/index\.html HTTP\/1\.1\\r\\nHost: www\.python\.org\\r\\n/m,
  ]) {
    expect(text(result)).toMatch(line);
  }
});

test.skipIf(!hasTerminal).each([
  [{}, true],
  [{ NO_COLOR: '1' }, false],
])('a terminal with %j has colours: %s', async (env, colored) => {
  const result = await runOnTerminal(['demo'], '', { env });
  expect(result.code).toBe(0);
  expect(text(result).includes('\x1b[32m✓')).toBe(colored);
});

test('a reader that closes the output ends it quietly', async () => {
  const result = await runShell('{ "$@"; echo "code $?" >&2; } | head -n 1', ['demo']);
  expect(text(result)).toMatch(/^http-client demo, .*\n$/);
  expect(result.stderr).toBe('code 0\n');
});

/** An origin whose every response is wrong. */
async function wrongOrigin(body: string): Promise<Listening> {
  const origin = await startOrigin((_request, response) => {
    response.writeHead(200, 'Quite \tFine', { 'X-Title': 'caf\xe9' });
    response.end(body);
  });
  onTestFinished(() => origin.close());
  return origin;
}

test('a wrong response ends the demo with a line that says where and why', async () => {
  const { io, stdout } = memoryIo();
  const failure = runDemo(await wrongOrigin('no'), io);
  await expect(failure).rejects.toBeInstanceOf(Failure);
  await expect(failure).rejects.toThrow(
    `Demo failed in session 1 (${SESSIONS[0]!.title}): the status must be "200 OK", but is "200 Quite \\tFine"`,
  );
  expect(stdout()).toMatch(/ {2}✗ the status must be .*\n$/);
  expect(stdout()).not.toContain('all responses correct');
});

test('a missing response ends the demo likewise', async () => {
  const origin = await startOrigin((request) => request.socket.destroy());
  onTestFinished(() => origin.close());
  await expect(runDemo(origin, memoryIo().io)).rejects.toThrow(/^Demo failed in session 1 \(GET, .*\): ./);
});

test('no control character from the origin is printed', async () => {
  const { io, stdout } = memoryIo();
  await expect(runDemo(await wrongOrigin('\x1b[2J\r\n\x07\x9b1m'), io)).rejects.toThrow(Failure);
  expect(stdout()).toContain('  < HTTP/1.1 200 Quite \\tFine\n');
  expect(stdout()).toContain('  | \\x1b[2J\n  | \\x07');
  expect(stdout().replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});

test('an interruption aborts the current exchange', async () => {
  const interruption = new AbortController();
  const origin = await startOrigin(() => {
    interruption.abort(new Interrupted(130));
  });
  onTestFinished(() => origin.close());
  await expect(runDemo(origin, memoryIo(interruption.signal).io)).rejects.toBeInstanceOf(Interrupted);
});
