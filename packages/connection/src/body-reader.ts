import { incompleteBody, type BodySource } from '@http-client/body';
import { IncompleteRead } from '@http-client/errors';
import type { HTTPMessage, Violation } from '@http-client/headers';
import { Input, NOTHING, type OwnBytes } from '@http-client/io';

import type { Channel } from './channel.js';
import { Gathered } from './gathered.js';
import { trimmed } from './uninitialised.js';
import { iterated, PENDING, type Step, type Waiting } from './waiting.js';

/** Whether a truncated body is refused: always, never, or if undefined as by the reference, which refuses some. */
export type Refusal = boolean | undefined;

/** The owner of a body, which is notified of its end. */
export interface BodyOwner {
  /** Milliseconds that each wait of a read may take; looked up for each wait. */
  readonly timeout: number | undefined;
  /** Returns the error that the caller of a failed read receives. */
  bodyFailed<E>(error: E): E;
  /** The body was read to its end (`clean`), or abandoned. Called once. */
  bodyEnded(reader: BodyReader, channel: Channel, clean: boolean): void;
}

const LF = 0x0a;
/** For all readers that have ended: nothing is ever added to it. */
const NO_BYTES = /* @__PURE__ */ new Input();

/**
 * The reading methods of a response, each of them a step on the channel's input. They may be mixed in any order; each
 * call completes before the next one begins.
 */
export class BodyReader implements Waiting {
  // How its reads wait
  readonly phase = 'body';
  readonly what = 'read the response body';
  readonly signal = undefined;

  readonly #channel: Channel;
  readonly #source: BodySource;
  readonly #owner: BodyOwner;
  readonly #refuses: Refusal;

  /** The channel's, while this response is read from it. */
  #ahead: Input;
  #closed = false;
  /** It was closed because all of it had been read. */
  #complete = false;
  /** Why reading is no longer possible, if the connection was closed independently of this response. */
  #abandoned: Error | undefined;
  /** The stream has ended, and the body with it, whether properly or not. */
  #exhausted = false;
  /** That the body was cut short, if that was tolerated. */
  #truncated: Violation | undefined;
  /** The value of `length` when the response was closed. */
  #length: number | undefined;

  constructor(channel: Channel, source: BodySource, owner: BodyOwner, refuses: Refusal) {
    this.#channel = channel;
    this.#ahead = channel.ahead;
    this.#source = source;
    this.#owner = owner;
    this.#refuses = refuses;
  }

  get timeout(): number | undefined {
    return this.#owner.timeout;
  }

  failed(error: unknown): unknown {
    this.#finish(false);
    return this.#owner.bodyFailed(error);
  }

  over(): boolean {
    return this.#complete;
  }

