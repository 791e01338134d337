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

In scope are every name of @http-client/client, and host and port of a server on this machine.
The lines typed are kept in the file that ${HISTORY_VARIABLE} names, or in ~/.local/state/http-client; empty, they are not.
`;

export function replCommand(program: Command, io: Io): void {
  program
    .command('repl')
    .description('a prompt of Node, with the whole client in scope and a server to aim at')
    .addHelpText('after', EXAMPLES)
    .action(async () => {
      const origin = await startOrigin();
      try {
        await runPrompt(origin, io, process.env);
      } finally {
        await origin.close();
        // The user may have left connections open, and timers, which would keep the process. Not before the exit code is set.
        setImmediate(() => process.exit());
      }
    });
}
