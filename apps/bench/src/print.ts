import type { Writable } from 'node:stream';

/** Prints a line. The promise settles when the system has accepted it. */
export type Print = (text: string) => Promise<void>;

/** The reader of the output has gone (`| head`), so measuring on is pointless. */
export class OutputClosed extends Error {}

/** Prints to a standard stream; rejects with {@link OutputClosed} once nobody reads it. */
export function printTo(stream: Writable): Print {
  // A failed write also calls its callback. Without a listener, the event would end the process with a stack trace.
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
