// Not the global one: whoever fakes that means the program's own, and an upload would stand still; Jest's jsdom has none.
import { setImmediate as nextTurn } from 'node:timers';

/** Writes one behind the other that the system took at once; then the event loop goes on. Small ones take a third of a millisecond. */
const RUN = 64;

/**
 * Where the system takes each write at once, a source that always has its next block ready would hold up the event loop
 * until the upload is over: all timers, all other connections, and the answer that says that nobody wants it.
 */
export class Turns {
  #writes = 0;

  /** What to wait for behind a write that was taken at once; mostly nothing. */
  next(): Promise<void> | undefined {
    if (++this.#writes % RUN !== 0) return undefined;
    return new Promise((resolve) => nextTurn(resolve));
  }
}
