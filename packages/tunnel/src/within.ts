import type { AbortSignalLike, ConnectTarget } from '@http-client/io';

import { WaitTimer } from './wait-timer.js';

/** A signal as the platform has it. */
export type Signal = NonNullable<ConnectTarget['signal']>;

/** What ends a wait before its work is done. */
export interface Limits {
  /** Milliseconds; none where undefined. */
  readonly timeout?: number | undefined;
  /** What the wait is rejected with when they are over. */
  readonly expired?: ((limit: number) => unknown) | undefined;
  /** Ends the wait at once, with its own reason. */
  readonly signal?: Signal | undefined;
}

/** Those who wait for one signal, and the one listener that stands for them. */
class Waiters {
  readonly #signal: AbortSignalLike;
  readonly #waiters = new Set<() => void>();
  readonly #listener = (): void => {
    for (const aborted of this.#waiters) aborted();
  };

  constructor(signal: AbortSignalLike) {
    this.#signal = signal;
  }

  add(aborted: () => void): void {
    if (this.#waiters.size === 0) this.#signal.addEventListener('abort', this.#listener);
    this.#waiters.add(aborted);
  }

  delete(aborted: () => void): void {
    if (this.#waiters.delete(aborted) && this.#waiters.size === 0)
      this.#signal.removeEventListener('abort', this.#listener);
  }
}

const WAITERS = new WeakMap<AbortSignalLike, Waiters>();

/**
 * Calls `abort` when the signal is aborted, until what it returns is called. Not AbortSignal.any: a signal that lives
 * for long would keep all that was ever made of it. And not a listener for each: of more than ten, as where one signal
 * ends all requests of a program, Node warns that they may be a leak.
 *
 * @internal
 */
export function onAbort(signal: AbortSignalLike | undefined, abort: (reason: unknown) => void): () => void {
  if (signal === undefined) return () => undefined;
  let waiters = WAITERS.get(signal);
  if (waiters === undefined) {
    waiters = new Waiters(signal);
    WAITERS.set(signal, waiters);
  }
  const all = waiters;
  const aborted = (): void => {
    abort(signal.reason);
  };
  all.add(aborted);
  return () => {
    all.delete(aborted);
  };
}

/** Waits for `work`, within its limits. It goes on behind a limit: whoever set that ends it. */
export async function within<T>(work: () => Promise<T>, { timeout, expired, signal }: Limits): Promise<T> {
  signal?.throwIfAborted();
  let ignore!: () => void;
  let timer!: WaitTimer;
  try {
    return await new Promise((resolve, reject) => {
      ignore = onAbort(signal, reject);
      timer = new WaitTimer((limit) => {
        reject(expired?.(limit));
      });
      if (timeout !== undefined) timer.start(timeout);
      work().then(resolve, reject);
    });
  } finally {
    timer.dispose();
    ignore();
  }
}
