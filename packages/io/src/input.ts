import { copyBytes, type OwnBytes } from './own-bytes.js';

/** The smallest buffer allocated to join bytes that arrive in pieces: most heads and small bodies fit. */
const SMALLEST = 1024;

/**
 * No bytes. Shared by all, since nothing can be written to it; what callers receive is a new array.
 *
 * @internal
 */
export const NOTHING: OwnBytes = new Uint8Array(0);

/**
 * Bytes received and not yet used: a window on the block that they arrived in, or on a buffer allocated here if several
 * blocks had to be joined.
 *
 * Parsers examine `bytes` from `start` up to `end`, and remove what they have parsed with `consume`. Bytes stay where
 * they arrived until blocks have to be joined, or a borrowed one has to be returned (`settle`).
 *
 * Exported for the packages of this project, whose parsers and pumps share it.
 *
 * @internal
 */
export class Input {
  bytes: Uint8Array = NOTHING;
  start = 0;
  end = 0;
  /** How many bytes of the stream precede `start`. */
  position = 0;
  /** Whether the stream has ended: no more bytes will arrive. */
  ended = false;
  /** What ended the stream, if it was an error and not the peer's FIN. */
  failure: Error | undefined;
  /** Why the peer's FIN is not a proper end: anyone may have sent it (TLS without close_notify). */
  truncation: Error | undefined;
  /** Whether `bytes` is a buffer allocated here, which may be written to after `end`. */
  #gathered = false;
  #borrowed = false;
  /**
   * The buffer to which the rest of each borrowed block in turn is copied. Otherwise a stream that is read in other
   * pieces than it arrives in would leave behind an array of up to 64 KiB for each block, and V8 does not collect those
   * until there are some 30 MiB of them.
   */
  #rest: Uint8Array = NOTHING;

  /**
   * Whether the bytes may be overwritten. Those from a caller's own transport may not: it may deliver the same array
   * again, as tests do.
   */
  get writable(): boolean {
    return this.#borrowed || this.#gathered;
  }

  get length(): number {
    return this.end - this.start;
  }

  /** Adds `block[0, count)`. A block that is not `owned` is borrowed from the sockets until `settle`. */
  add(block: Uint8Array, count: number, owned: boolean): void {
    if (this.start === this.end) {
      this.bytes = block;
      this.start = 0;
      this.end = count;
      this.#gathered = false;
      this.#borrowed = !owned;
    } else {
      this.#room(count);
      this.bytes.set(count === block.length ? block : block.subarray(0, count), this.end);
      this.end += count;
    }
  }

  /** Marks `count` bytes as used. */
  consume(count: number): void {
    this.start += count;
    this.position += count;
  }

  /** Returns a borrowed block: what is left of it is copied. */
  settle(): void {
    if (!this.#borrowed) return;
    const { length } = this;
    if (this.#rest.length < length) this.#rest = copyBytes(this.bytes, this.start, this.end);
    else if (length > 0) this.#rest.set(this.bytes.subarray(this.start, this.end));
    this.bytes = this.#rest;
    this.start = 0;
    this.end = length;
    this.#gathered = true;
    this.#borrowed = false;
  }

  /** Removes the next `count` bytes, as an array that the caller owns. */
  take(count: number): OwnBytes {
    if (count === this.length) return this.takeAll();
    const taken = copyBytes(this.bytes, this.start, this.start + count);
    this.consume(count);
    return taken;
  }

  /** Removes everything that is left, as an array that the caller owns. */
  takeAll(): OwnBytes {
    const taken = this.#taken();
    this.clear();
    return taken;
  }

  #taken(): OwnBytes {
    const { bytes, start, end } = this;
    // If there is nothing, `bytes` may be the array that is shared by all.
    if (this.#borrowed || start > 0 || end === 0) return copyBytes(bytes, start, end);
    // The buffer is not asked for without need: V8 moves a small array off its heap for that.
    const whole = this.#gathered && end === bytes.length;
    if (!whole && end * 2 < bytes.buffer.byteLength) return copyBytes(bytes, start, end);
    // The array belongs to the caller now: it must not be read or written again.
    if (bytes === this.#rest) this.#rest = NOTHING;
    return (whole ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, end)) as OwnBytes;
  }

  /** Discards what is left. */
  clear(): void {
    this.position += this.length;
    this.bytes = NOTHING;
    this.start = this.end = 0;
    this.#gathered = this.#borrowed = false;
  }

  /** Makes room for `count` more bytes after `end`. Doubling keeps the work linear when bytes trickle in. */
  #room(count: number): void {
    const length = this.length;
    if (this.#gathered && this.end + count <= this.bytes.length) return;
    if (this.#gathered && length + count <= this.bytes.length / 2) {
      this.bytes.copyWithin(0, this.start, this.end);
    } else {
      const grown = new Uint8Array(Math.max(SMALLEST, (length + count) * 2));
      grown.set(this.bytes.subarray(this.start, this.end));
      this.bytes = grown;
      this.#gathered = true;
      this.#borrowed = false;
    }
    this.start = 0;
    this.end = length;
  }
}
