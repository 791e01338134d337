// Not the global ones: Jest's jsdom lacks the first.
import { setImmediate, setTimeout } from 'node:timers';

/**
 * Calls a function in the next turn of the event loop, after the I/O that is ready. Captured at load: a test that fakes
 * it, in its module too, means the program's own timers, and an upload would stall.
 */
export const nextTurn: (run: () => void) => void = setImmediate;

/**
 * Resolves after `count` turns of the event loop; if several, it may be the system that holds what is to be seen. Deno
 * asks it only once in dozens of immediates, but before each timer.
 */
export async function turns(count: number): Promise<void> {
  const asks = count > 1 && 'deno' in process.versions;
  for (let left = count; left > 0; left--) await new Promise<void>(asks ? nextTimer : nextTurn);
}

function nextTimer(run: () => void): void {
  setTimeout(run, 0);
}

/** Consecutive writes taken at once before the event loop runs. If small, they take a third of a millisecond. */
const RUN = 64;

/**
 * Yields to the event loop during an upload. If the system takes each write at once, a source that always has its next
 * block ready would block the event loop until the end: all timers, all other connections, and the response that
 * refuses the upload.
 */
export class Pauses {
  #writes = 0;

  /** Returns what to wait for after a write that was taken at once: usually nothing. */
  afterWrite(): Promise<void> | undefined {
    if (++this.#writes % RUN !== 0) return undefined;
    return new Promise(nextTurn);
  }
}
