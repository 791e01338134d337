import type { ConnectTarget } from '@http-client/io';

/** A signal as the platform has it. */
export type Signal = NonNullable<ConnectTarget['signal']>;

/** What ends a wait before its work is done. */
export interface Limits {
  /** Milliseconds; none where undefined. */
  readonly timeout?: number | undefined;
  /** What the wait is rejected with when they are over. */
  readonly expired?: (() => unknown) | undefined;
  readonly signal?: Signal | undefined;
}

/** The longest delay that a timer of the platform takes; a longer one is armed again and again. */
const LONGEST = 2 ** 31 - 1;

/** Waits for `work`, within its limits. It goes on behind a limit: whoever set that ends it. */
export function within<T>(work: () => Promise<T>, { timeout, expired, signal }: Limits): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    let cancel = (): void => undefined;
    const settle = (): void => {
      cancel();
      signal?.removeEventListener('abort', abort);
    };
    const abort = (): void => {
      settle();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', abort);
    if (timeout !== undefined) {
      cancel = after(timeout, () => {
        settle();
        reject(expired?.());
      });
    }
    work().then(
      (value) => {
        settle();
        resolve(value);
      },
      (error: unknown) => {
        settle();
        reject(error);
      },
    );
  });
}

/**
 * Calls back when so many milliseconds have passed, and not earlier: the platform's timers count from the start of
 * their event loop's turn. Returns how to call that off.
 */
function after(delay: number, over: () => void): () => void {
  const end = performance.now() + delay;
  let timer: ReturnType<typeof setTimeout>;
  const arm = (): void => {
    const left = end - performance.now();
    if (left <= 0) over();
    else timer = setTimeout(arm, Math.min(Math.ceil(left), LONGEST));
  };
  timer = setTimeout(arm, Math.min(Math.ceil(delay), LONGEST));
  return () => {
    clearTimeout(timer);
  };
}
