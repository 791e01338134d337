import type { Command } from 'commander';

import type { Io } from '../io.js';
import { startOrigin } from '../origin.js';
import { HISTORY_VARIABLE } from '../repl/history.js';
import { runPrompt } from '../repl/prompt.js';

const EXAMPLES = `
Examples:
  http-client repl
  echo "NOT_FOUND" | http-client repl
  ${HISTORY_VARIABLE}= http-client repl

In scope are all names of @http-client/client, and host and port of a test server on this machine.
The lines typed are kept in the file that ${HISTORY_VARIABLE} names, or in ~/.local/state/http-client. If the variable
is empty, they are not kept.
`;

export function replCommand(program: Command, io: Io): void {
  program
    .command('repl')
    .description('start a Node prompt with the client in scope and a test server')
    .addHelpText('after', EXAMPLES)
    .action(async () => {
      const origin = await startOrigin();
      try {
        await runPrompt(origin, io, process.env);
      } finally {
        await origin.close();
        // Connections and timers that the user left open would keep the process alive. Later, once the exit code is
        // set.
        setImmediate(() => process.exit());
      }
    });
}
