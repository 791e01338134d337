import { isBytes, nameOf } from './kind.js';
import { copyBytes, type OwnBytes } from './own-bytes.js';
import { type Blocks, type ByteSource, openSource, wrongBlock } from './source.js';

const NEWLINE = 0x0a;

/**
 * Reads bytes from blocks of any size: a buffered binary file object, on which parsers are built.
 *
 * The source may be a `Uint8Array`, an iterable or asynchronous iterable of them (a Node `Readable` is one), a
 * `ReadableStream`, or anything with a `read` that returns the next bytes, and `null` at the end (a {@link Transport}).
 * If something is several of these, the order is: Uint8Array, asynchronous iterable, `ReadableStream`, iterable,
 * `read`. The source is not closed: that is left to its owner.
 *
 * - Returned arrays belong to the caller. They are never reused, and are never views that retain more than twice their
 *   size or share memory with bytes still to be read. A `Uint8Array` source, and the arrays of an iterable, are never
 *   written to or returned. The blocks of the other sources are assumed to be given away.
 * - Empty blocks are skipped; from a `read`, whose end is `null`, one is a TypeError. After its end the source is not
 *   read again.
 * - Calls are served in the order in which they were made, each completed before the next begins.
 * - What the source throws rejects the call that needed the source, and every later call that needs it. Bytes received
 *   before are kept: calls that they satisfy still return them.
 * - Amounts are safe integers from 0, otherwise it is a RangeError (a TypeError if it is not a number). An amount of 0
 *   returns an empty array at once.
 *
 * @example
 * const reader = new ByteReader([new TextEncoder().encode('one\ntw'), new TextEncoder().encode('o')]);
 * await reader.readLine(); // the bytes of 'one\n'
 * await reader.read();     // the bytes of 'two'
 */
export class ByteReader {
  readonly #source: Blocks | undefined;
  /** Unread bytes are those from start up to end; after them, a buffer allocated here may have room. */
  #buffer: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;
  /** The buffer was allocated here: it may be written to. */
  #owned = false;
  /** Nobody else holds the buffer's memory: a view of it may be returned, once no unread bytes share it. */
  #lendable = false;
  #ended: boolean;
  #failure: { readonly error: unknown } | undefined;
  /** The last of the pending calls. */
  #last: Promise<unknown> | undefined;

  /**
   * Creates a reader. Nothing is read yet.
   *
   * @throws TypeError if `source` is not a source.
   */
  constructor(source: ByteSource) {
    if (isBytes(source)) {
      this.#buffer = new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
      this.#end = source.byteLength;
    } else {
      this.#source = openSource(source);
    }
    this.#ended = this.#source === undefined;
  }

