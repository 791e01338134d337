import { copyBytes } from './own-bytes.js';
import { type Blocks, type ByteSource, isBytes, nameOf, openSource } from './source.js';

const NEWLINE = 0x0a;

/**
 * Reads bytes from blocks of any size: the buffered binary file object that parsers stand on.
 *
 * The source may be a `Uint8Array`, an iterable or asynchronous iterable of them (a Node `Readable` is one), a
 * `ReadableStream`, or anything with a `read` that gives the next bytes and `null` at the end (a {@link Transport}).
 * Where something is several of these, the order is: Uint8Array, asynchronous iterable, `ReadableStream`, iterable,
 * `read`. The source stays its giver's to close.
 *
 * - Arrays handed out are the caller's own: never reused, and never views that pin more than twice their size or
 *   share memory with bytes that are still to come. A `Uint8Array` source, and the arrays of an iterable, are never
 *   written to nor handed on. The blocks of the other sources are taken to be given away.
 * - Empty blocks are skipped. After its end the source is not asked again.
 * - Calls are served in the order in which they were made, each wholly before the next.
 * - What the source throws rejects the call that needed the source, and every later call that needs it. Bytes that
 *   came before are kept: calls that they satisfy still get them.
 * - Amounts are safe integers from 0 up, else a RangeError (a TypeError where they are no numbers at all); an amount
 *   of 0 gives an empty array at once.
 *
 * @example
 * const reader = new ByteReader([new TextEncoder().encode('one\ntw'), new TextEncoder().encode('o')]);
 * await reader.readLine(); // the bytes of 'one\n'
 * await reader.read();     // the bytes of 'two'
 */
export class ByteReader {
  readonly #source: Blocks | undefined;
  /** Unread bytes are those from start up to end; behind them a buffer of our own may have room. */
  #buffer: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;
  /** The buffer was made here: it may be written to. */
  #owned = false;
  /** Nobody else holds the buffer's memory: a view of it may be handed out, once nothing unread shares it. */
  #lendable = false;
  #ended: boolean;
  #failure: { readonly error: unknown } | undefined;
  /** The call that is served last of those under way. */
  #last: Promise<unknown> | undefined;

