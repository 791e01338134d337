import { randomBytes } from 'node:crypto';
import { open, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { codeOf, fileFailure } from '../failure.js';
import type { BodySink } from './sink.js';

/** What the system says if a folder cannot be written to. */
const FOLDER_REFUSED = ['EACCES', 'EPERM', 'EROFS'];

/**
 * Opens a file that gets its name only once it is complete. Until then it has a temporary name in the same folder, so
 * that nobody finds a partial file, and an older file stays until the new one is complete.
 *
 * Two kinds of file are written to directly: one that is not regular, such as a device or a pipe, since a rename would
 * replace it; and one in a folder that cannot be written to.
 *
 * @throws Failure if it cannot be written.
 */
export async function openOutputFile(path: string): Promise<BodySink> {
  try {
    const target = await existing(path);
    if (target !== undefined && !target.regular) return plainFile(path, await open(path, 'w'));
    const final = target?.path ?? path;
    // Not derived from the file's name, which may already be as long as the system allows.
    const temporary = join(dirname(final), `http-client-${randomBytes(4).toString('hex')}.part`);
    try {
      const file = await open(temporary, 'wx', target?.mode ?? 0o666);
      return renamedFile(path, file, temporary, final);
    } catch (error) {
      if (target === undefined || !FOLDER_REFUSED.includes(codeOf(error) ?? '')) throw error;
      return plainFile(path, await open(path, 'w'));
    }
  } catch (error) {
    throw fileFailure(error, 'Cannot write', path);
  }
}

/** The file that has the name now. Links are followed, so that a link stays and leads to what was written. */
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
