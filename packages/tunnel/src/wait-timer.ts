/** The longest delay that a timer of the platform takes; a longer wait is armed again and again. */
const LONGEST = 2 ** 31 - 1;

/**
 * Watches one wait after the other against the same clock, with one timer that is moved and not made anew.
 *
 * The platform's timers count from the start of their event loop's turn, so that they may fire early: the time is
 * looked at again when they do.
 *
 * @internal
 */
export class WaitTimer {
  readonly #expired: (limit: number) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #limit = 0;
  #since = 0;
  #waiting = false;

  constructor(expired: (limit: number) => void) {
    this.#expired = expired;
  }

  /** A wait of at most `limit` milliseconds begins now, or begins anew because something has come. */
  start(limit: number): void {
    this.#since = performance.now();
    this.#waiting = true;
    if (this.#timer === undefined || this.#limit !== limit) {
      this.#limit = limit;
      clearTimeout(this.#timer);
      this.#arm(limit);
    } else {
      this.#timer.refresh();
      this.#timer.ref();
    }
  }

  /** What was waited for has come. The timer stays, and holds no process open. */
  stop(): void {
    if (!this.#waiting) return;
    this.#waiting = false;
    this.#timer?.unref();
  }

  /** Nothing will be waited for any more. */
  dispose(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(delay: number): void {
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        if (!this.#waiting) return;
        const left = this.#limit - (performance.now() - this.#since);
        if (left > 0) this.#arm(left);
        else this.#expired(this.#limit);
      },
      Math.min(Math.ceil(delay), LONGEST),
    );
  }
}
