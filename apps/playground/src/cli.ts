#!/usr/bin/env node
import { Command, CommanderError } from 'commander';

import { demoCommand } from './commands/demo.js';
import { replCommand } from './commands/repl.js';
import { requestCommand } from './commands/request.js';
import { serveCommand } from './commands/serve.js';
import { Failure, failureLine } from './failure.js';
import { Interrupted, Output, OutputClosed, type Io } from './io.js';
import { NAME, VERSION } from './version.js';

/** A command adds itself to the program; a new one is a new file, and a line here. */
const COMMANDS: readonly ((program: Command, io: Io) => void)[] = [
  demoCommand,
  requestCommand,
  replCommand,
  serveCommand,
];

/** Signals that end a command, with their numbers. */
const SIGNALS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

/** Milliseconds that an interrupted command has for tidying up. A file system or a pipe can make it wait for ever. */
const GRACE = 1000;

function programFor(io: Io): Command {
  const program = new Command(NAME)
    .description('HTTP/1.1 from the command line, as @http-client/client speaks it.')
    .version(VERSION, '--version', 'show the version')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => {
        write(usageLine(text));
      },
    });
  for (const add of COMMANDS) add(program, io);
  // The parser's own shows the help of the program where there is no such command, and does not say so.
  program
    .command('help')
    .description('show how a command is used')
    .argument('[command]')
    .action((name: string | undefined) => {
      const command = name === undefined ? program : program.commands.find((each) => each.name() === name);
      if (command === undefined) return program.error(`unknown command '${name}'`);
      return command.help();
    });
  return program;
}

/** What the parser has against the arguments, on one line like every other error, with a way out of it. */
function usageLine(text: string): string {
  const [what = '', suggestion] = text
    .replace(/^error: /, '')
    .trim()
    .split('\n');
  const sentence = what.replace(/\.$/, '');
  return `${NAME}: ${failureLine(sentence)} ${failureLine(suggestion ?? '(--help shows how it is used)')}\n`;
}

/** Runs a command line; gives the exit code. */
async function main(args: readonly string[], io: Io): Promise<number> {
  try {
    await programFor(io).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    // It has said what there is to say.
    if (error instanceof CommanderError) return error.exitCode;
    // Nobody is left to be told anything.
    if (error instanceof OutputClosed) return 0;
    if (error instanceof Interrupted) return error.exitCode;
    await io.stderr.write(`${NAME}: ${failureLine(error)}\n`).catch(() => undefined);
    return error instanceof Failure ? error.exitCode : 1;
  }
}

const interruption = new AbortController();
for (const [signal, number] of Object.entries(SIGNALS)) {
  // Once: a second one ends the process at once, as if nobody listened.
  process.once(signal, () => {
    interruption.abort(new Interrupted(128 + number));
    setTimeout(() => process.exit(128 + number), GRACE).unref();
  });
}
process.exitCode = await main(process.argv.slice(2), {
  stdin: () => process.stdin,
  stdout: new Output(process.stdout),
  stderr: new Output(process.stderr),
  signal: interruption.signal,
});
