import { Writable } from 'node:stream';

import { Output, type Io } from '../io.js';

/** In-memory streams, from which a test can read what a command wrote. */
export function memoryIo(signal: AbortSignal = new AbortController().signal): {
  io: Io;
  stdout: () => string;
} {
  const blocks: Buffer[] = [];
  const stream = (): Writable =>
    new Writable({
      write(block: Buffer, _encoding, done) {
        blocks.push(block);
        done();
      },
    });
  return {
    io: { stdin: () => process.stdin, stdout: new Output(stream()), stderr: new Output(stream()), signal },
    stdout: () => Buffer.concat(blocks).toString(),
  };
}
