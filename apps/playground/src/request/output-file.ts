import { randomBytes } from 'node:crypto';
import { open, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';

import { codeOf, fileFailure } from '../failure.js';
import type { BodySink } from './sink.js';

/**
 * A file that has its name only once it is complete: until then it is written under another name beside it, so that
 * nobody ever finds half of it, and an older file stays until the new one is there.
 *
 * What is there and is not a regular file, as a device or a pipe, is written to as it is: it would be gone otherwise.
 *
 * @throws Failure where it cannot be written.
 */
export async function openOutputFile(path: string): Promise<BodySink> {
  try {
    const target = await existing(path);
    if (target !== undefined && !target.regular) return plainFile(path, await open(path, 'w'));
    const final = target?.path ?? path;
    const temporary = `${final}.${randomBytes(4).toString('hex')}.part`;
    const file = await open(temporary, 'wx', target?.mode ?? 0o666);
    return renamedFile(path, file, temporary, final);
  } catch (error) {
    throw fileFailure(error, 'Cannot write', path);
  }
}

/** What has the name now, links followed, so that a link goes on pointing to what was written. */
async function existing(path: string): Promise<{ path: string; regular: boolean; mode: number } | undefined> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
    return { path: await realpath(path), regular: stats.isFile(), mode: stats.mode & 0o777 };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function plainFile(path: string, file: FileHandle): BodySink {
  return {
    write: (block) => saying(path, file.appendFile(block)),
    end: () => saying(path, file.close()),
    abandon: () => file.close(),
  };
}

function renamedFile(path: string, file: FileHandle, temporary: string, final: string): BodySink {
  return {
    write: (block) => saying(path, file.appendFile(block)),
    async end() {
      await saying(path, file.close());
      await saying(path, rename(temporary, final));
    },
    async abandon() {
      await file.close();
      await rm(temporary, { force: true });
    },
  };
}

async function saying(path: string, done: Promise<void>): Promise<void> {
  try {
    await done;
  } catch (error) {
    throw fileFailure(error, 'Cannot write', path);
  }
}
