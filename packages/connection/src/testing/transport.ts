// Not the global one, which Jest's jsdom lacks.
import { setImmediate } from 'node:timers';

import { cannotUse, checkInteger, checkOptionNames, HTTPException } from '@http-client/errors';
import { decodeLatin1, encodeLatin1, Input, isBytes, joined, type Transport } from '@http-client/io';

import { scriptedConnector, type ScriptedConnector } from './connector.js';
import type { Counter } from './counter.js';
import {
  checkStep,
  OPTION_NAMES,
  splitter,
  withWait,
  type ScriptOptions,
  type ScriptStep,
} from './script.js';
import { systemError } from './system-error.js';

interface Reader {
  resolve: (block: Uint8Array | null) => void;
  reject: (error: unknown) => void;
}

/** Captured at load: a test that fakes the timers later does not mean the network. */
const nextTurn = setImmediate;

/**
 * An in-memory {@link Transport} that plays a script and records what is written. It enforces the contract of
 * `Transport`: a client gets a `TypeError` for a read while another is pending, a write of anything but a `Uint8Array`,
 * or data changed before its write settled.
 */
export class ScriptedTransport implements Transport {
  /** A connector that returns this transport, once. */
  readonly connector: ScriptedConnector;
  /** The data of each write. A write that the peer took in part appears with that part. */
  readonly writes: Uint8Array[] = [];
  /** How often `read` was called. */
  reads = 0;
  /** Whether the client has closed the transport. */
  closed = false;

  readonly #steps: Iterator<ScriptStep, void>;
  readonly #split: (offset: number) => number;
  /** How many more bytes the peer takes, and whether writes fail after that. */
  #room: number;
  readonly #breaks: boolean;

  /** The rest of the block that is being played. */
  #block: Uint8Array = new Uint8Array(0);
  #played = 0;
  #counter: Counter | undefined;
  /** What was written and has not been counted by a wait. */
  readonly #uncounted = new Input();
  #last: null | Error | undefined;
  #stalled = false;

  #reader: Reader | undefined;
  #scheduled = false;
  #writers: { data: Uint8Array; resolve: () => void; reject: (error: Error) => void }[] = [];

  private constructor(replies: string | Uint8Array | Iterable<ScriptStep>, options: ScriptOptions = {}) {
    checkOptionNames(options, 'scriptedTransport', OPTION_NAMES);
    const { split, stallWritesAfter, failWritesAfter } = options;
    if (stallWritesAfter !== undefined) checkInteger(stallWritesAfter, 'stallWritesAfter', 0);
    if (failWritesAfter !== undefined) checkInteger(failWritesAfter, 'failWritesAfter', 0);
    const whole = typeof replies === 'string' || isBytes(replies);
    if (!whole) checkReplies(replies);
    this.#steps = withWait(whole ? [replies] : replies);
    this.#split = splitter(split);
    this.#room = Math.min(stallWritesAfter ?? Infinity, failWritesAfter ?? Infinity);
    this.#breaks = this.#room === failWritesAfter;
    this.connector = scriptedConnector([this]);
  }

  /** Everything that was written. */
  get written(): Uint8Array {
    return joined(...this.writes);
  }

  /** Everything that was written, as text (ISO-8859-1). */
  get writtenText(): string {
    return decodeLatin1(this.written);
  }

