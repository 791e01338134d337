import { NOTHING, type OwnBytes } from '@http-client/io';

import { trimmed, uninitialised } from './uninitialised.js';

/** The smallest block: slow input does not require growing it at once. */
const SMALLEST = 1024;

/**
 * The largest block of a body of unknown length. Freed blocks of this size can be reused at once; larger ones are
 * returned to the operating system and requested again, which costs more than filling them.
 */
const LARGEST = 65_536;

/** With a known length, a larger block has room for this many times the bytes received so far. */
const STEP = 16;

/** From this many bytes on the factor is `LARGE_STEP`: not every system leaves unused memory uncommitted. */
const LARGE = 16 * 2 ** 20;
const LARGE_STEP = 4;

/**
 * Collects the bytes of one read as they arrive.
 *
 * Memory grows with what was received, never with what was promised. A promised length is usually kept: its block is
 * made several times as large as what has been received, and so is rarely copied to a larger one. The blocks of a body
 * of unknown length are listed, and joined once.
 */
export class Gathered {
  /** The block that is being filled. */
  block: OwnBytes = NOTHING;
  /** How much of it is filled. */
  filled = 0;
  /** The blocks before it, all full. */
  #full: Uint8Array[] | undefined;
  /** How many bytes are in them. */
  #before = 0;
  /** The unfilled rest of the block is uninitialised, and may hold foreign data. */
  #foreign = false;

  get length(): number {
    return this.#before + this.filled;
  }

  /**
   * Makes room after a block that is full. `available` is the most that can be taken now, `limit` the most that is
   * wanted in all, and `left` how many bytes are still to come, if that is known.
   */
  grow(available: number, limit: number, left: number | undefined): void {
    const { block, length } = this;
    if (left !== undefined) {
      const times = length < LARGE ? STEP : LARGE_STEP;
      const wanted = Math.max(SMALLEST, length * times, length + available);
      this.block = uninitialised(Math.min(wanted, limit, length + left));
      this.block.set(block);
      this.#foreign = true;
      return;
    }
    const size = Math.min(Math.max(SMALLEST, length, available), LARGEST, limit - length);
    // The first may be handed to the caller, including its unfilled rest.
    this.block = length === 0 ? new Uint8Array(size) : uninitialised(size);
    this.filled = 0;
    this.#before = length;
    if (length > 0) (this.#full ??= []).push(block);
  }

  /** All the bytes, as an array that the caller may keep. */
  whole(): OwnBytes {
    const { block, filled } = this;
    if (this.#full === undefined) return trimmed(block, filled, !this.#foreign);
    const whole = uninitialised(this.length);
    let at = 0;
    for (const part of this.#full) {
      whole.set(part, at);
      at += part.length;
    }
    whole.set(block.subarray(0, filled), at);
    return whole;
  }
}
