import { incompleteBody, type BodySource } from '@http-client/body';
import { IncompleteRead } from '@http-client/errors';
import type { HTTPMessage, Violation } from '@http-client/headers';
import type { Input } from '@http-client/io';

import type { Channel } from './channel.js';
import { Gathered } from './gathered.js';
import { trimmed } from './unwritten.js';
import { iterated, PENDING, type Step, type Waiting } from './waiting.js';

/** What a truncated body does: `refuse` it always, `accept` it always, or as the `reference`, which refuses some. */
export type Truncation = 'refuse' | 'accept' | 'reference';

/** Who is told what becomes of a body. */
export interface BodyOwner {
  /** Milliseconds that each read may wait, as it is when the read begins. */
  readonly timeout: number | undefined;
  /** What the caller of a read that failed gets to see. */
  bodyFailed(error: unknown): unknown;
  /** The body was read to its end (`clean`), or given up. Called once. */
  bodyEnded(reader: BodyReader, channel: Channel, clean: boolean): void;
}

const LF = 0x0a;
const NOTHING = new Uint8Array(0);

/**
 * The reading methods of a response, each of them a step on the channel's input. They may be mixed in any order; each
 * call is served whole before the next.
 */
export class BodyReader implements Waiting {
  // How its reads wait.
  readonly phase = 'body';
  readonly what = 'read the response body';
  readonly signal = undefined;

  readonly #channel: Channel;
  readonly #source: BodySource;
  readonly #owner: BodyOwner;
  readonly #truncation: Truncation;

  /** Bytes of the body that were looked at (`peek`, `readLine`) and not delivered. */
  readonly #ahead: Input;
  #closed = false;
  /** It was closed since all of it had been read. */
  #complete = false;
  /** Why reading is no use any more, where somebody else closed the connection. */
  #abandoned: Error | undefined;
  /** The stream has ended, and so has the body, whether properly or not. */
  #exhausted = false;
  readonly #violations: Violation[] = [];
  /** What `length` was when the response was closed. */
  #length: number | undefined;

