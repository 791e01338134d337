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

/** The callbacks that wait for one signal, and the single listener that calls them. */
interface Waiters {
  readonly waiting: Set<() => void>;
  readonly listener: () => void;
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
  const { waiting, listener } = waitersFor(signal);
  const aborted = (): void => {
    abort(signal.reason);
  };
  if (waiting.size === 0) signal.addEventListener('abort', listener);
  waiting.add(aborted);
  return () => {
    if (waiting.delete(aborted) && waiting.size === 0) signal.removeEventListener('abort', listener);
  };
}

function waitersFor(signal: AbortSignalLike): Waiters {
  let waiters = WAITERS.get(signal);
  if (waiters === undefined) {
    const waiting = new Set<() => void>();
    const listener = (): void => {
      for (const aborted of waiting) aborted();
    };
    waiters = { waiting, listener };
    WAITERS.set(signal, waiters);
  }
  return waiters;
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
