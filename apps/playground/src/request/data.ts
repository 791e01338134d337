import { open, type FileHandle } from 'node:fs/promises';

import type { RequestBody } from '@http-client/client';

import { fileFailure } from '../failure.js';
import type { Io } from '../io.js';

/** The source of a body: text, the path of a file, or standard input. */
export type DataSource = { readonly text: string } | { readonly file: string } | { readonly input: true };

/** A body that is ready to be sent. */
export interface Data {
  readonly body: RequestBody | undefined;
  /** Its size in bytes, if that is known and the body is not in memory. */
  readonly size: number | undefined;
  /** Closes what was opened. A read in progress is aborted. */
  close(): Promise<void>;
}

/** Called with the size of each block that was read, and awaited before the next one. */
export type OnRead = (count: number) => Promise<void>;

/** Parses an option's value: `@-` is standard input, `@file` a file, anything else is the text itself. */
export function parseSource(value: string): DataSource {
  if (value === '@-') return { input: true };
  return value.startsWith('@') ? { file: value.slice(1) } : { text: value };
}

/**
 * Opens a body. Text is sent as UTF-8. Standard input and files are read while they are sent, and `read` is called for
 * each block.
 *
 * @throws Failure if the file cannot be read.
 */
export async function openData(
  source: DataSource | undefined,
  io: Pick<Io, 'stdin'>,
  read: OnRead,
): Promise<Data> {
  if (source !== undefined && 'input' in source) return standardInput(io.stdin(), read);
  if (source !== undefined && 'file' in source) return openFile(source.file, read);
  return {
    body: source === undefined ? undefined : new TextEncoder().encode(source.text),
    size: undefined,
    close: () => Promise.resolve(),
  };
}

function standardInput(stdin: NodeJS.ReadStream, read: OnRead): Data {
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

async function openFile(path: string, read: OnRead): Promise<Data> {
  let opened: FileHandle | undefined;
  try {
    const file = (opened = await open(path));
    const stats = await file.stat();
    // Opening a folder succeeds. Reading it would fail only after the head of the request has been sent.
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
      size: stats.isFile() && (stats.size > 0 || (await isEmpty(file))) ? stats.size : undefined,
      close: () => file.close(),
    };
  } catch (error) {
    await opened?.close();
    throw fileFailure(error, 'Cannot send', path);
  }
}

/** A file that the system generates when it is read, as in /proc, has the size 0, but is not empty. */
async function isEmpty(file: FileHandle): Promise<boolean> {
  return (await file.read(new Uint8Array(1), 0, 1, 0)).bytesRead === 0;
}
