import type { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';

import { Failure, fileMeaning } from './failure.js';

/** The streams of a command: those of the process, or others in a test. */
export interface Io {
  /** A function, since accessing the stream opens it: a command without input leaves it alone. */
  readonly stdin: () => NodeJS.ReadStream;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborted with an {@link Interrupted} when the user stops the command. */
  readonly signal: AbortSignal;
}

/** The user has stopped the command. The exit code is 128 plus the signal's number, as in a shell. */
export class Interrupted extends Error {
  constructor(readonly exitCode: number) {
    super('interrupted');
  }
}

/** The reader of the output has closed it (`| head`), so that nothing more can be written. */
export class OutputClosed extends Error {}

/** A standard stream with back-pressure. */
export class Output {
  /** For writers that cannot wait, such as Node's prompt. */
  readonly stream: Writable | WriteStream;

  constructor(stream: Writable | WriteStream) {
    this.stream = stream;
    // A failed write is reported to its callback. Without a listener, the event would end the process with a stack
    // trace.
    stream.on('error', () => undefined);
  }

  /** The stream, if it is a terminal. */
  get terminal(): WriteStream | undefined {
    // Other streams do not have the property, or have it as false.
    return 'isTTY' in this.stream && this.stream.isTTY ? this.stream : undefined;
  }

  /**
   * Writes data, and settles when the system has accepted it. Rejects with {@link OutputClosed} if the reader has
   * closed the stream, and with a {@link Failure} if it cannot be written.
   */
  write(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.stream.write(data, (error) => {
        if (error == null) resolve();
        else if (isClosed(error)) reject(new OutputClosed('the output was closed', { cause: error }));
        else reject(new Failure(`Cannot write the output: ${fileMeaning(error)}`, { cause: error }));
      });
    });
  }
}

function isClosed(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EPIPE' || error.code === 'ECONNRESET' || error.code === 'ERR_STREAM_DESTROYED';
}
