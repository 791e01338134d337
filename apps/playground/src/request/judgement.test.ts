import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { TOLERANCES } from '@http-client/client';
import { describe, expect, test } from 'vitest';

import { hasTerminal, request, run, runOnTerminal, temporaryFolder, text } from '../testing/cli.js';
import { pythonAbsent, serve, servePython, serveRaw } from '../testing/servers.js';

const answering = (answer: string): Promise<string> => serveRaw((socket) => socket.end(answer, 'latin1'));
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

/** Responses that break a rule, their body if that is tolerated, and what is reported. */
const BROKEN: [rule: string, answer: string, body: string, told: RegExp][] = [
  ['bare-cr', 'HTTP/1.1 200 OK\r\nA: b\rc\r\nContent-Length: 2\r\n\r\nhi', 'hi', /bare-cr at byte 21: /],
  [
    'space-before-colon',
    'HTTP/1.1 200 OK\r\nA : b\r\nContent-Length: 2\r\n\r\nhi',
    'hi',
    /space-before-colon at byte 18: /,
  ],
  [
    'malformed-field-line',
    'HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 2\r\n\r\nhi',
    'hi',
    /malformed-field-line at byte \d+: /,
  ],
  [
    'conflicting-content-length',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi',
    'hi',
    /conflicting-content-length at byte \d+: /,
  ],
  [
    'unknown-transfer-coding',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhi',
    'hi',
    /unknown-transfer-coding at byte \d+: /,
  ],
  ['bare-lf-in-chunks', `${CHUNKED}2\nhi\n0\n\n`, 'hi', /bare-lf-in-chunks at byte \d+: /],
  ['missing-chunk-crlf', `${CHUNKED}2\r\nhi0\r\n\r\n`, 'hi', /missing-chunk-crlf at byte \d+: /],
  ['truncated-body', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi', 'hi', /truncated-body at byte 40: /],
];

describe('a response that breaks a rule', () => {
  test.each(BROKEN)('%s: rejected', async (_rule, answer) => {
    const { code, stderr } = await run(request(await answering(answer)));
    expect(stderr).toMatch(/^http-client: .+\n$/);
    expect(code).toBe(1);
  });

  test.each(BROKEN)('%s: tolerated, and reported', async (rule, answer, body, told) => {
    const result = await run(
      request(await answering(answer), '--tolerate', 'obsolete-fold', '--tolerate', rule),
    );
    expect({ code: result.code, stdout: text(result) }).toEqual({
      code: 0,
      stdout: `HTTP/1.1 200 OK\n\n${body}`,
    });
    for (const line of result.stderr.trimEnd().split('\n')) expect(line).toMatch(/^http-client: tolerated /);
    expect(result.stderr).toMatch(told);
  });

  test('--lenient accepts it, and reports its fields', async () => {
    const url = await answering('HTTP/1.1  200   OK\r\nContent-Length: 2\r\n: empty\r\n\r\nhi');
    const result = await run(request(url, '--lenient'));
    expect({ code: result.code, stdout: text(result) }).toEqual({ code: 0, stdout: 'HTTP/1.1 200 OK\n\nhi' });
    expect(result.stderr).toBe('http-client: tolerated a field line: an empty name: ": empty"\n');
  });

  test('what is always tolerated is reported with options that observe the exchange', async () => {
    const url = (): Promise<string> =>
      answering('HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 2\r\n\r\nhi');
    expect((await run(request(await url()))).stderr).toBe('');
    expect((await run(request(await url(), '-v'))).stderr).toMatch(
      /\nhttp-client: tolerated obsolete-fold at byte 23: an obsolete fold\n$/,
    );
  });

  test('of very many violations the first are reported', async () => {
    const url = await answering(`${CHUNKED}${'1\nx\n'.repeat(50)}0\n\n`);
    const { code, stderr } = await run(request(url, '--tolerate', 'bare-lf-in-chunks'));
    const lines = stderr.trimEnd().split('\n');
    expect({ code, lines: lines.length }).toEqual({ code: 0, lines: 21 });
    expect(lines[20]).toMatch(/^http-client: tolerated \d+ more$/);
  });

  test('an unknown rule is refused, and all rules are listed', async () => {
    const { code, stderr } = await run(request('http://origin.example/', '--tolerate', 'bare-lf'));
    expect(stderr).toBe(
      `http-client: Cannot tolerate "bare-lf": there is no such rule; the rules are ${TOLERANCES.join(', ')}\n`,
    );
    expect(code).toBe(1);
  });
});

describe('--fail', () => {
  const answers = (status: number): Promise<string> =>
    serve((_, response) => response.writeHead(status, { 'Content-Length': 4 }).end('body'));

  test.each([
    [200, 0],
    [304, 0],
    [399, 0],
    [400, 22],
    [404, 22],
    [503, 22],
    [599, 22],
  ])('%d exits with %d', async (status, code) => {
    const result = await run(request(await answers(status), '--fail'));
    expect(result.code).toBe(code);
    expect(text(result)).toMatch(/^HTTP\/1\.1 \d{3} .*\n\n(?:body)?$/);
    if (code === 0) expect(result.stderr).toBe('');
    else
      expect(result.stderr).toMatch(
        new RegExp(`^http-client: The server responded HTTP/1\\.1 ${status}.*\\n$`),
      );
    expect((await run(request(await answers(status)))).code).toBe(0);
  });

  test.each([
    ['a file', 'out'],
    ['standard output', '-'],
  ])('%s that is for the body alone gets no error body', async (_name, output) => {
    const cwd = temporaryFolder();
    const { code, stdout } = await run(request(await answers(500), '--fail', '-o', output), { cwd });
    expect(code).toBe(22);
    expect(stdout.toString()).not.toContain('body');
    expect(existsSync(join(cwd, 'out'))).toBe(false);
    const good = await run(request(await answers(200), '--fail', '-o', output), { cwd });
    expect(good.code).toBe(0);
    expect(output === '-' ? text(good) : readFileSync(join(cwd, 'out'), 'latin1')).toBe('body');
  });

  test.skipIf(pythonAbsent)("a missing page of Python's http.server", async () => {
    const result = await run(request(`${await servePython(temporaryFolder())}/no`, '--fail'));
    expect(result).toMatchObject({
      code: 22,
      stderr: 'http-client: The server responded HTTP/1.0 404 File not found\n',
    });
  });

  test.skipIf(!hasTerminal)('on a terminal, too', async () => {
    expect((await runOnTerminal(request(await answers(404), '--fail'))).code).toBe(22);
  });
});
