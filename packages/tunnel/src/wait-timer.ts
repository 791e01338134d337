/** The longest delay that `setTimeout` takes; a longer wait sets it repeatedly. */
const MAX_DELAY = 2 ** 31 - 1;
/** How many milliseconds late a timer may be when nothing blocks the event loop. */
const TOLERANCE = 2;

/**
 * Limits one wait after another, with a timer that is not created anew for each.
 *
 * Timers count from the start of their turn of the event loop, so they may fire early: the time is checked again when
 * they do. They also fire before I/O that has arrived in the meantime is processed: if the program blocked the loop
 * until the time was up, the response may be in the system's buffer. So a wait that turns out to be late is extended by
 * a tenth: arrived data is seen in the loop's next turn, but after a name look-up the connection has yet to be made.
 *
 * @internal
 */
export class WaitTimer {
  readonly #expired: (limit: number) => void;
  /** A number where timers are not Node's: in jsdom, in an Electron window. */
  #timer: ReturnType<typeof setTimeout> | number | undefined;
  /**
   * The function that set it, if it is running. A test may fake that one, or restore it, while a connection is kept: the
   * timer then belongs to a clock that no longer advances, or is not the one that the test advances.
   */
  #setter: typeof setTimeout | undefined;
  #limit = 0;
  #since = 0;
  #waiting = false;
  /** Whether the wait was late, and has been extended. */
  #lengthened = false;

  constructor(expired: (limit: number) => void) {
    this.#expired = expired;
  }

  /** Starts a wait of at most `limit` milliseconds, or restarts it because something has arrived. */
  start(limit: number): void {
    // A running timer is left to fire, and then computes the time left: moving it would cost more than all the rest.
    if (this.#limit !== limit || this.#setter !== setTimeout) {
      this.dispose();
      this.#limit = limit;
      this.#arm(limit);
    } else {
      (this.#timer as Partial<NodeJS.Timeout>).ref?.();
    }
    this.#since = performance.now();
    this.#waiting = true;
    this.#lengthened = false;
  }

  /** Ends the wait: what was waited for has arrived. A Node timer stays, without keeping the process alive. */
  stop(): void {
    if (!this.#waiting) return;
    this.#waiting = false;
    if (typeof this.#timer === 'object') this.#timer.unref();
    else this.dispose();
  }

  /** Ends all waiting, and clears the timer. */
  dispose(): void {
    clearTimeout(this.#timer);
    this.#setter = undefined;
    this.#waiting = false;
  }

  #arm(delay: number): void {
    this.#setter = setTimeout;
    this.#timer = setTimeout(
      () => {
        this.#setter = undefined;
        if (this.#waiting) this.#checkTime();
      },
      Math.min(Math.ceil(delay), MAX_DELAY),
    );
  }

  #checkTime(): void {
    const over = performance.now() - this.#since - this.#limit;
    const tenth = this.#limit / 10;
    if (over < 0) {
      this.#arm(-over);
    } else if (over > TOLERANCE && !this.#lengthened) {
      this.#lengthened = true;
      this.#arm(over < tenth ? tenth - over : tenth);
    } else {
      this.#expired(this.#limit);
    }
  }
}