  constructor(channel: Channel, source: BodySource, owner: BodyOwner, truncation: Truncation) {
    this.#channel = channel;
    this.#ahead = channel.looked;
    this.#source = source;
    this.#owner = owner;
    this.#truncation = truncation;
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
    this.settle();
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** How many bytes of the body have not been delivered, where the framing tells. */
  get length(): number | undefined {
    if (this.#closed) return this.#length;
    return this.#source.left === undefined ? undefined : this.#source.left + this.#ahead.length;
  }

  /** What was tolerated in the body: in its chunks, and a truncation. */
  get violations(): readonly Violation[] {
    return [...this.#source.violations, ...this.#violations];
  }

  get trailers(): HTTPMessage | undefined {
    return this.#source.trailers;
  }

  get fileno(): number {
    return this.#channel.fileno;
  }

  read(amount = Infinity): Promise<Uint8Array> {
    return this.#run(this.#reading(amount, own));
  }

  /** All that is left, as text. */
  text(decoder: { decode(bytes: Uint8Array): string }): Promise<string> {
    return this.#run(this.#reading(Infinity, (bytes) => decoder.decode(bytes)));
  }

  /** Reads so many bytes; `made` makes the result of them, which may be lent. */
  #reading<T>(amount: number, made: (bytes: Uint8Array, lent: boolean) => T): Step<T> {
    const got = new Gathered();
    return () => {
      if (got.length === 0 && amount > 0 && this.#ahead.length === 0 && !this.#over()) {
        // The rule for small answers: all of it is there.
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
        const { block, filled } = got;
        const count = filled < block.length ? this.#gather(block, filled, got) : 0;
        got.filled += count;
        if (got.length === amount || this.#over()) return made(got.whole(), false);
        if (got.filled === block.length && this.#available() > 0) {
          got.grow(this.#available(), amount, this.length);
        } else if (count === 0) {
          // Only where nothing was taken: behind what was, there may be a fault, or more than was looked at.
          return this.#starved(got, amount === Infinity ? 'whole' : 'part')
            ? PENDING
            : made(got.whole(), false);
        }
      }
    };
  }

  read1(amount = Infinity): Promise<Uint8Array> {
    return this.#run(() => this.#some(amount));
  }

  readInto(target: Uint8Array): Promise<number> {
    if (!this.#closed) this.#channel.keepsBlocks = false;
    let filled = 0;
    return this.#run(() => {
      for (;;) {
        const count = filled < target.length ? this.#gather(target, filled) : 0;
        filled += count;
        if (filled === target.length || this.#over()) return filled;
        if (count === 0) return this.#starved(target.subarray(0, filled), 'part') ? PENDING : filled;
      }
    });
  }

  readInto1(target: Uint8Array): Promise<number> {
    return this.#run(() => {
      for (;;) {
        const count = target.length === 0 ? 0 : this.#take(target, 0, target.length);
        if (count > 0 || target.length === 0 || this.#over()) return count;
        return this.#starved(NOTHING, 'part') ? PENDING : 0;
      }
    });
  }

  peek(amount = Infinity): Promise<Uint8Array> {
    return this.#run(() => {
      if (
        this.#ahead.length === 0 &&
        amount > 0 &&
        !this.#over() &&
        this.#lookAhead() === 0 &&
        !this.#taken()
      ) {
        if (this.#starved(NOTHING, 'look')) return PENDING;
      }
      const { bytes, start, end } = this.#ahead;
      return new Uint8Array(bytes.subarray(start, Math.min(end, start + amount)));
    });
  }

  readLine(limit = Infinity): Promise<Uint8Array> {
    return this.#run(this.#line(limit));
  }

  /** The next line as an iterator gives it. */
  nextLine(): Promise<IteratorResult<Uint8Array, undefined>> {
    const line = this.#line(Infinity);
    return this.#run(() => iterated(line()));
  }

  #line(limit: number): Step<Uint8Array> {
    let scanned = 0;
    return () => {
      for (;;) {
        const { bytes, start, end, length } = this.#ahead;
        const lf = bytes.subarray(start, end).indexOf(LF, scanned);
        scanned = length;
        if (lf >= 0) return this.#ahead.take(Math.min(lf + 1, limit));
        if (length >= limit || this.#taken()) return this.#ahead.take(Math.min(length, limit));
        if (this.#lookAhead() > 0 || this.#taken()) continue;
        return this.#starved(bytes.subarray(start, end), 'part') ? PENDING : this.#ahead.take(length);
      }
    };
  }

  /** The next block as an iterator gives it. */
  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    // Behind its end the channel is another response's.
    if (!this.#closed) this.#channel.keepsBlocks = this.#source.takeBlock !== undefined;
    return this.#run(() => iterated(this.#some(Infinity)));
  }

  /** The caller wants no more. */
  close(): void {
    this.#finish(this.#over());
  }

  /** The connection was closed under the response: what was not read is lost, and reading says so. */
  abandon(error: Error): void {
    if (this.#closed) return;
    this.#abandoned = error;
    this.#finish(false);
  }

  /** Ends the response where its body has been delivered. To be called once after construction. */
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

  /** At least as many bytes as could be delivered now. */
  #available(): number {
    return this.#ahead.length + this.#channel.input.length;
  }

  #finish(clean: boolean): void {
    if (this.#closed) return;
    this.#length = this.length;
    this.#closed = true;
    this.#complete = clean;
    this.#ahead.clear();
    this.#channel.keepsBlocks = false;
    this.#owner.bodyEnded(this, this.#channel, clean);
  }

  #run<T>(step: Step<T>): Promise<T> {
    if (this.#abandoned !== undefined) return Promise.reject(this.#abandoned);
    // A response that has ended has no place in the channel's queue, which may serve the next one already.
    if (this.#closed) return Promise.resolve(step() as T);
    return this.#channel.wait(step, this);
  }

  /** Moves what is there behind what has been gathered. */
  #gather(target: Uint8Array, at: number, gathered?: Gathered): number {
    try {
      return this.#take(target, at, target.length);
    } catch (error) {
      throw withPartial(error, gathered?.whole() ?? target.subarray(0, at));
    }
  }

  #take(target: Uint8Array, at: number, limit: number): number {
    if (this.#closed) return 0;
    const ahead = this.#ahead;
    if (ahead.length === 0) return this.#source.take(this.#channel.input, target, at, limit);
    const count = Math.min(ahead.length, limit - at);
    target.set(ahead.bytes.subarray(ahead.start, ahead.start + count), at);
    ahead.consume(count);
    return count;
  }

  /** All that is asked for, where the block it came in can be handed on as it is. */
  #wholeBlock(amount: number): Uint8Array | undefined {
    const { input } = this.#channel;
    const { left } = this.#source;
    if (left === undefined || input.length !== Math.min(left, amount)) return undefined;
    return this.#source.takeBlock?.(input, amount);
  }

  /** What is there, at least one byte of it unless the body is over. */
  #some(amount: number): Uint8Array | typeof PENDING {
    for (;;) {
      if (amount === 0 || this.#over()) return new Uint8Array(0);
      if (this.#ahead.length > 0) return this.#ahead.take(Math.min(this.#ahead.length, amount));
      const block = this.#nextBlock(amount);
      if (block.length > 0) return block;
      if (!this.#over()) return this.#starved(NOTHING, 'part') ? PENDING : new Uint8Array(0);
    }
  }

  /** What the input holds of the body, decoded. */
  #nextBlock(amount: number): Uint8Array {
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
    if (block.length > 0) this.#ahead.add(block, block.length, true);
    return block.length;
  }

  /**
   * Nothing is left to take: true where more may come. Where the stream has ended, the body has either ended
   * properly, or its truncation is accepted, or it is an error.
   *
   * As in the reference, a body that only the stream's end ends is over for the call that finds nothing more of it, or
   * that wants all; not for one that still has something to give.
   */
  #starved(gathered: Uint8Array | Gathered, wanted: 'whole' | 'part' | 'look'): boolean {
    const { input } = this.#channel;
    if (!input.ended) return true;
    const shortfall = this.#source.shortfall(input);
    this.#exhausted = wanted === 'whole' || (wanted === 'part' && gathered.length === 0);
    if (shortfall === undefined) return false;
    const { expected } = shortfall;
    // The reference refuses what it reads with a known amount: a whole body by its length, and anything in chunks; and
    // a reset, which is not an end.
    const refused =
      this.#truncation === 'reference'
        ? wanted === 'whole' || this.#source.left === undefined || input.failure !== undefined
        : this.#truncation === 'refuse';
    if (!refused) {
      if (this.#violations.length > 0) return false;
      const detail = expected === undefined ? 'the stream broke off' : `${expected} bytes are missing`;
      this.#violations.push({ rule: 'truncated-body', offset: input.position, detail });
      return false;
    }
    const partial = gathered instanceof Gathered ? gathered.whole() : new Uint8Array(gathered);
    throw incompleteBody(expected, partial, input.failure ?? input.truncation);
  }
}

/** An array for the caller to keep. */
function own(bytes: Uint8Array, lent: boolean): Uint8Array {
  return lent ? new Uint8Array(bytes) : bytes;
}

/** Where the reading of chunks fails as an incomplete read, what the call has gathered so far goes with the error. */
function withPartial(error: unknown, gathered: Uint8Array): unknown {
  if (!(error instanceof IncompleteRead)) return error;
  const { message, expected, cause } = error;
  return new IncompleteRead(message, { partial: new Uint8Array(gathered), expected, cause });
}
