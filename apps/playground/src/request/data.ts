import { open, type FileHandle } from 'node:fs/promises';

import type { RequestBody } from '@http-client/client';

import { fileFailure } from '../failure.js';
import type { Io } from '../io.js';

/** Where a body comes from: text, a file by its path, or standard input. */
export type DataSource = { readonly text: string } | { readonly file: string } | { readonly input: true };

/** A body that is ready to be sent. */
export interface Data {
  readonly body: RequestBody | undefined;
  /** The bytes that there are of it, where that is known and it is not in memory. */
  readonly size: number | undefined;
  /** Lets go of what was opened. What is still being read of it is given up. */
  close(): Promise<void>;
}

/** What is told of each block that was read, and is waited for before the next one. */
export type Told = (count: number) => Promise<void>;

/** What an option's value names: `@-` is standard input, `@file` a file, anything else is the text itself. */
export function parseSource(value: string): DataSource {
  if (value === '@-') return { input: true };
  return value.startsWith('@') ? { file: value.slice(1) } : { text: value };
}

/**
 * Opens a body. Text is sent as UTF-8. Input and files are read while they are sent, and `read` is told how much of
 * them was.
 *
 * @throws Failure where the file cannot be read.
 */
export async function openData(
  source: DataSource | undefined,
  io: Pick<Io, 'stdin'>,
  read: Told,
): Promise<Data> {
  if (source !== undefined && 'input' in source) return standardInput(io.stdin(), read);
  if (source !== undefined && 'file' in source) return openFile(source.file, read);
  return {
    body: source === undefined ? undefined : new TextEncoder().encode(source.text),
    size: undefined,
    close: () => Promise.resolve(),
  };
}

function standardInput(stdin: NodeJS.ReadStream, read: Told): Data {
  async function* blocks(): AsyncGenerator<Uint8Array> {
    for await (const block of stdin as AsyncIterable<Buffer>) {
      await read(block.length);
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

async function openFile(path: string, read: Told): Promise<Data> {
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
          await read(result.bytesRead);
          return result;
        },
      },
      // What the system makes up while it is read, as in /proc, is a file of no bytes.
      size: stats.isFile() && stats.size > 0 ? stats.size : undefined,
      close: () => file.close(),
    };
  } catch (error) {
    await opened?.close();
    throw fileFailure(error, 'Cannot send', path);
  }
}
