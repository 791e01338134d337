import { copyBytes } from './own-bytes.js';

/** The smallest buffer made to gather bytes that come in pieces: most heads and small bodies fit. */
const SMALLEST = 1024;

/** One for all: nothing can be written to it. */
const NOTHING = new Uint8Array(0);

/**
 * Bytes received and not yet used: a window on the block they came in, or on a buffer of its own where several blocks
 * had to be put together.
 *
 * Parsers look at `bytes` from `start` to `end` and take what they have understood with `consume`. Nothing is copied
 * until a block that belongs to somebody else must be given back (`settle`).
 *
 * Exported for the packages of this project, whose parsers and pumps share it.
 *
 * @internal
 */
export class Input {
  bytes: Uint8Array = NOTHING;
  start = 0;
  end = 0;
  /** How many bytes of the stream came before `start`. */
  position = 0;
  /** Whether the stream has ended: no more bytes will come than are here. */
  ended = false;
  /** What ended the stream, where it was an error and not the peer's FIN. */
  failure: Error | undefined;
  /** Why the peer's FIN is not a proper end: anybody may have sent it (TLS without close_notify). */
  truncation: Error | undefined;
  /** Whether `bytes` is a buffer of this object's own, with room that may be written to. */
  #gathered = false;
  #borrowed = false;
  /**
   * Where the rest of one borrowed block after the other is copied to. A stream that is read in other pieces than it
   * comes in would else leave an array of up to 64 KiB behind for each block, and the engine looks at those when there
   * are some 30 MiB of them.
   */
  #rest: Uint8Array = NOTHING;

  /**
   * Whether its bytes may be written over: not those that a transport gave. Whoever made that may give the same array
   * again, as tests do.
   */
  get writable(): boolean {
    return this.#borrowed || this.#gathered;
  }

  get length(): number {
    return this.end - this.start;
  }

  /** Takes in `block[0, count)`. A block that is not `owned` is the sockets' own, and theirs again at `settle`. */
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

  /** Takes `count` bytes as used. */
  consume(count: number): void {
    this.start += count;
    this.position += count;
  }

  /** Gives back a borrowed block: what is left of it is copied. */
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

  /** The next `count` bytes, as an array of the caller's own. */
  take(count: number): Uint8Array {
    if (count === this.length) return this.takeAll();
    const taken = copyBytes(this.bytes, this.start, this.start + count);
    this.consume(count);
    return taken;
  }

  /** Everything that is left, as an array of the caller's own. */
  takeAll(): Uint8Array {
    const taken = this.#taken();
    this.clear();
    return taken;
  }

  #taken(): Uint8Array {
    const { bytes, start, end } = this;
    // Nothing at all lies in the array that is one for all.
    if (this.#borrowed || start > 0 || end === 0) return copyBytes(bytes, start, end);
    const whole = this.#gathered && end === bytes.length;
    const { buffer, byteOffset } = bytes;
    if (!whole && end * 2 < buffer.byteLength) return copyBytes(bytes, start, end);
    // The array is the caller's now: nothing of it may be looked at or written to again.
    if (bytes === this.#rest) this.#rest = NOTHING;
    return whole ? bytes : new Uint8Array(buffer, byteOffset, end);
  }

  /** What is left is of no use to anybody. */
  clear(): void {
    this.position += this.length;
    this.bytes = NOTHING;
    this.start = this.end = 0;
    this.#gathered = this.#borrowed = false;
  }

  /** Makes room for `count` more bytes behind `end`; doubling keeps bytes that trickle in linear. */
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
