import { trimmed, unwritten } from './unwritten.js';

/** The smallest block: what trickles in need not have it grown at once. */
const SMALLEST = 1024;

/**
 * The largest block of what has no known end. The system has blocks of this size at hand again when they were let go
 * of; larger ones it gives back and takes anew, which costs more than to fill them.
 */
const LARGEST = 65_536;

/** How many times what has come is made room for, where a known length promises that much. */
const STEP = 16;

/** From so many bytes on it is `LARGE_STEP` times: not every system lends memory that nobody fills. */
const LARGE = 16 * 2 ** 20;
const LARGE_STEP = 4;

const NOTHING = new Uint8Array(0);

/**
 * The bytes of one read, put together as they come.
 *
 * Memory grows with what was received, never with what was promised: a promised length is mostly kept, so that its
 * block is made some times as large as what has come, and copied to the next one as seldom. Of what has no known end
 * the blocks are listed, and joined once.
 */
export class Gathered {
  /** The block that is being filled. */
  block: Uint8Array = NOTHING;
  /** How much of it is filled. */
  filled = 0;
  /** The blocks before it, all full. */
  #full: Uint8Array[] | undefined;
  /** How many bytes are in them. */
  #before = 0;
  /** What is behind the bytes of the block may be somebody else's. */
  #foreign = false;

  get length(): number {
    return this.#before + this.filled;
  }

  /**
   * Makes room behind a block that is full. `available` bytes at least are there to be taken, at most `limit` are
   * wanted, and `left` are to come, where that is known.
   */
  grow(available: number, limit: number, left: number | undefined): void {
    const { block, length } = this;
    if (left !== undefined) {
      const times = length < LARGE ? STEP : LARGE_STEP;
      const wanted = Math.max(SMALLEST, length * times, length + available);
      this.block = unwritten(Math.min(wanted, limit, length + left));
      this.block.set(block);
      this.#foreign = true;
      return;
    }
    const size = Math.min(Math.max(SMALLEST, length, available), LARGEST, limit - length);
    // The first may become the caller's, together with what is behind its bytes.
    this.block = length === 0 ? new Uint8Array(size) : unwritten(size);
    this.filled = 0;
    this.#before = length;
    if (length > 0) (this.#full ??= []).push(block);
  }

  /** All of it, as an array for the caller to keep. */
  whole(): Uint8Array {
    const { block, filled } = this;
    if (this.#full === undefined) return trimmed(block, filled, !this.#foreign);
    const whole = unwritten(this.length);
    let at = 0;
    for (const part of this.#full) {
      whole.set(part, at);
      at += part.length;
    }
    whole.set(block.subarray(0, filled), at);
    return whole;
  }
}
