import { expect, test } from 'vitest';

import { run } from './testing/cli.js';

/** Command lines that show help, and what it must contain. */
test.each([
  [['--help'], ['demo', 'request', 'repl', '--help', '--version']],
  [['help'], ['demo', 'request', 'repl']],
  [['help', 'repl'], ['HTTP_CLIENT_HISTORY']],
  [
    ['repl', '--help'],
    ['HTTP_CLIENT_HISTORY', 'Examples:'],
  ],
  [['demo', '--help'], ['--debug']],
  [['help', 'demo'], ['--debug']],
  [
    ['request', '--help'],
    [
      '[options] [method] <url>',
      '-X, --request <method>',
      '-H, --header <name:value>',
      '-d, --data',
      '-u, --user',
      '--form <name=value>',
      '--json',
      '--chunked',
      '--expect-continue',
      '-i, --include',
      '--fail',
      '--tolerate <rule>',
      '--lenient',
      '--proxy <url>',
      '-v, --verbose',
      '--wire',
      '--har <file>',
      '--show-credentials',
      '-o, --output',
      '--timeout <ms>',
      '--debug',
      'Examples:',
    ],
  ],
])('%j shows help', async (args, names) => {
  const { code, stdout, stderr } = await run(args);
  for (const name of names) expect(stdout.toString()).toContain(name);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('without arguments the help is shown, as an error', async () => {
  const { code, stdout, stderr } = await run([]);
  expect(stderr).toContain('Usage: http-client');
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 1, stdout: '' });
});

/** Mistyped command lines, and the one line of the error. */
test.each([
  [['reqest'], "unknown command 'reqest' (Did you mean request?)"],
  [['help', 'reqest'], "unknown command 'reqest' (see --help)"],
  [['nonsense'], "unknown command 'nonsense' (see --help)"],
  [['http://example.org/', '--include'], "unknown command 'http://example.org/' (Did you mean request?)"],
  [['GET', 'http://example.org/'], "unknown command 'GET' (Did you mean request?)"],
  [['--verbose'], "unknown option '--verbose' (see --help)"],
  [['demo', '--debg'], "unknown option '--debg' (Did you mean --debug?)"],
  [['request', '--usr=me:secret'], "unknown option '--usr=…' (see --help)"],
  [['request', "--usr=me:\n'secret"], "unknown option '--usr=…' (see --help)"],
  // It takes no value.
  [['request', 'http://h/', '--wire=1'], "unknown option '--wire=…' (Did you mean --wire?)"],
  [['request', '-Ume:secret'], "unknown option '-U' (see --help)"],
  [['demo', 'x'], "too many arguments for 'demo'. Expected 0 arguments but got 1 (see --help)"],
  [['request', 'GET', 'http://h/', '--inclde'], "unknown option '--inclde' (Did you mean --include?)"],
  [['request', 'GET', 'http://h/', '-d'], "option '-d, --data <data>' argument missing (see --help)"],
  [
    ['request', 'GET', 'http://h/', '\x1b[2J'],
    "too many arguments for 'request'. Expected 2 arguments but got 3 (see --help)",
  ],
  [['\x1b[2J'], "unknown command '\\x1b[2J' (see --help)"],
])('%j is a usage error', async (args, line) => {
  const { code, stdout, stderr } = await run(args);
  expect(stderr).toBe(`http-client: ${line}\n`);
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 1, stdout: '' });
});
