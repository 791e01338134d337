import type { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';

import { Failure, fileMeaning } from './failure.js';

/** What a command works with: the process's own streams, or others in a test. */
export interface Io {
  /** Opened when it is first read, so that a command without input leaves it alone. */
  readonly stdin: () => NodeJS.ReadStream;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborted with an {@link Interrupted} when the user wants to stop. */
  readonly signal: AbortSignal;
}

/** The user has stopped the command. The exit code is 128 and the signal's number, as a shell has it. */
export class Interrupted extends Error {
  constructor(readonly exitCode: number) {
    super('interrupted');
  }
}

/** Whoever read the output has gone (`| head`): nothing that is still to be written has a reader. */
export class OutputClosed extends Error {}

/** A standard stream, written to no faster than it is taken. */
export class Output {
  /** Written to by what cannot wait, as Node's prompt. */
  readonly stream: Writable | WriteStream;

  constructor(stream: Writable | WriteStream) {
    this.stream = stream;
    // A failed write tells its own callback; without a listener the event would end the process with a stack.
    stream.on('error', () => undefined);
  }

  /** The stream itself where it is a terminal. */
  get terminal(): WriteStream | undefined {
    // What is not a terminal has no such property, or a false one where it could have been one.
    return 'isTTY' in this.stream && this.stream.isTTY ? this.stream : undefined;
  }

  /**
   * Settles when the system has taken it. Rejects with {@link OutputClosed} where nobody reads any more, and with a
   * {@link Failure} where it cannot be written.
   */
  write(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.stream.write(data, (error) => {
        if (error == null) resolve();
        else if (isClosed(error)) reject(new OutputClosed('nobody reads the output', { cause: error }));
        else reject(new Failure(`Cannot write the output: ${fileMeaning(error)}`, { cause: error }));
      });
    });
  }
}

function isClosed(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EPIPE' || error.code === 'ECONNRESET' || error.code === 'ERR_STREAM_DESTROYED';
}
