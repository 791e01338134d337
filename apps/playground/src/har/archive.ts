import { failureLine } from '../failure.js';
import { openOutputFile } from '../request/output-file.js';
import type { Recorder } from './recorder.js';

/**
 * Runs an exchange that the recorder observes, and writes its archive to a file. That includes a failed exchange, but
 * not one that never began.
 *
 * @throws Failure if the file cannot be written, before the exchange if possible; and whatever `work` throws.
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
