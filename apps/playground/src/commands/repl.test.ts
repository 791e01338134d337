import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

import * as client from '@http-client/client';
import { describe, expect, test } from 'vitest';

import { hasTerminal, run, start, startOnTerminal, temporaryFolder, type Running } from '../testing/cli.js';

/** Sends lines to the prompt through a pipe, and returns its output after the banner. */
async function typed(...lines: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(['repl'], { input: lines.map((line) => `${line}\n`).join('') });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.toString().split('\n').slice(2).join('\n');
}

/** The sessions of the README, each as its lines. */
const SESSIONS = [
  ...readFileSync(new URL('../../README.md', import.meta.url), 'utf8').matchAll(
    /^```console repl\n(.*?)^```$/gms,
  ),
].map(([, lines = '']) => lines.trimEnd().split('\n'));

describe('the sessions of the README', () => {
  const lines = SESSIONS.flat();
  // Input from a pipe is not echoed: only the prompt is shown for each line.
  const shown = lines.map((line) => (line.startsWith('> ') ? '> ' : `${line}\n`)).join('');

  test('are there', () => {
    expect(SESSIONS).toHaveLength(5);
  });

  test('can be entered one after another, with the output that they show', async () => {
    const input = lines.filter((line) => line.startsWith('> ')).map((line) => line.slice(2));
    expect(await typed(...input)).toBe(`${shown}> \n`);
  });
});

test('the banner names a server that is listening', async () => {
  const { child, ended } = start(['repl']);
  const banner = await new Promise<string>((resolve) => {
    let seen = '';
    child.stdout.on('data', (block: Buffer) => {
      seen += block.toString();
      if (seen.endsWith('\n> ')) resolve(seen);
    });
  });
  const [, host, port] = /host = '(.*?)', port = (\d+)/.exec(banner) ?? [];
  const socket = connect(Number(port), host);
  await new Promise((resolve, reject) => {
    socket.on('connect', resolve).on('error', reject);
  });
  socket.destroy();
  child.stdin.end();
  expect((await ended).code).toBe(0);
});

test('every name of the client is in scope', async () => {
  const names = Object.keys(client);
  expect(names.length).toBeGreaterThan(100);
  expect(
    await typed(`[${names.join(', ')}].filter((value) => value === undefined).length`, 'NOT_FOUND'),
  ).toBe('> 0\n> 404\n> \n');
});

test.each([
  ['a promise', ['await Promise.resolve(7)'], '> 7\n> \n'],
  [
    'lines wait for those before them',
    ['const a = await new Promise((r) => setImmediate(r, 5))', 'a'],
    '> > 5\n> \n',
  ],
  ['a name that is declared again', ['const a = 1', 'const a = 2', 'a'], '> > > 2\n> \n'],
  [
    'a function that is declared again',
    ['function f() {}', 'function f() { return 2 }', 'f()'],
    '> > > 2\n> \n',
  ],
  ['code of several lines', ['[1, 2].map((n) => {', '  return n + 1', '})'], '> ... ... [ 2, 3 ]\n> \n'],
  ['errors of the same realm', ["new Error('x') instanceof Error && [] instanceof Array"], '> true\n> \n'],
  ['nothing', [], '> \n'],
  ['.exit', ['.exit', '1'], '> \n'],
])('%s', async (_name, lines, shown) => {
  expect(await typed(...lines)).toBe(shown);
});

test('a last line without a line end is evaluated', async () => {
  const { stdout } = await run(['repl'], { input: '6 * 7' });
  expect(stdout.toString()).toMatch(/\n> 42\n> \n$/);
});

test('an error is shown, and the prompt continues', async () => {
  const shown = await typed(
    "new HTTPConnection('a b')",
    'await new HTTPConnection(host, port).getResponse()',
    '1 + 1',
  );
  expect(shown).toMatch(/^> Uncaught[^]*InvalidURL: [^]*> Uncaught[^]*ResponseNotReady: [^]*\n> 2\n> \n$/);
});

test('.help shows how to begin, and the commands of the prompt', async () => {
  const shown = await typed('.help');
  for (const part of ["await conn.request('GET', '/')", 'HTTP_CLIENT_HISTORY', '  .exit ', '  .help ']) {
    expect(shown).toContain(part);
  }
});

test('open timers and connections do not keep it alive', async () => {
  expect(
    await typed(
      'setInterval(() => undefined, 1000).unref === undefined',
      'const conn = new HTTPConnection(host, port)',
      'await conn.connect()',
    ),
  ).toBe('> false\n> > > \n');
});

test('SIGTERM ends it with 143', async () => {
  const { child, ended } = start(['repl']);
  child.stdout.once('data', () => child.kill('SIGTERM'));
  expect((await ended).code).toBe(143);
});

/** Types on a terminal: each text once the output since the last one matches its regular expression. */
async function typeOn({ child, ended }: Running, steps: (readonly [RegExp, string])[]): Promise<string> {
  const left = [...steps];
  let seen = '';
  child.stdout.on('data', (block: Buffer) => {
    seen += block.toString();
    const [wanted, text] = left[0] ?? [];
    if (wanted === undefined || !wanted.test(seen)) return;
    left.shift();
    seen = '';
    child.stdin.write(text ?? '');
  });
  const { code, stdout } = await ended;
  expect({ code, left }).toEqual({ code: 0, left: [] });
  return stdout.toString();
}

describe.skipIf(!hasTerminal)('on a terminal', () => {
  const ESC = '\x1b';
  const UP = `${ESC}[A`;
  const READY = new RegExp(`> (?:${ESC}\\[\\d+G)?$`);
  const terminal = (env: Record<string, string>): Running => startOnTerminal(['repl'], '', { env });

  test('lines are kept, and come back', async () => {
    const history = join(temporaryFolder(), 'new', 'history');
    const env = { HTTP_CLIENT_HISTORY: history };
    await typeOn(terminal(env), [
      [READY, '6 * 7\r'],
      [/42[^]*> /, '\x04'],
    ]);
    expect(readFileSync(history, 'utf8')).toBe('6 * 7');
    await typeOn(terminal(env), [
      [READY, UP],
      [/6 \* 7/, '\r'],
      [/\n.*42[^]*> /, '\x04'],
    ]);
  });

  test.each([
    ['cannot be written', { HTTP_CLIENT_HISTORY: '/dev/null/history' }],
    ['is not wanted', { HTTP_CLIENT_HISTORY: '' }],
  ])('a history that %s is omitted', async (_name, env) => {
    const home = temporaryFolder();
    const shown = await typeOn(terminal({ ...env, HOME: home }), [
      [READY, '6 * 7\r'],
      [/42[^]*> /, '\x04'],
    ]);
    expect(shown).not.toMatch(/error/i);
    expect(existsSync(join(home, '.local'))).toBe(false);
  });

  test('the history is in the home folder by default', async () => {
    const home = temporaryFolder();
    await typeOn(terminal({ HOME: home }), [[READY, '\x04']]);
    expect(existsSync(join(home, '.local', 'state', 'http-client', 'repl-history'))).toBe(true);
  });

  test('Ctrl-C interrupts what is awaited, and nothing else', async () => {
    const shown = await typeOn(terminal({ HTTP_CLIENT_HISTORY: '' }), [
      [READY, "await new Promise(() => setImmediate(() => console.log('now')))\r"],
      [/\nnow\r\n/, '\x03'],
      [/Uncaught[^]*> /, '6 * 7\r'],
      [/42[^]*> /, '\x04'],
    ]);
    expect(shown).toContain('ERR_SCRIPT_EXECUTION_INTERRUPTED');
  });
});
