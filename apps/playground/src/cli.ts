#!/usr/bin/env node
import { constants } from 'node:os';

import { Command, CommanderError } from 'commander';

import { demoCommand } from './commands/demo.js';
import { replCommand } from './commands/repl.js';
import { requestCommand } from './commands/request.js';
import { serveCommand } from './commands/serve.js';
import { Failure, failureLine } from './failure.js';
import { Interrupted, Output, OutputClosed, type Io } from './io.js';
import { NAME, VERSION } from './version.js';

/** The commands, each of which adds itself to the program. */
const COMMANDS: readonly ((program: Command, io: Io) => void)[] = [
  demoCommand,
  requestCommand,
  replCommand,
  serveCommand,
];

const HELP = 'show this help';

/** Milliseconds that an interrupted command has to clean up. A file system or a pipe could make it wait for ever. */
const GRACE = 1000;

function programFor(io: Io): Command {
  const program = new Command(NAME)
    .description('HTTP/1.1 on the command line, with @http-client/client.')
    .version(VERSION, '--version', 'show the version')
    .helpOption('-h, --help', HELP)
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => {
        write(usageLine(text));
      },
    });
  for (const add of COMMANDS) add(program, io);
  // Commander's own help command shows the help of the program for an unknown command, without saying so.
  program
    .command('help')
    .description('show how a command is used')
    .argument('[command]')
    .action((name: string | undefined) => {
      const command = name === undefined ? program : program.commands.find((each) => each.name() === name);
      if (command === undefined) return program.error(`unknown command '${name}'`);
      return command.help();
    });
  for (const command of program.commands) command.helpOption('-h, --help', HELP);
  return program;
}

/** An error of commander's, on one line like every other error, with a way out. */
function usageLine(text: string): string {
  const [what = '', suggestion] = text
    // What is attached to an option may be a password.
    .replace(/^error: (?:unknown option '(--[^=]*(=?)|-.)[^]*'|)/su, (_, option?: string, equals = '') =>
      option === undefined ? '' : `unknown option '${option}${equals && '…'}'`,
    )
    .trim()
    .split('\n');
  const sentence = what.replace(/\.$/, '');
  // A URL or a method, as one begins with in other programs.
  const isRequest = /^unknown command '(https?:|[A-Z]+')/.test(sentence);
  const hint = suggestion ?? (isRequest ? '(Did you mean request?)' : '(see --help)');
  return `${NAME}: ${failureLine(sentence)} ${failureLine(hint)}\n`;
}

/** Runs a command line, and returns the exit code. */
async function main(args: readonly string[], io: Io): Promise<number> {
  try {
    await programFor(io).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has printed its error, or the help.
    if (error instanceof CommanderError) return error.exitCode;
    // Nobody reads the output any more.
    if (error instanceof OutputClosed) return 0;
    if (error instanceof Interrupted) return error.exitCode;
    await io.stderr.write(`${NAME}: ${failureLine(error)}\n`).catch(() => undefined);
    return error instanceof Failure ? error.exitCode : 1;
  }
}

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  const exitCode = 128 + constants.signals[signal];
  // Once: a second signal ends the process at once, as it does by default.
  process.once(signal, () => {
    interruption.abort(new Interrupted(exitCode));
    setTimeout(() => process.exit(exitCode), GRACE).unref();
  });
}
process.exitCode = await main(process.argv.slice(2), {
  stdin: () => process.stdin,
  stdout: new Output(process.stdout),
  stderr: new Output(process.stderr),
  signal: interruption.signal,
});
