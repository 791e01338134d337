// Not the global one, which Jest's jsdom lacks.
import { setImmediate } from 'node:timers';

/**
 * Calls a function in the next turn of the event loop, after the I/O that is ready. Captured at load: a test that fakes
 * it, in its module too, means the program's own timers, and an upload would stall.
 */
export const nextTurn: (run: () => void) => void = setImmediate;

/** Consecutive writes taken at once before the event loop runs. If small, they take a third of a millisecond. */
const RUN = 64;

/**
 * Yields to the event loop during an upload. If the system takes each write at once, a source that always has its next
 * block ready would block the event loop until the end: all timers, all other connections, and the response that
 * refuses the upload.
 */
export class Turns {
  #writes = 0;

  /** Returns what to wait for after a write that was taken at once: usually nothing. */
  next(): Promise<void> | undefined {
    if (++this.#writes % RUN !== 0) return undefined;
    return new Promise(nextTurn);
  }
}