  read(): Promise<Uint8Array | null> {
    this.reads++;
    if (this.#reader !== undefined) {
      return Promise.reject(
        new TypeError('Cannot read from the transport: another read is pending (one at a time)'),
      );
    }
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
      this.#play();
    });
  }

  write(data: Uint8Array): Promise<void> {
    return this.writev([data]);
  }

  async writev(parts: readonly Uint8Array[]): Promise<void> {
    if (!Array.isArray(parts) || !parts.every(isBytes)) {
      throw new TypeError('Cannot write to the transport: the data is not a Uint8Array');
    }
    if (this.closed) throw new HTTPException('Cannot write to the transport: it has been closed');
    if (this.#last instanceof Error) throw this.#last;
    const data = joined(...parts);
    const taken = data.subarray(0, this.#room);
    this.#take(taken);
    if (taken.length === data.length) await Promise.resolve();
    else if (this.#breaks) throw systemError('write', 'EPIPE');
    else await this.#untilDrained(data.subarray(taken.length));
    if (joined(...parts).some((byte, at) => byte !== data[at])) {
      throw new TypeError('Cannot write to the transport: the data was changed before the write settled');
    }
  }

  /** Completes the stalled writes, and lets all later ones through. */
  drain(): void {
    if (!this.#breaks) this.#room = Infinity;
    for (const { data, resolve } of this.#writers.splice(0)) {
      this.#take(data);
      resolve();
    }
  }

  close(): void {
    this.closed = true;
    this.#scheduled = false;
    this.#play();
    this.#rejectWrites(new HTTPException('Cannot finish the write: the transport was closed'));
  }

  #take(data: Uint8Array): void {
    this.writes.push(data);
    this.#uncounted.add(data, data.length, true);
    this.#room -= data.length;
    this.#play();
  }

  #untilDrained(data: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#writers.push({ data, resolve, reject });
    });
  }

  #rejectWrites(error: Error): void {
    for (const { reject } of this.#writers.splice(0)) reject(error);
  }

  /** Settles the pending read with the next event, in a separate turn of the event loop; a close settles it at once. */
  #play(): void {
    if (this.#reader === undefined || this.#scheduled) return;
    if (this.closed) {
      this.#reader.resolve(null);
      this.#reader = undefined;
      return;
    }
    this.#scheduled = true;
    nextTurn(() => {
      this.#scheduled = false;
      if (this.#reader !== undefined) this.#deliver(this.#reader);
    });
  }

  #deliver(reader: Reader): void {
    try {
      const event = this.#next();
      if (event === undefined) return;
      this.#reader = undefined;
      if (event instanceof Error) reader.reject(event);
      else reader.resolve(event);
    } catch (error) {
      // The script itself failed: a generator threw, or yielded something that is not a step.
      this.#reader = undefined;
      reader.reject(error);
    }
  }

  #next(): Uint8Array | null | Error | undefined {
    while (this.#block.length === 0) {
      if (this.#last !== undefined) return this.#last;
      if (this.#stalled || !this.#counted()) return undefined;
      const { value, done } = this.#steps.next();
      if (done === true) this.#stalled = true;
      else this.#step(value);
    }
    // Not `slice`, which returns a view on Node's `Buffer`.
    const block = new Uint8Array(this.#block.subarray(0, this.#split(this.#played)));
    this.#block = this.#block.subarray(block.length);
    this.#played += block.length;
    return block;
  }

  #step(step: ScriptStep): void {
    checkStep(step);
    if (typeof step === 'string') this.#block = encodeLatin1(step, 'script');
    else if (isBytes(step)) this.#block = step;
    else if (step.kind === 'wait') this.#counter = step.counter();
    else if (step.kind === 'reset') this.#rejectWrites((this.#last = systemError('read', step.code)));
    else if (step.kind === 'end') this.#last = null;
    else this.#stalled = true;
  }

  /** Whether the data that the script waits for has been written. */
  #counted(): boolean {
    if (this.#counter === undefined) return true;
    const { bytes, start, end } = this.#uncounted;
    const count = this.#counter(bytes.subarray(start, end));
    if (count === undefined) return false;
    this.#uncounted.consume(count);
    this.#counter = undefined;
    return true;
  }
}

/** @throws TypeError for what is not a script. The steps of a generator are checked one by one, when they are due. */
function checkReplies(replies: unknown): void {
  if (typeof replies !== 'object' || replies === null || !(Symbol.iterator in replies))
    throw cannotUse(replies, 'a script', 'expected text, a Uint8Array or an iterable of steps');
  if (Array.isArray(replies)) for (const step of replies) checkStep(step);
}

/** How transports are created: the constructor is private, so that there is one way to do it. */
const CreatedTransport = ScriptedTransport as unknown as new (
  ...parts: Parameters<typeof scriptedTransport>
) => ScriptedTransport;

/**
 * Creates an in-memory {@link Transport} that plays `replies` to its reader, and records what is written: a server for
 * tests, without a socket, a port or a wait.
 *
 * `replies` is the bytes of a response, or steps to play one after another, each in a separate block. A script that
 * begins with bytes plays them once the client has written one complete request, as a server would (bytes that arrive
 * earlier belong to no request, and close the connection); begin it with `afterWrite(0)` to send first. After the last
 * step the connection stays open and silent: add `END` for the peer to close, and `afterRequest()` before the next
 * response.
 *
 * Each block arrives in a separate turn of the event loop, as from a socket: by then the client has done everything
 * that it can do without it.
 *
 * @throws TypeError or RangeError for replies that are not a script, and for invalid options.
 *
 * @example
 * const transport = scriptedTransport([
 *   'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
 *   afterRequest(),
 *   'HTTP/1.1 404 Not Found\r\n\r\n', 'gone', END,
 * ], { split: 'bytes' });
 * const connection = new HTTPConnection('example.org', 80, { connector: transport.connector });
 * await connection.request('GET', '/');
 * const response = await connection.getResponse();
 * assert.equal(await response.text(), 'hello');
 * assert.match(transport.writtenText, /^GET \/ HTTP\/1.1\r\n/);
 */
export function scriptedTransport(
  replies: string | Uint8Array | Iterable<ScriptStep>,
  options: ScriptOptions = {},
): ScriptedTransport {
  return new CreatedTransport(replies, options);
}
