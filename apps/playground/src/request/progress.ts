import type { WriteStream } from 'node:tty';

import cliProgress, { type SingleBar } from 'cli-progress';

import { bytes, rate } from '../print.js';

/** Bodies from this size on are worth a bar, 1 MiB; so is one that takes longer than `LONG_WAIT`. */
const LONG = 1_048_576;
/** Milliseconds. */
const LONG_WAIT = 1000;

/**
 * Shows on a terminal how much of a long body has come, and nothing of a short one.
 *
 * The bar goes away with the body's end: it tells about a wait, and there is nothing to wait for any more.
 */
export class Progress {
  #terminal: WriteStream | undefined;
  readonly #what: string;
  /** The bytes that are to come, where that is known. */
  total: number | undefined;
  readonly #since = performance.now();
  #count = 0;
  #bar: SingleBar | undefined;

  /** Nothing is shown where there is no terminal. `what` is done with the bytes, for people: `receiving`. */
  constructor(terminal: WriteStream | undefined, what: string) {
    this.#terminal = terminal;
    this.#what = what;
  }

  /** So many more bytes have come. */
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

  /** Takes the bar away for good, with the timer that redraws it. */
  stop(): void {
    // An upload may go on after its answer has come.
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