  completed(): void {
    // An observer of the bytes may have closed the connection or the response meanwhile.
    if (this.#closed && !this.#complete) throw this.#closedError();
    this.settle();
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The number of bytes of the body not delivered yet; undefined if the framing does not give it. */
  get length(): number | undefined {
    if (this.#closed) return this.#length;
    return this.#source.left === undefined ? undefined : this.#source.left + this.#ahead.length;
  }

  /** The deviations tolerated in the body: in its chunks, and a truncation. */
  get violations(): readonly Violation[] {
    return this.#truncated === undefined
      ? this.#source.violations
      : [...this.#source.violations, this.#truncated];
  }

  get trailers(): HTTPMessage | undefined {
    return this.#source.trailers;
  }

  get fileno(): number {
    return this.#channel.fileno;
  }

  /** With `whole`, it rejects once the body was closed before its end, as {@link next} does. */
  read(amount: number, whole?: boolean): Promise<OwnBytes> {
    return this.#run(this.#reading(amount, own), whole);
  }

  /** Reads the rest of the body, as text. Once it was closed before its end, this rejects, too. */
  text(decoder: { decode(bytes: Uint8Array): string }): Promise<string> {
    return this.#run(
      this.#reading(Infinity, (bytes) => decoder.decode(bytes)),
      true,
    );
  }

  /** Reads `amount` bytes; `made` creates the result from them. If they are `lent`, it must copy what it keeps. */
  #reading<T>(amount: number, made: (bytes: Uint8Array, lent: boolean) => T): Step<T> {
    const got = new Gathered();
    return () => {
      if (got.length === 0 && amount > 0 && this.#ahead.length === 0 && !this.#over()) {
        // The usual case for small responses: all of it has arrived.
        const whole = made === own ? this.#wholeBlock(amount) : undefined;
        if (whole !== undefined) return made(whole, false);
        const lent = this.#source.lend(this.#channel.input, amount);
        if (lent !== undefined) {
          if (lent.length === amount || this.#over()) return made(lent, true);
          got.block = own(lent, true);
          got.filled = got.block.length;
        }
      }
      for (;;) {
        const count = this.#gather(got.block, got.filled, got.block.length, got);
        got.filled += count;
        if (got.length === amount || this.#over()) return made(got.whole(), false);
        if (got.filled === got.block.length && this.#available() > 0) {
          got.grow(this.#available(), amount, this.length);
        } else if (count === 0) {
          // Only if nothing was taken: after bytes that were, there may be a fault, or more than was examined.
          return this.#starved(got, amount === Infinity ? 'whole' : 'part')
            ? PENDING
            : made(got.whole(), false);
        }
      }
    };
  }

  read1(amount: number): Promise<OwnBytes> {
    return this.#run(() => this.#some(amount));
  }

  /**
   * Fills the target, or with `once` returns as soon as there is something in it. Its size is determined at the call: its
   * memory may be transferred or shrink during the wait, as that of WebAssembly is replaced when it grows. That there is
   * no room then is an error, not the end of the body.
   */
  readInto(target: Uint8Array, once: boolean): Promise<number> {
    if (!this.#closed) this.#channel.keepsBlocks = false;
    const size = target.length;
    const wanted = once ? Math.min(size, 1) : size;
    let filled = 0;
    return this.#run(() => {
      for (;;) {
        const count = this.#gather(target, filled, size);
        filled += count;
        if (filled >= wanted || this.#over()) return filled;
        if (count === 0) return this.#starved(target.subarray(0, filled), 'part') ? PENDING : filled;
      }
    });
  }

  peek(amount: number): Promise<OwnBytes> {
    return this.#run(() => {
      const seeks = amount > 0 && this.#ahead.length === 0 && !this.#over();
      if (seeks && this.#lookAhead() === 0 && !this.#taken() && this.#starved(NOTHING, 'look'))
        return PENDING;
      const { bytes, start, end } = this.#ahead;
      return new Uint8Array(bytes.subarray(start, Math.min(end, start + amount)));
    });
  }

  readLine(limit: number): Promise<OwnBytes> {
    return this.#run(this.#line(limit));
  }

  /** The next line, as an iterator returns it. */
  nextLine(): Promise<IteratorResult<OwnBytes, undefined>> {
    const line = this.#line(Infinity);
    return this.#run(() => iterated(line()));
  }

  #line(limit: number): Step<OwnBytes> {
    let searched = 0;
    return () => {
      for (;;) {
        const { bytes, start, end, length } = this.#ahead;
        // No further than the limit: the rest of a large block would be searched again by each call.
        const within = Math.min(length, limit);
        const lf = bytes.subarray(start, start + within).indexOf(LF, searched);
        searched = within;
        if (lf >= 0) return this.#ahead.take(lf + 1);
        if (within === limit || this.#taken()) return this.#ahead.take(within);
        if (this.#lookAhead() > 0 || this.#taken()) continue;
        return this.#starved(bytes.subarray(start, end), 'part') ? PENDING : this.#ahead.take(length);
      }
    };
  }

  /**
   * The next block, as an iterator returns it. Once the body was closed before its end, this rejects: a loop or a web
   * stream would end as if that had been all. The calls that the reference has return nothing then, as there.
   */
  next(): Promise<IteratorResult<OwnBytes, undefined>> {
    // After its end the channel belongs to another response.
    if (!this.#closed) this.#channel.keepsBlocks = this.#source.takeBlock !== undefined;
    return this.#run(() => iterated(this.#some(Infinity)), true);
  }

  /** The caller needs no more of the body. */
  close(): void {
    this.#finish(this.#over());
  }

  /** The connection was closed before the response was read: the rest is lost, and reads reject with the error. */
  abandon(error: Error): void {
    if (this.#closed) return;
    this.#abandoned = error;
    this.#finish(false);
  }

  /** Ends the response if its body has been delivered. Must also be called once after construction. */
  settle(): void {
    if (this.#over()) this.#finish(true);
  }

  /** All of the body has been taken from the channel. */
  #taken(): boolean {
    return this.#source.done || this.#over();
  }

  /** Nothing more will be delivered. */
  #over(): boolean {
    return this.#closed || this.#exhausted || (this.#source.done && this.#ahead.length === 0);
  }

  /** An upper bound of the bytes that can be delivered now. */
  #available(): number {
    return this.#ahead.length + this.#channel.input.length;
  }

  #finish(clean: boolean): void {
    if (this.#closed) return;
    this.#length = this.length;
    this.#closed = true;
    this.#complete = clean;
    this.#ahead.clear();
    // The channel's next response looks ahead in the same `Input`: a late call on this one must not see its bytes.
    this.#ahead = NO_BYTES;
    this.#channel.keepsBlocks = false;
    this.#owner.bodyEnded(this, this.#channel, clean);
  }

  #run<T>(step: Step<T>, whole?: boolean): Promise<T> {
    if (!this.#closed) return this.#channel.wait(step, this);
    if (!this.#complete && (whole === true || this.#abandoned !== undefined))
      return Promise.reject(this.#closedError());
    // A finished response has no place in the channel's queue, which may already serve the next one.
    return Promise.resolve(step() as T);
  }

  #closedError(): Error {
    return this.#abandoned ?? this.#channel.closedError(this.what);
  }

  /** Moves the available bytes to `target[at, limit)`, after those gathered so far. */
  #gather(target: Uint8Array, at: number, limit: number, gathered?: Gathered): number {
    // If there is no room, nothing is examined: a fault after the last byte wanted is reported by the next call.
    if (this.#closed || at === limit) return 0;
    const ahead = this.#ahead;
    if (ahead.length > 0) {
      const count = Math.min(ahead.length, limit - at);
      target.set(ahead.bytes.subarray(ahead.start, ahead.start + count), at);
      ahead.consume(count);
      return count;
    }
    try {
      return this.#source.take(this.#channel.input, target, at, limit);
    } catch (error) {
      throw withPartial(error, gathered?.whole() ?? target.subarray(0, at));
    }
  }

  /** All the bytes requested, if the block that they arrived in can be handed on without a copy. */
  #wholeBlock(amount: number): OwnBytes | undefined {
    const { input } = this.#channel;
    const { left } = this.#source;
    if (left === undefined || input.length !== Math.min(left, amount)) return undefined;
    return this.#source.takeBlock?.(input, amount);
  }

  /** The available bytes: at least one, unless the body has ended. */
  #some(amount: number): OwnBytes | typeof PENDING {
    if (amount === 0 || this.#over()) return new Uint8Array(0);
    if (this.#ahead.length > 0) return this.#ahead.take(Math.min(this.#ahead.length, amount));
    const block = this.#nextBlock(amount);
    return block.length === 0 && !this.#over() && this.#starved(block, 'part') ? PENDING : block;
  }

  /** The bytes of the body in the input, decoded. */
  #nextBlock(amount: number): OwnBytes {
    const { input } = this.#channel;
    if (input.length > 0) {
      const block = this.#source.takeBlock?.(input, amount);
      if (block !== undefined) return block;
      const lent = this.#source.lend(input, amount);
      if (lent !== undefined) return own(lent, true);
    }
    const block = new Uint8Array(Math.min(amount, input.length, this.#source.left ?? Infinity));
    return trimmed(block, this.#source.take(input, block, 0, block.length));
  }

  #lookAhead(): number {
    let block: Uint8Array;
    try {
      block = this.#nextBlock(Infinity);
    } catch (error) {
      const { bytes, start, end } = this.#ahead;
      throw withPartial(error, bytes.subarray(start, end));
    }
    // An observer of the bytes may have closed the response: what all closed ones share must stay empty.
    if (this.#closed) return 0;
    if (block.length > 0) this.#ahead.add(block, block.length, true);
    return block.length;
  }

  /**
   * Called when nothing is left to take. Returns true if more may arrive. If the stream has ended, the body has either
   * ended properly, or its truncation is accepted, or this throws.
   *
   * As in the reference, a body delimited by the end of the stream ends with the call that finds nothing more, or that
   * reads all of it, but not with one that still returns some of it.
   */
  #starved(gathered: Uint8Array | Gathered, wanted: 'whole' | 'part' | 'look'): boolean {
    const { input } = this.#channel;
    if (!input.ended) return true;
    this.#channel.hangUp();
    const shortfall = this.#source.shortfall(input);
    this.#exhausted = wanted === 'whole' || (wanted === 'part' && gathered.length === 0);
    // To the reference, a reset is not an end of the stream: it does not end the trailers either.
    const isReset = this.#refuses === undefined && input.failure !== undefined;
    if (shortfall === undefined && !isReset) return false;
    const expected = shortfall?.expected;
    // The reference refuses a truncation if it reads a known amount: a whole body by its length, and anything in chunks.
    const refused = this.#refuses ?? (isReset || wanted === 'whole' || this.#source.left === undefined);
    if (!refused) {
      const detail = expected === undefined ? 'the stream broke off' : `${expected} bytes are missing`;
      this.#truncated ??= { rule: 'truncated-body', offset: input.position, detail };
      return false;
    }
    const partial = gathered instanceof Gathered ? gathered.whole() : new Uint8Array(gathered);
    throw incompleteBody(expected, partial, input.failure ?? input.truncation);
  }
}

/** Returns an array that the caller may keep. */
function own(bytes: Uint8Array, lent: boolean): OwnBytes {
  return lent ? new Uint8Array(bytes) : (bytes as OwnBytes);
}

/** Adds what the call has gathered so far to an `IncompleteRead` from the chunked decoder. */
function withPartial(error: unknown, gathered: Uint8Array): unknown {
  return error instanceof IncompleteRead
    ? Object.assign(error, { partial: new Uint8Array(gathered) })
    : error;
}
