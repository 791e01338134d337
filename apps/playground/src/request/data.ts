import { open, type FileHandle } from 'node:fs/promises';

import type { RequestBody } from '@http-client/client';

import { fileFailure } from '../failure.js';
import type { Io } from '../io.js';

/** What `-d` names, ready to be sent. */
export interface Data {
  readonly body: RequestBody | undefined;
  /** The bytes that there are of it, where it is a file. */
  readonly size: number | undefined;
  /** Lets go of what was opened. What is still being read of it is given up. */
  close(): Promise<void>;
}

/**
 * Opens what `-d` names: `@-` is standard input, `@file` a file, anything else text, sent as UTF-8. Input and files are
 * read while they are sent, and `read` is told how much of them was.
 *
 * @throws Failure where the file cannot be read.
 */
export async function openData(
  text: string | undefined,
  io: Pick<Io, 'stdin'>,
  read: (count: number) => void,
): Promise<Data> {
  if (text === '@-') return standardInput(io.stdin(), read);
  if (text?.startsWith('@') === true) return openFile(text.slice(1), read);
  return {
    body: text === undefined ? undefined : new TextEncoder().encode(text),
    size: undefined,
    close: () => Promise.resolve(),
  };
}

function standardInput(stdin: NodeJS.ReadStream, read: (count: number) => void): Data {
  async function* blocks(): AsyncGenerator<Uint8Array> {
    for await (const block of stdin as AsyncIterable<Buffer>) {
      read(block.length);
      yield block;
    }
  }
  return {
    body: blocks(),
    size: undefined,
    close: () => {
      stdin.destroy();
      return Promise.resolve();
    },
  };
}

async function openFile(path: string, read: (count: number) => void): Promise<Data> {
  let opened: FileHandle | undefined;
  try {
    const file = (opened = await open(path));
    const stats = await file.stat();
    // Opening a folder succeeds; reading it would fail when the head of the request is out already.
    if (stats.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
    return {
      body: {
        fd: file.fd,
        async read(buffer, offset, length, position) {
          const result = await file.read(buffer, offset, length, position);
          read(result.bytesRead);
          return result;
        },
      },
      size: stats.isFile() ? stats.size : undefined,
      close: () => file.close(),
    };
  } catch (error) {
    await opened?.close();
    throw fileFailure(error, 'Cannot send', path);
  }
}
