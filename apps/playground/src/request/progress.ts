import type { WriteStream } from 'node:tty';

import cliProgress, { type SingleBar } from 'cli-progress';

import { bytes, rate } from '../print.js';

/** The size from which a body has a bar: 1 MiB. So has one that takes at least `LONG_WAIT`. */
const LONG = 1_048_576;
/** Milliseconds. */
const LONG_WAIT = 1000;

/**
 * Shows on a terminal how much of a long body has been transferred, and nothing for a short one.
 *
 * The bar disappears at the end of the body.
 */
export class Progress {
  #terminal: WriteStream | undefined;
  readonly #what: string;
  /** The size of the body in bytes, if it is known. */
  total: number | undefined;
  readonly #since = performance.now();
  #count = 0;
  #bar: SingleBar | undefined;

  /**
   * @param terminal without one, nothing is shown.
   * @param what the word for the transfer: `receiving`.
   */
  constructor(terminal: WriteStream | undefined, what: string) {
    this.#terminal = terminal;
    this.#what = what;
  }

  /** To be called with the number of further bytes that were transferred. */
  advance(count: number): void {
    this.#count += count;
    if (this.#terminal === undefined) return;
    if (this.#bar === undefined && this.#isLong) {
      this.#bar = makeBar(this.#terminal, this.#what, this.total);
      this.#bar.start(this.total ?? 0, this.#count, this.#shown);
    } else {
      this.#bar?.update(this.#count, this.#shown);
    }
  }

  /** Removes the bar for good, and stops the timer that redraws it. */
  stop(): void {
    // An upload may continue after its response has arrived: its bar must not come back.
    this.#terminal = undefined;
    this.#bar?.stop();
    this.#bar = undefined;
  }

  get #shown(): { bytes: string; rate: string } {
    return { bytes: bytes(this.#count), rate: rate(this.#count, performance.now() - this.#since) };
  }

  get #isLong(): boolean {
    return (this.total ?? this.#count) >= LONG || performance.now() - this.#since >= LONG_WAIT;
  }
}

function makeBar(stream: WriteStream, what: string, total: number | undefined): SingleBar {
  const format =
    total === undefined
      ? `${what} {bytes}, {rate}`
      : `${what} [{bar}] {percentage}% of ${bytes(total)}, {rate}, {eta_formatted} left`;
  return new cliProgress.SingleBar({
    stream,
    format,
    barsize: 24,
    clearOnComplete: true,
    hideCursor: true,
  });
}
