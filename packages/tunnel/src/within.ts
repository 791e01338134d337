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

/**
 * Calls `abort` when the signal is aborted, until what it returns is called. Not AbortSignal.any: a signal that lives
 * for long would keep all that was ever made of it.
 *
 * @internal
 */
export function onAbort(signal: AbortSignalLike | undefined, abort: (reason: unknown) => void): () => void {
  if (signal === undefined) return () => undefined;
  const aborted = (): void => {
    abort(signal.reason);
  };
  signal.addEventListener('abort', aborted);
  return () => {
    signal.removeEventListener('abort', aborted);
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
