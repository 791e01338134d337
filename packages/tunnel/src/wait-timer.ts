/** The longest delay that a timer of the platform takes; a longer wait is armed again and again. */
const LONGEST = 2 ** 31 - 1;
/** By so many milliseconds a timer of the platform may be late where nothing holds it up. */
const PUNCTUAL = 2;

/**
 * Watches one wait after the other against the same clock, with one timer that is not made anew for each.
 *
 * The platform's timers count from the start of their event loop's turn, so that they may fire early: the time is
 * looked at again when they do. They also come before what has arrived meanwhile: where the program held the loop up
 * until the wait was over, the answer may lie in the system's buffer. So a wait that is found to be late goes on for a
 * tenth: what has come is seen in the loop's next turn, but a name that was found is yet to be connected to.
 *
 * @internal
 */
export class WaitTimer {
  readonly #expired: (limit: number) => void;
  /** A number where the platform is none of Node's: in jsdom, in a window of Electron's. */
  #timer: ReturnType<typeof setTimeout> | number | undefined;
  #limit = 0;
  #since = 0;
  #waiting = false;
  /** The wait was late, and has been lengthened. */
  #lengthened = false;

  constructor(expired: (limit: number) => void) {
    this.#expired = expired;
  }

  /** A wait of at most `limit` milliseconds begins now, or begins anew because something has come. */
  start(limit: number): void {
    this.#since = performance.now();
    this.#waiting = true;
    this.#lengthened = false;
    // A timer that is there is left to fire, and it is found out then how long is left: to move it takes longer than all else.
    if (this.#timer === undefined || this.#limit !== limit) {
      this.#limit = limit;
      clearTimeout(this.#timer);
      this.#arm(limit);
    } else if (typeof this.#timer === 'object') {
      this.#timer.ref();
    }
  }

  /** What was waited for has come. The timer stays, and holds no process open. */
  stop(): void {
    if (!this.#waiting) return;
    this.#waiting = false;
    if (typeof this.#timer === 'object') this.#timer.unref();
    else this.dispose();
  }

  /** Nothing will be waited for any more. */
  dispose(): void {
    this.#waiting = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(delay: number): void {
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        if (this.#waiting) this.#look();
      },
      Math.min(Math.ceil(delay), LONGEST),
    );
  }

  #look(): void {
    const over = performance.now() - this.#since - this.#limit;
    const tenth = this.#limit / 10;
    if (over < 0) {
      this.#arm(-over);
    } else if (over > PUNCTUAL && !this.#lengthened) {
      this.#lengthened = true;
      this.#arm(over < tenth ? tenth - over : tenth);
    } else {
      this.#expired(this.#limit);
    }
  }
}
