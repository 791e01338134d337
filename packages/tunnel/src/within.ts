import type { AbortSignalLike, ConnectTarget } from '@http-client/io';

import { WaitTimer } from './wait-timer.js';

/** An `AbortSignal`, as the platform declares it. */
export type Signal = NonNullable<ConnectTarget['signal']>;

/**
 * What ends a wait before its work is done.
 *
 * @internal
 */
export interface Limits {
  /** Milliseconds; no limit if undefined. */
  readonly timeout?: number | undefined;
  /** Creates the error that the wait is rejected with when the time is up. */
  readonly expired?: ((limit: number) => unknown) | undefined;
  /** Ends the wait at once, with its own reason. */
  readonly signal?: Signal | undefined;
}

/** The callbacks that wait for one signal, behind a single listener. */
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
 * Calls `abort` when the signal is aborted, until the returned function is called. This is not AbortSignal.any, since a
 * long-lived signal would keep every signal that was ever derived from it. Nor is it one listener per wait: above ten,
 * as when one signal ends all requests of a program, Node warns of a possible leak.
 *
 * @internal
 */
export function onAbort(signal: AbortSignalLike | undefined, abort: (reason: unknown) => void): () => void {
  // Callers without types may pass null for none, as to `fetch`.
  if (signal == null) return () => undefined;
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

/**
 * Waits for `work`, within the limits. `work` itself goes on after a limit: whoever set the limit must end it.
 *
 * @internal
 */
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
