import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { request, run, temporaryFolder } from '../testing/cli.js';
import { echo, echoed } from '../testing/echo.js';
import { serve, serveRaw } from '../testing/servers.js';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

/** Options, and what the server sees: the method, the body, and some of the fields. */
describe('what is sent', () => {
  test.each<[args: string[], method: string, body: string, fields: Record<string, string | undefined>]>([
    [[], 'GET', '', { 'Content-Length': undefined }],
    [['-d', 'x'], 'POST', 'x', { 'Content-Length': '1', 'Content-Type': undefined }],
    [['-d', ''], 'POST', '', { 'Content-Length': '0' }],
    [['-d', '@empty'], 'POST', '', { 'Content-Length': '0', 'Transfer-Encoding': undefined }],
    [['--form', 'a=b c', '--form', 'd=@e'], 'POST', 'a=b+c&d=%40e', { 'Content-Type': FORM }],
    [['--form', 'a=b', '-H', 'content-type: text/x'], 'POST', 'a=b', { 'content-type': 'text/x' }],
    [['--json', '[1]'], 'POST', '[1]', { 'Content-Type': JSON_TYPE, Accept: JSON_TYPE }],
    [['--json', 'a=ü', '--json', 'b:=2'], 'POST', '{"a":"ü","b":2}', { 'Content-Length': '16' }],
    [['--json', '@in.json'], 'POST', '{"from": "a file"}', { 'Content-Type': JSON_TYPE }],
    [['--json', '@-'], 'POST', 'from a pipe', { 'Transfer-Encoding': 'chunked' }],
    [['--json', '1', '-H', 'Accept: */*'], 'POST', '1', { Accept: '*/*' }],
    [['-d', 'x', '--chunked'], 'POST', 'x', { 'Transfer-Encoding': 'chunked', 'Content-Length': undefined }],
    [['--form', 'a=b', '--chunked'], 'POST', 'a=b', { 'Transfer-Encoding': 'chunked' }],
    [['-d', 'x', '--expect-continue'], 'POST', 'x', { Expect: '100-continue' }],
    [['-u', 'me:se:cret'], 'GET', '', { Authorization: 'Basic bWU6c2U6Y3JldA==' }],
    [['--user', 'me:é'], 'GET', '', { Authorization: 'Basic bWU6w6k=' }],
    [
      ['-u', 'a:b', '-H', 'authorization: Bearer x'],
      'GET',
      '',
      { authorization: 'Bearer x', Authorization: undefined },
    ],
  ])('%j', async (args, method, body, fields) => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'in.json'), '{"from": "a file"}');
    writeFileSync(join(cwd, 'empty'), '');
    const seen = echoed(await run(request(await serve(echo), ...args), { cwd, input: 'from a pipe' }));
    expect({ method: seen.method, body: Buffer.from(seen.body, 'latin1').toString() }).toEqual({
      method,
      body,
    });
    for (const [name, value] of Object.entries(fields)) {
      const at = seen.fields.indexOf(name);
      expect({ [name]: at < 0 ? undefined : seen.fields[at + 1] }).toEqual({ [name]: value });
    }
  });

  test('a given method is also sent with a body', async () => {
    expect(echoed(await run(request('PATCH', await serve(echo), '--json', 'a=b')))).toMatchObject({
      method: 'PATCH',
      body: '{"a":"b"}',
    });
  });
});

describe('--expect-continue', () => {
  test('the body is not sent if a final response comes first', async () => {
    let after: Promise<Buffer[]> | undefined;
    const url = await serveRaw((socket) => {
      const blocks: Buffer[] = [];
      after = new Promise((resolve) => {
        socket
          .on('data', (block: Buffer) => blocks.push(block))
          .on('end', () => {
            resolve(blocks);
          });
      });
      socket.resume();
      socket.end('HTTP/1.1 413 Too Much\r\nContent-Length: 0\r\n\r\n');
    });
    const result = await run(request(url, '-d', 'a body', '--expect-continue'));
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout.toString()).toBe('HTTP/1.1 413 Too Much\n\n');
    expect(Buffer.concat((await after)!).toString()).toBe('');
  });

  test('the body is sent when the server asks for it', async () => {
    const url = await serve(echo);
    const { stderr } = await run(request(url, '-d', 'a body', '--expect-continue', '--wire'));
    expect(stderr).toMatch(
      /> blank-line .*\n< status-line {3}HTTP\/1\.1 100 Continue\\r\\n\n< blank-line .*\n> body {10}a body\n/,
    );
  });
});

/** Options that contradict each other, or do not apply. */
test.each([
  [['--chunked'], 'Cannot use --chunked without a body: use -d, --form or --json'],
  [['--expect-continue'], 'Cannot use --expect-continue without a body: use -d, --form or --json'],
  [
    ['-d', 'x', '--chunked', '-H', 'content-length: 1'],
    'Cannot use --chunked with a Content-Length: a body is framed in one way (RFC 9112, section 6.2)',
  ],
  [
    ['-d', 'x', '--form', 'a=b'],
    "option '--form <name=value>' cannot be used with option '-d, --data <data>' (see --help)",
  ],
  [
    ['--json', 'a=b', '--form', 'a=b'],
    "option '--json <json>' cannot be used with option '--form <name=value>' (see --help)",
  ],
  [
    ['--form', 'x'],
    'Cannot use "x" as a form field: it has no equals sign; a good one looks like name=value',
  ],
  [['-u', 'secret'], 'Cannot use the value of --user: it has no colon; a good one looks like name:password'],
])('%j is refused', async (args, line) => {
  const { code, stdout, stderr } = await run(request('http://origin.example/', ...args));
  expect({ code, stdout: stdout.toString(), stderr }).toEqual({
    code: 1,
    stdout: '',
    stderr: `http-client: ${line}\n`,
  });
});
