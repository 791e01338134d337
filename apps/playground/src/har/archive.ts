import { failureLine } from '../failure.js';
import { openOutputFile } from '../request/output-file.js';
import type { Recorder } from './recorder.js';

/**
 * Does what the recorder looks on at, and writes the archive of it to a file: of an exchange that failed, too, but not
 * of one that never began.
 *
 * @throws Failure where the file cannot be written, and before anything is done where that can be told; what `work` does.
 */
export async function archiveTo(path: string, recorder: Recorder, work: () => Promise<void>): Promise<void> {
  const file = await openOutputFile(path);
  let failure: string | undefined;
  try {
    await work();
  } catch (error) {
    failure = failureLine(error);
    throw error;
  } finally {
    const archive = recorder.finish(failure);
    if (archive === undefined) {
      await file.abandon();
    } else {
      await file.write(new TextEncoder().encode(`${JSON.stringify(archive, undefined, 2)}\n`));
      await file.end();
    }
  }
}
