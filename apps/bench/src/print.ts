import type { Writable } from 'node:stream';

/** Prints a line, and settles when the system has taken it. */
export type Print = (text: string) => Promise<void>;

/** Whoever read the output has gone (`| head`): there is nobody to measure for. */
export class OutputClosed extends Error {}

/** Prints to a standard stream; rejects with {@link OutputClosed} where nobody reads it any more. */
export function printTo(stream: Writable): Print {
  // A failed write tells its own callback; without a listener the event would end the process with a stack.
  stream.on('error', () => undefined);
  return (text) =>
    new Promise((resolve, reject) => {
      stream.write(`${text}\n`, (error: NodeJS.ErrnoException | null | undefined) => {
        if (error == null) resolve();
        else
          reject(
            error.code === 'EPIPE' ? new OutputClosed('nobody reads the output', { cause: error }) : error,
          );
      });
    });
}