  /**
   * Nothing is read yet.
   *
   * @throws TypeError for what is not a source.
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
   * A view of what is buffered and unread, to look at and not to write to; valid until the next call.
   * With {@link fill} and {@link skip} it lets a parser work without a copy; not while another call is under way.
   */
  get buffered(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** Reads the source once into the buffer, behind what is there; `false` at end of stream. */
  fill(): Promise<boolean> {
    return this.#inTurn(() => this.#fill());
  }

  /**
   * Consumes buffered bytes.
   *
   * @throws RangeError beyond what is buffered.
   */
  skip(count: number): void {
    const amount = checkAmount(count, 'skip');
    const size = this.#end - this.#start;
    if (amount > size) throw new RangeError(`Cannot skip ${amount} bytes: there are ${size} buffered`);
    this.#consume(amount);
  }

  /** All up to the end of the stream, or exactly `amt` bytes unless the stream ends first. */
  async read(amt?: number): Promise<Uint8Array> {
    const wanted = amt === undefined ? Infinity : checkAmount(amt, 'read');
    if (this.#has(wanted)) return this.#take(wanted);
    return this.#inTurn(() => this.#read(wanted));
  }

  /**
   * What is buffered, at most `amt` bytes of it; where nothing is, what one read of the source brings.
   * Empty at end of stream only (and for an `amt` of 0).
   */
  async read1(amt?: number): Promise<Uint8Array> {
    const wanted = amt === undefined ? Infinity : checkAmount(amt, 'read');
    if (this.#has(Math.min(wanted, 1))) return this.#take(Math.min(wanted, this.#end - this.#start));
    return this.#inTurn(async () => {
      await this.#want(Math.min(wanted, 1));
      return this.#take(Math.min(wanted, this.#end - this.#start));
    });
  }

  /**
   * Fills the bytes of `target` unless the stream ends first; gives their number. Until then `target` is left alone
   * by the caller.
   */
  async readInto(target: ArrayBufferView): Promise<number> {
    const view = bytesOf(target);
    if (this.#has(view.length)) return this.#moveInto(view, 0);
    return this.#inTurn(() => this.#readInto(view));
  }

  /** As {@link read1}, into `target`: gives the number of bytes, 0 at end of stream only (and for an empty target). */
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
   * The next line with its newline (LF), at most `limit` bytes of it; the last line may lack the newline, and at end
   * of stream the array is empty. Without a limit a line may be as long as memory is large.
   */
  async readLine(limit?: number): Promise<Uint8Array> {
    const most = limit === undefined ? Infinity : checkAmount(limit, 'read a line of');
    if (this.#last === undefined || most === 0) {
      const length = this.#lineLength(0, most);
      if (length !== undefined) return this.#take(length);
    }
    return this.#inTurn(() => this.#readLine(most));
  }

  /**
   * The next bytes without consuming them: at most `amt`, and fewer where the source has not brought them, since it
   * is read once at most, and only where less than `amt` is buffered. Without `amt`: what is buffered, or one read of
   * the source where nothing is. Empty at end of stream only (and for an `amt` of 0); rejects where nothing but the
   * source's error is left.
   */
  async peek(amt?: number): Promise<Uint8Array> {
    const wanted = amt === undefined ? Infinity : checkAmount(amt, 'peek at');
    const least = amt === undefined ? 1 : wanted;
    if (this.#has(least)) return this.#copy(wanted);
    return this.#inTurn(() => this.#peek(least, wanted));
  }

  /** Whether a call can be answered here and now: no other is before it, and what it needs is buffered. */
  #has(count: number): boolean {
    return count === 0 || (this.#last === undefined && this.#end - this.#start >= count);
  }

  /** Does `work` once all earlier calls have been served, whether or not they failed. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last === undefined ? work() : this.#last.then(work, work);
    const done = (): void => {
      if (this.#last === turn) this.#last = undefined;
    };
    this.#last = turn;
    turn.then(done, done);
    return turn;
  }

  async #read(wanted: number): Promise<Uint8Array> {
    while (this.#end - this.#start < wanted && (await this.#fill()));
    return this.#take(Math.min(wanted, this.#end - this.#start));
  }

  /** One read of the source where fewer than `count` bytes are buffered. */
  async #want(count: number): Promise<void> {
    if (this.#end - this.#start < count) await this.#fill();
  }

  async #readInto(view: Uint8Array): Promise<number> {
    let filled = this.#moveInto(view, 0);
    try {
      while (filled < view.length && (await this.#fill())) filled += this.#moveInto(view, filled);
    } catch (error) {
      // Only an empty buffer is filled here, so that what was moved is all there is to put back.
      this.#hold(copyBytes(view, 0, filled), filled);
      throw error;
    }
    return filled;
  }

  async #readLine(most: number): Promise<Uint8Array> {
    let seen = 0;
    for (;;) {
      const length = this.#lineLength(seen, most);
      if (length !== undefined) return this.#take(length);
      seen = this.#end - this.#start;
      if (!(await this.#fill())) return this.#take(seen);
    }
  }

  /** The length of the line at hand, newline included, or `most`; undefined while neither has come. */
  #lineLength(seen: number, most: number): number | undefined {
    const end = Math.min(this.#end, this.#start + most);
    const at = this.#buffer.subarray(this.#start + seen, end).indexOf(NEWLINE);
    if (at !== -1) return seen + at + 1;
    return end - this.#start === most ? most : undefined;
  }

  async #peek(least: number, wanted: number): Promise<Uint8Array> {
    try {
      await this.#want(least);
    } catch (error) {
      // The failure stays for the call that cannot do without the source.
      if (this.#start === this.#end) throw error;
    }
    return this.#copy(wanted);
  }

  #copy(most: number): Uint8Array {
    return copyBytes(this.#buffer, this.#start, Math.min(this.#end, this.#start + most));
  }

  /** Hands out `count` buffered bytes. */
  #take(count: number): Uint8Array {
    const start = this.#start;
    const end = start + count;
    const rest = this.#end - end;
    // The memory goes with the larger part; the smaller one is copied out of it.
    if (this.#lendable && 2 * count >= this.#buffer.length) {
      const taken = this.#buffer.subarray(start, end);
      this.#hold(copyBytes(this.#buffer, end, this.#end), rest);
      return taken;
    }
    const taken = copyBytes(this.#buffer, start, end);
    this.#consume(count);
    return taken;
  }

  /** Moves what is buffered into `view` from `at` on, as far as it fits; gives the number of bytes. */
  #moveInto(view: Uint8Array, at: number): number {
    const count = Math.min(this.#end - this.#start, view.length - at);
    view.set(this.#buffer.subarray(this.#start, this.#start + count), at);
    this.#consume(count);
    return count;
  }

  #consume(count: number): void {
    this.#start += count;
    // An empty buffer is dropped, not kept for reuse: it may be as large as the longest line.
    if (this.#start === this.#end) this.#hold(new Uint8Array(0), 0);
  }

  /** Makes `buffer`, which is ours, the buffer, its first `length` bytes unread. */
  #hold(buffer: Uint8Array, length: number): void {
    this.#buffer = buffer;
    this.#start = 0;
    this.#end = length;
    this.#owned = this.#lendable = true;
  }

  async #fill(): Promise<boolean> {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#ended) return false;
    const size = this.#end - this.#start;
    // Before the source is asked again: one that reuses its array must not change what is unread.
    if (!this.#owned && size > 0) this.#hold(copyBytes(this.#buffer, this.#start, this.#end, 2 * size), size);
    const block = await this.#next();
    if (block === null) {
      this.#ended = true;
      return false;
    }
    this.#append(block);
    return true;
  }

  /** The source's next block that is not empty. */
  async #next(): Promise<Uint8Array | null> {
    try {
      for (;;) {
        const block = await this.#source!.next();
        if (block === null) return null;
        if (!isBytes(block)) {
          throw new TypeError(
            `Cannot read from the source: it gave ${nameOf(block)} instead of a Uint8Array`,
          );
        }
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
      // A plain Uint8Array, whatever the block is: a Buffer's methods differ.
      this.#buffer = new Uint8Array(block.buffer, block.byteOffset, block.byteLength);
      this.#start = 0;
      this.#end = block.length;
      this.#owned = false;
      // Two blocks may be parts of one ArrayBuffer: then neither is handed on.
      this.#lendable = this.#source!.given && block.length === block.buffer.byteLength;
      return;
    }
    if (this.#end + block.length > this.#buffer.length) {
      if (size <= this.#start && size + block.length <= this.#buffer.length) {
        this.#buffer.copyWithin(0, this.#start, this.#end);
        this.#start = 0;
        this.#end = size;
      } else {
        // Twofold, so that one byte at a time costs linear work.
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

/** The bytes that a view covers: those of a DataView or a Float64Array too. */
function bytesOf(target: ArrayBufferView): Uint8Array {
  if (!ArrayBuffer.isView(target)) {
    throw new TypeError(`Cannot read into ${nameOf(target)}: only a view of an ArrayBuffer can be filled`);
  }
  return new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
}
