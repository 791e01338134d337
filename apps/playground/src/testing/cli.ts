import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { onTestFinished } from 'vitest';

export { temporaryFolder } from '../../../../tests/support/folders.js';

/** The built command, which is what a user runs. */
const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

export interface Result {
  /** The exit code; null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** A running command. */
export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Result>;
}

interface Options {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The content of standard input, which is empty by default. */
  readonly input?: string;
}

/** Starts the command, with standard input open. It is killed at the end of the test. */
export function start(args: readonly string[], options: Options = {}): Running {
  if (!existsSync(CLI))
    throw new Error('The command is not built: npm run build comes first, as in npm test');
  return follow(spawn(process.execPath, [CLI, ...args], { cwd: options.cwd, env: environment(options) }));
}

/** Runs the command to its end. */
export function run(args: readonly string[], options: Options = {}): Promise<Result> {
  const { child, ended } = start(args, options);
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  return ended;
}

/** Runs a line of shell in which `"$@"` is the command. */
export function runShell(line: string, args: readonly string[], options: Options = {}): Promise<Result> {
  const { child, ended } = follow(
    spawn('sh', ['-c', line, 'sh', process.execPath, CLI, ...args], {
      cwd: options.cwd,
      env: environment(options),
    }),
  );
  child.stdin.end();
  return ended;
}

/** Whether util-linux's `script` is installed, which runs a command on a terminal. */
export const hasTerminal = (() => {
  const { error, stdout } = spawnSync('script', ['--version'], { encoding: 'utf8' });
  return error === undefined && stdout.includes('util-linux');
})();

/**
 * Starts the command on a terminal, which combines standard output and standard error, except for what the shell's
 * `redirection` redirects.
 */
export function startOnTerminal(args: readonly string[], redirection = '', options: Options = {}): Running {
  const words = [process.execPath, CLI, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
  return follow(
    spawn('script', ['-qec', `${words.join(' ')} ${redirection}`, '/dev/null'], {
      cwd: options.cwd,
      env: { TERM: 'xterm', ...environment(options) },
    }),
  );
}

/** Runs the command on a terminal to its end, without input. */
export function runOnTerminal(
  args: readonly string[],
  redirection = '',
  options: Options = {},
): Promise<Result> {
  const { child, ended } = startOnTerminal(args, redirection, options);
  child.stdin.end();
  return ended;
}

/** The arguments of a request. */
export function request(...args: readonly string[]): string[] {
  return ['request', ...args];
}

/** Standard output with one character for each byte. */
export function text({ stdout }: Result): string {
  return stdout.toString('latin1');
}

/** A minimal environment: the machine's settings for colours must not affect a test. */
function environment({ env }: Options): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, TMPDIR, ...env };
}

function follow(child: ChildProcessWithoutNullStreams): Running {
  const stdout: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (block: Buffer) => stdout.push(block));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const ended = new Promise<Result>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, stdout: Buffer.concat(stdout), stderr });
    });
  });
  return { child, ended };
}
