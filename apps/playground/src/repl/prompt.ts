import { start, type REPLServer } from 'node:repl';

import * as client from '@http-client/client';

import type { Io } from '../io.js';
import type { Listening } from '../listen.js';
import { palette } from '../print.js';
import { historyPath, prepareHistory } from './history.js';
import { LineFeed } from './line-feed.js';
import { redeclarable } from './redeclare.js';
import { banner, help } from './words.js';

/** The function with which Node's prompt evaluates code. */
type Evaluate = (code: string, ...rest: unknown[]) => void;

/** Runs a prompt, with an origin to send requests to, until the user exits. */
export async function runPrompt(origin: Listening, io: Io, env: NodeJS.ProcessEnv): Promise<void> {
  const { terminal } = io.stdout;
  const stdin = io.stdin();
  // Both must be terminals: what is typed on one is shown on the other.
  const interactive = terminal !== undefined && stdin.isTTY;
  const colors = palette(terminal !== undefined, env);
  await io.stdout.write(banner(origin, colors));
  const history = interactive ? await preparedHistory(env) : undefined;
  const feed = interactive ? undefined : new LineFeed(stdin);
  const prompt = start({
    prompt: '> ',
    input: feed?.input ?? stdin,
    output: io.stdout.stream,
    terminal: interactive,
    useColors: colors.isColorSupported,
    // A separate context would have its own classes: the client's errors would not be instances of its Error.
    useGlobal: true,
    ignoreUndefined: true,
    breakEvalOnSigint: true,
  });
  const left = new Promise<void>((resolve) => {
    prompt.once('exit', resolve);
  });
  bringIntoScope(prompt, origin);
  allowRedeclaration(prompt);
  replaceHelp(prompt, origin);
  if (interactive) takeInterrupts(prompt);
  // Before anything else: a line typed earlier would not be kept.
  if (history !== undefined) await keepHistory(prompt, history);
  if (feed !== undefined) feedLines(prompt, feed);
  const stop = (): void => {
    prompt.close();
  };
  io.signal.addEventListener('abort', stop);
  io.stdout.stream.once('error', stop);
  await left;
  io.signal.removeEventListener('abort', stop);
  io.stdout.stream.off('error', stop);
  io.signal.throwIfAborted();
  await io.stdout.write('\n');
}

function bringIntoScope({ context }: REPLServer, { host, port }: Listening): void {
  for (const [name, value] of Object.entries({ ...client, host, port })) {
    // Like globals: assignable, and not enumerable.
    Object.defineProperty(context, name, { value, writable: true, configurable: true, enumerable: false });
  }
}

function allowRedeclaration(prompt: REPLServer): void {
  const own = prompt as unknown as { eval: Evaluate };
  const evaluate = own.eval;
  own.eval = (code, ...rest) => {
    evaluate.call(prompt, redeclarable(code), ...rest);
  };
}

function replaceHelp(prompt: REPLServer, origin: Listening): void {
  prompt.defineCommand('help', {
    help: 'Print this help message',
    action() {
      this.clearBufferedCommand();
      const commands = Object.entries(this.commands).map(
        ([name, command]) => [name, command?.help ?? ''] as const,
      );
      this.output.write(`${help(origin, commands)}\n`);
      this.displayPrompt();
    },
  });
}

/**
 * Leaves Ctrl-C to the prompt, which interrupts only what is being evaluated. It arrives as a signal while the terminal
 * is between evaluating and reading keys.
 */
function takeInterrupts(prompt: REPLServer): void {
  process.removeAllListeners('SIGINT').on('SIGINT', () => prompt.emit('SIGINT'));
}

/** The file in which lines are kept, if it can be used. Without it, they are kept until the prompt ends. */
async function preparedHistory(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const path = historyPath(env);
  return path !== undefined && (await prepareHistory(path)) ? path : undefined;
}

/** Lets Node keep the history in this file. An error is ignored: the prompt works without it. */
function keepHistory(prompt: REPLServer, path: string): Promise<void> {
  return new Promise((resolve) => {
    prompt.setupHistory(path, () => {
      resolve();
    });
  });
}

/** Feeds a line whenever the prompt is displayed, which is when the previous one has been evaluated. */
function feedLines(prompt: REPLServer, feed: LineFeed): void {
  const display = prompt.displayPrompt.bind(prompt);
  prompt.displayPrompt = (preserveCursor) => {
    display(preserveCursor);
    feed.next();
  };
  feed.next();
}