  /**
   * A view of the buffered, unread bytes, which must not be written to; valid until the next call. With {@link fill}
   * and {@link skip} it lets a parser work without copying, but not while another call is pending.
   */
  get buffered(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** Reads the source once, and appends to the buffer; `false` at the end of the stream. */
  fill(): Promise<boolean> {
    return this.#inTurn(() => this.#fill());
  }

  /**
   * Consumes buffered bytes.
   *
   * @throws RangeError for more than is buffered, and for an invalid amount; TypeError for anything but a number.
   */
  skip(count: number): void {
    const amount = checkAmount(count, 'skip');
    const size = this.#end - this.#start;
    if (amount > size) throw new RangeError(`Cannot skip ${amount} bytes: there are ${size} buffered`);
    this.#consume(amount);
  }

  /** Reads to the end of the stream, or exactly `amt` bytes unless the stream ends first. */
  async read(amt?: number): Promise<OwnBytes> {
    const wanted = amt === undefined ? Infinity : checkAmount(amt, 'read');
    if (this.#has(wanted)) return this.#take(wanted);
    return this.#inTurn(() => this.#read(wanted));
  }

  /**
   * Reads what is buffered, at most `amt` bytes of it; if nothing is, what one read of the source returns.
   * Empty only at the end of the stream (and for an `amt` of 0).
   */
  async read1(amt?: number): Promise<OwnBytes> {
    const wanted = amt === undefined ? Infinity : checkAmount(amt, 'read');
    const least = Math.min(wanted, 1);
    if (this.#has(least)) return this.#take(wanted);
    return this.#inTurn(async () => {
      await this.#want(least);
      return this.#take(wanted);
    });
  }

  /**
   * Fills `target` unless the stream ends first, and returns the number of bytes. The caller leaves `target` untouched
   * until then.
   *
   * @throws TypeError for a `target` that is not a view of an `ArrayBuffer`.
   */
  async readInto(target: ArrayBufferView): Promise<number> {
    const view = bytesOf(target);
    if (this.#has(view.length)) return this.#moveInto(view, 0);
    return this.#inTurn(() => this.#readInto(view));
  }

  /**
   * Like {@link read1}, but into `target`; returns the number of bytes, 0 only at the end of the stream (and for an
   * empty target).
   *
   * @throws TypeError for a `target` that is not a view of an `ArrayBuffer`.
   */
  async readInto1(target: ArrayBufferView): Promise<number> {
    const view = bytesOf(target);
    const least = Math.min(view.length, 1);
    if (this.#has(least)) return this.#moveInto(view, 0);
    return this.#inTurn(async () => {
      await this.#want(least);
      return this.#moveInto(view, 0);
    });
  }

  /**
   * Reads the next line with its newline (LF), at most `limit` bytes of it. The last line may lack the newline; at the
   * end of the stream the array is empty. Without a limit, only memory limits the length of a line.
   */
  async readLine(limit?: number): Promise<OwnBytes> {
    const most = limit === undefined ? Infinity : checkAmount(limit, 'read a line of');
    if (this.#last === undefined || most === 0) {
      const length = this.#lineLength(0, most);
      if (length !== undefined) return this.#take(length);
    }
    return this.#inTurn(() => this.#readLine(most));
  }

  /**
   * The next bytes, without consuming them: at most `amt`, possibly fewer, since the source is read at most once, and
   * only if fewer than `amt` are buffered. Without `amt`: what is buffered, or one read of the source if nothing is.
   * Empty only at the end of the stream (and for an `amt` of 0); rejects if nothing but the source's error is left.
   */
  async peek(amt?: number): Promise<OwnBytes> {
    const wanted = amt === undefined ? Infinity : checkAmount(amt, 'peek at');
    const least = amt === undefined ? 1 : wanted;
    if (this.#has(least)) return this.#copy(wanted);
    return this.#inTurn(() => this.#peek(least, wanted));
  }

  /** Whether a call can be served immediately: no other is pending, and what it needs is buffered. */
  #has(count: number): boolean {
    return count === 0 || (this.#last === undefined && this.#end - this.#start >= count);
  }

  /** Runs `work` once all earlier calls have been served, whether or not they failed. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last === undefined ? work() : this.#last.then(work, work);
    const done = (): void => {
      if (this.#last === turn) this.#last = undefined;
    };
    this.#last = turn;
    turn.then(done, done);
    return turn;
  }

  async #read(wanted: number): Promise<OwnBytes> {
    while (this.#end - this.#start < wanted && (await this.#fill()));
    return this.#take(wanted);
  }

  /** Reads the source once, if fewer than `count` bytes are buffered. */
  async #want(count: number): Promise<void> {
    if (this.#end - this.#start < count) await this.#fill();
  }

  async #readInto(view: Uint8Array): Promise<number> {
    let filled = this.#moveInto(view, 0);
    try {
      while (filled < view.length && (await this.#fill())) filled += this.#moveInto(view, filled);
    } catch (error) {
      // The source is read here only when the buffer is empty, so what was moved is all there is to put back.
      this.#hold(copyBytes(view, 0, filled));
      throw error;
    }
    return filled;
  }

  async #readLine(most: number): Promise<OwnBytes> {
    let seen = 0;
    for (;;) {
      const length = this.#lineLength(seen, most);
      if (length !== undefined) return this.#take(length);
      seen = this.#end - this.#start;
      if (!(await this.#fill())) return this.#take(seen);
    }
  }

  /** The length of the buffered line including its newline, or `most`; undefined until either has arrived. */
  #lineLength(seen: number, most: number): number | undefined {
    const end = Math.min(this.#end, this.#start + most);
    const at = this.#buffer.subarray(this.#start + seen, end).indexOf(NEWLINE);
    if (at !== -1) return seen + at + 1;
    return end - this.#start === most ? most : undefined;
  }

  async #peek(least: number, wanted: number): Promise<OwnBytes> {
    try {
      await this.#want(least);
    } catch (error) {
      // The failure is left to the call that cannot do without the source.
      if (this.#start === this.#end) throw error;
    }
    return this.#copy(wanted);
  }

  #copy(most: number): OwnBytes {
    return copyBytes(this.#buffer, this.#start, Math.min(this.#end, this.#start + most));
  }

  /** Removes and returns what is buffered, at most `most` bytes of it. */
  #take(most: number): OwnBytes {
    const start = this.#start;
    const end = Math.min(this.#end, start + most);
    const count = end - start;
    // The memory goes with the larger part; the smaller one is copied out of it.
    if (this.#lendable && 2 * count >= this.#buffer.length) {
      const taken = this.#buffer.subarray(start, end) as OwnBytes;
      this.#hold(copyBytes(this.#buffer, end, this.#end));
      return taken;
    }
    const taken = copyBytes(this.#buffer, start, end);
    this.#consume(count);
    return taken;
  }

  /** Moves buffered bytes into `view` from `at` on, as many as fit; returns their number. */
  #moveInto(view: Uint8Array, at: number): number {
    const count = Math.min(this.#end - this.#start, view.length - at);
    view.set(this.#buffer.subarray(this.#start, this.#start + count), at);
    this.#consume(count);
    return count;
  }

  #consume(count: number): void {
    this.#start += count;
    // An empty buffer is dropped, not kept for reuse: it may be as large as the longest line.
    if (this.#start === this.#end) this.#hold(new Uint8Array(0));
  }

  /** Replaces the buffer with one that was allocated here, whose first `length` bytes are unread; by default all. */
  #hold(buffer: Uint8Array, length = buffer.length): void {
    this.#buffer = buffer;
    this.#start = 0;
    this.#end = length;
    this.#owned = this.#lendable = true;
  }

  async #fill(): Promise<boolean> {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#ended) return false;
    const size = this.#end - this.#start;
    // Before the source is read again: one that reuses its array must not change unread bytes.
    if (!this.#owned && size > 0) this.#hold(copyBytes(this.#buffer, this.#start, this.#end, 2 * size), size);
    const block = await this.#next();
    if (block === null) {
      this.#ended = true;
      return false;
    }
    this.#append(block);
    return true;
  }

  /** The source's next non-empty block. */
  async #next(): Promise<Uint8Array | null> {
    try {
      for (;;) {
        const block = await this.#source!.next();
        if (block === null) return null;
        if (!isBytes(block)) throw wrongBlock(block);
        if (block.length > 0) return block;
      }
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  #append(block: Uint8Array): void {
    const size = this.#end - this.#start;
    if (size === 0) {
      // A plain Uint8Array, whatever the block is: the methods of a Buffer differ. An empty buffer starts at 0.
      this.#buffer = new Uint8Array(block.buffer, block.byteOffset, block.byteLength);
      this.#end = block.length;
      this.#owned = false;
      // Two blocks may be parts of one ArrayBuffer: then neither is returned as it is.
      this.#lendable = this.#source!.given && block.length === block.buffer.byteLength;
      return;
    }
    if (this.#end + block.length > this.#buffer.length) {
      if (size <= this.#start && size + block.length <= this.#buffer.length) {
        this.#buffer.copyWithin(0, this.#start, this.#end);
        this.#start = 0;
        this.#end = size;
      } else {
        // Doubled, so that the work is linear if bytes arrive one at a time.
        const capacity = Math.max(2 * size, size + block.length);
        this.#hold(copyBytes(this.#buffer, this.#start, this.#end, capacity), size);
      }
    }
    this.#buffer.set(block, this.#end);
    this.#end += block.length;
  }
}

function checkAmount(amount: number, verb: string): number {
  if (typeof amount !== 'number') {
    throw new TypeError(`Cannot ${verb} an amount that is not a number: it is ${nameOf(amount)}`);
  }
  if (!Number.isSafeInteger(amount) || amount < 0) {
    throw new RangeError(`Cannot ${verb} ${amount} bytes: the amount is not a whole number from 0 up`);
  }
  return amount;
}

/**
 * The bytes that a view covers, including those of a DataView or a Float64Array.
 *
 * @throws TypeError for anything but a view.
 * @internal
 */
export function bytesOf(target: ArrayBufferView): Uint8Array {
  if (!ArrayBuffer.isView(target)) {
    throw new TypeError(`Cannot read into ${nameOf(target)}: only a view of an ArrayBuffer can be filled`);
  }
  return new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
}
