import { HTTPException, quote, TimeoutError } from '@http-client/errors';
import { decodeLatin1, Input, type OwnBytes, type Transport } from '@http-client/io';
import { onAbort, WaitTimer } from '@http-client/tunnel';

import { closedError } from './failure.js';
import { PENDING, type Step, type Waiter, type Waiting } from './waiting.js';
import type { WireTap } from './wire-tap.js';
import { READ_AHEAD, wireOf, type Wire, type WireReceiver } from './wire.js';

/** How often a write's progress is checked within its timeout, which may fire late by up to that fraction of itself. */
const PROGRESS_CHECKS = 16;

/**
 * The pump between one transport and the operations on it. There is no read loop: the waiting operation examines the
 * bytes that arrive inside the transport's own callback, so an operation costs one promise, however many blocks it
 * takes.
 */
export class Channel implements WireReceiver {
  readonly input = new Input();
  readonly transport: Transport;
  /** Bytes of a body taken from the input to be examined (`peek`, `readLine`), and not delivered yet. */
  readonly ahead = new Input();
  /** Set by a reader that hands on the blocks of the input as they arrive. */
  keepsBlocks = false;
  /** Called when the response before the newest request's has been read. */
  onNext: (() => void) | undefined;
  /** Reports the bytes that are sent, and those taken from the input, to `onWire`. */
  readonly tap: WireTap | undefined;
  readonly #wire: Wire;
  readonly #place: string;

  /** The number of responses that are due or being read; bytes that arrive while there are none are unsolicited. */
  #due = 0;
  /** The number of bytes received before the newest request was sent; its response begins after them. */
  #floor = 0;
  #closed = false;
  #fault: HTTPException | undefined;

  readonly #waiters: Waiter[] = [];
  /** A step is running: an operation that starts inside it (from a caller's callback) waits its turn. */
  #running = false;
  readonly #receiveTimer = new WaitTimer((limit) => {
    if (this.#isHeldBack()) this.#watch();
    else if (!this.#hasProgressed()) this.#expired(this.#waiters, limit);
  });

  /** Operations that wait until what they wrote has been taken. */
  readonly #writers: Waiter[] = [];
  /** Operations that wait for something else while sending, and must learn when sending has become pointless. */
  readonly #guards: Waiter[] = [];
  #writeFailure: Error | undefined;
  readonly #sendTimer = new WaitTimer(() => {
    this.#checkProgress();
  });
  /** How much of the writes had not been taken when that last changed, and when that was. */
  #unsent = 0;
  #since = 0;

  /** `place` is the peer as it appears in errors: `host:port`. */
  constructor(transport: Transport, place: string, tap?: WireTap) {
    this.transport = transport;
    this.#place = place;
    this.tap = tap;
    this.#wire = wireOf(transport);
    this.#wire.start(this);
  }

  get fileno(): number {
    return this.#closed ? -1 : this.#wire.fileno;
  }

  /** Used inside the class as well: a step, or a callback of it, may have closed the channel since the last check. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Whether another request may be sent here: open in both directions. Unsolicited bytes would have closed it. */
  get usable(): boolean {
    return !this.#closed && !this.input.ended && this.#writeFailure === undefined;
  }

  /** Whether a byte of the response to the newest request has arrived. All of it may have been read by now. */
  get answerBegan(): boolean {
    return this.#due === 0 || (this.#due === 1 && this.input.position + this.input.length > this.#floor);
  }

  // Receiving

  /** Runs a step until it completes: at once if no other operation is before it. */
  wait<T>(step: Step<T>, waiting: Waiting): Promise<T> {
    const { signal } = waiting;
    if (signal?.aborted === true) return Promise.reject(waiting.failed(signal.reason));
    if (this.#closed) return Promise.reject(waiting.failed(this.closedError(waiting.what)));
    const promise = new Promise<T>((resolve, reject) => {
      this.#join(this.#waiters, step, waiting, resolve, reject);
    });
    if (this.#waiters.length === 1 && !this.#running) this.#advance();
    if (this.#waiters.length > 0) this.#wire.resume();
    return promise;
  }

  received(block: Uint8Array, count: number, owned: boolean): boolean {
    if (this.#closed) return false;
    this.input.add(block, count, owned);
    this.#advance();
    if (this.#due === 0 && this.input.length > 0) this.close();
    if (this.closed) return false;
    this.input.settle();
    return this.room() > 0;
  }

  /** Back-pressure: while no operation is waiting, only a limited number of bytes is buffered. */
  room(): number {
    return this.#waiters.length > 0 ? Infinity : READ_AHEAD - this.input.length - this.ahead.length;
  }

  ended(truncation?: Error): void {
    if (this.input.ended) return;
    this.input.ended = true;
    this.input.truncation = truncation;
    this.#advance();
    if (this.#due === 0) this.close();
  }

  failed(error: Error): void {
    // An error after the peer's FIN invalidates nothing: the peer had sent everything.
    if (!this.input.ended) this.input.failure = error;
    this.writeFailed(error);
    this.ended();
  }

  /** Runs the waiting operations on the input, in order, until one stays pending. After a fault none may read on. */
  #advance(): void {
    for (let waiter = this.#waiters.shift(); waiter !== undefined; waiter = this.#waiters.shift()) {
      // Out of the queue while it runs: taking its last bytes may close the channel, which must not make it fail.
      this.#running = true;
      try {
        const result = waiter.step();
        if (result === PENDING && !this.closed) {
          // Usually it was alone, and V8 has fast code for `push`, but none for `unshift`.
          if (this.#waiters.length === 0) this.#waiters.push(waiter);
          else this.#waiters.unshift(waiter);
          this.#watch();
          return;
        }
        if (result === PENDING) throw this.closedError(waiter.waiting.what);
        waiter.waiting.completed?.();
        waiter.forget?.();
        waiter.resolve(result as never);
      } catch (error) {
        waiter.forget?.();
        if (error instanceof HTTPException) this.#fault = error;
        waiter.reject(waiter.waiting.failed(error));
        if (this.#fault !== undefined) this.close();
      } finally {
        this.#running = false;
      }
    }
    this.#receiveTimer.stop();
  }

  #watch(): void {
    const timeout = this.#waiters[0]?.waiting.timeout;
    if (timeout === undefined) this.#receiveTimer.stop();
    else this.#receiveTimer.start(timeout);
  }

  /** A response is not late while the source of its request's body has not delivered the next block. */
  #isHeldBack(): boolean {
    const sourceIsAwaited = this.#guards.length > 0 && this.#writers.length === 0;
    return sourceIsAwaited && this.#waiters[0]?.waiting.phase === 'headers';
  }

  // Sending

  /** The error of a failed write, if there was one. What the peer sent before it may still be read. */
  get writeFailure(): Error | undefined {
    return this.#writeFailure;
  }

  /** Sends in one write; returns true if all was taken, otherwise `flushed` settles when it has been. */
  write(text: string, ...parts: readonly Uint8Array[]): boolean {
    // A response is not late while its request is being sent.
    if (this.#waiters.length > 0) this.#watch();
    return this.#wire.send(text, ...parts);
  }

  /** Throws if writing has become pointless: other code has run since the last write, an observer's perhaps. */
  checkWritable({ what, signal }: Pick<Waiting, 'what' | 'signal'>): void {
    if (signal?.aborted === true) throw signal.reason;
    if (this.#writeFailure !== undefined) throw this.#writeFailure;
    if (this.#closed) throw this.closedError(what);
  }

  /** Settles when everything written so far has been taken. */
  flushed(waiting: Waiting): Promise<void> {
    return new Promise((resolve, reject) => {
      this.checkWritable(waiting);
      this.#join(this.#writers, nothing, waiting, resolve, reject);
      if (waiting.timeout !== undefined) this.#watchSending(waiting.timeout);
    });
  }

  #watchSending(timeout: number): void {
    this.#unsent = this.#wire.unsent;
    this.#since = performance.now();
    this.#sendTimer.start(timeout / PROGRESS_CHECKS);
  }

  /** A large write that a slow peer takes bit by bit is not silence: its timeout restarts, as does the response's. */
  #hasProgressed(): boolean {
    const timeout = this.#writers[0]?.waiting.timeout;
    if (timeout === undefined || this.#wire.unsent === this.#unsent) return false;
    this.#watch();
    this.#watchSending(timeout);
    return true;
  }

  #checkProgress(): void {
    const timeout = this.#writers[0]?.waiting.timeout;
    if (timeout === undefined || this.#hasProgressed()) return;
    const left = this.#since + timeout - performance.now();
    if (left > 0) this.#sendTimer.start(Math.min(left, timeout / PROGRESS_CHECKS));
    else this.#expired(this.#writers, timeout);
  }

  drained(): void {
    if (this.#writers.length === 0) return;
    this.#sendTimer.stop();
    for (const writer of this.#writers.splice(0)) {
      writer.forget?.();
      writer.resolve(undefined as never);
    }
  }

  /** Ends all sending; what has been received may still be read. */
  writeFailed(error: Error): void {
    this.#writeFailure ??= error;
    this.#sendTimer.stop();
    this.#reject(this.#writers, error);
    this.#reject(this.#guards, error);
  }

  /**
   * Calls `cutOff` if sending ends prematurely: a write failed, the channel was closed, or the signal was aborted.
   * Returns a function that removes the guard.
   */
  guard(waiting: Waiting, cutOff: (error: unknown) => void): () => void {
    const guard = this.#join(this.#guards, nothing, waiting, nothing, cutOff);
    return () => {
      const place = this.#guards.indexOf(guard);
      if (place >= 0) this.#guards.splice(place, 1);
      guard.forget?.();
    };
  }

  // The exchange

  /** Whether the bytes that come next belong to an earlier response than the newest request's. */
  get isBehind(): boolean {
    return this.#due > 1;
  }

  /** A request is being sent: its response is now due, and begins after everything received so far. */
  expect(): void {
    this.#due++;
    this.#floor = this.input.position + this.input.length;
  }

  /**
   * A response has been read to its end. If bytes after it arrived before the next request was sent, or belong to no
   * request, they would be taken for the next response: the channel is closed (response splitting, smuggling).
   */
  answered(): void {
    this.#due--;
    const { input } = this;
    const stray = this.#due === 0 ? input.length > 0 || input.ended : input.position < this.#floor;
    if (stray) {
      this.close();
      return;
    }
    // The next response has not begun yet.
    this.#floor = input.position;
    this.onNext?.();
    this.#wire.resume();
  }

  /** How many turns of the event loop it may take until all that the system has received so far has been seen. */
  get lag(): number {
    return this.#wire.lag;
  }

  /** Gives up the transport, and returns it with the bytes received but not used. */
  release(): { transport: Transport; head: OwnBytes } {
    const transport = this.#leave();
    const head = this.input.takeAll();
    this.#dispose();
    return { transport, head };
  }

  /** The peer has ended, and all has been read. A caller who received less than it asked for need not call again. */
  hangUp(): void {
    if (this.#writers.length + this.#guards.length === 0) this.#wire.close();
  }

  /** Closes both directions at once. Pending operations are rejected. */
  close(): void {
    if (this.#closed) return;
    this.#leave();
    this.#wire.close();
    this.#dispose();
  }

  /** Receives nothing more, and reports what nobody has used. */
  #leave(): Transport {
    this.#closed = true;
    const { bytes, start, end } = this.input;
    this.tap?.excess(bytes, start, end);
    return this.#wire.release();
  }

  #dispose(): void {
    this.#reject(this.#waiters);
    this.#receiveTimer.dispose();
    this.#sendTimer.dispose();
    this.#reject(this.#writers);
    this.#reject(this.#guards);
  }

  // Waiting

  #join(
    queue: Waiter[],
    step: Step<unknown>,
    waiting: Waiting,
    resolve: (value: never) => void,
    reject: (error: unknown) => void,
  ): Waiter {
    const forget =
      waiting.signal &&
      onAbort(waiting.signal, (reason) => {
        this.#drop(queue, waiter, reason);
      });
    const waiter: Waiter = { step, waiting, resolve, reject, forget };
    queue.push(waiter);
    return waiter;
  }

  /** Ends a single operation with an error. */
  #drop(queue: Waiter[], waiter: Waiter, error: unknown): void {
    const place = queue.indexOf(waiter);
    // While its step runs a waiter is in no queue; a callback of the step may abort its signal.
    if (place >= 0) queue.splice(place, 1);
    waiter.forget?.();
    waiter.reject(waiter.waiting.failed(error));
    // The channel is usually closed by now. If not, the operations after the removed one take their turn.
    if (queue === this.#waiters && !this.#closed && !this.#running) this.#advance();
  }

  #reject(queue: Waiter[], reason?: Error): void {
    for (const waiter of queue.splice(0)) {
      waiter.forget?.();
      const { step, waiting } = waiter;
      const over = waiting.over?.() === true;
      const result = over ? step() : waiting.failed(reason ?? this.closedError(waiting.what));
      // After the operation that closed the channel: operations settle in order, and its error has the cause. Not by
      // `queueMicrotask`, which Jest's fake timers hold back.
      void Promise.resolve().then(() => {
        (over ? waiter.resolve : waiter.reject)(result as never);
      });
    }
  }

  /** For an operation that ends with the channel: the fault that ended another one of the same exchange, if one did. */
  closedError(what: string): HTTPException {
    if (this.#due === 1 && this.#fault !== undefined) return this.#fault;
    return closedError(what, this.#place, this.#due === 0 && this.input.length > 0);
  }

  #expired(queue: Waiter[], limit: number): void {
    const waiter = queue[0];
    if (waiter === undefined) return;
    const { what, phase } = waiter.waiting;
    const { bytes, start, end, position } = this.input;
    const from = start + Math.max(this.#floor - position, 0);
    const tells = phase === 'headers' || phase === 'send';
    const begun = tells ? decodeLatin1(bytes, from, Math.min(end, from + 100)) : '';
    // Shown in the error: the peer may speak another protocol and wait, too, or have refused the request unread.
    const seen = begun === '' ? '' : `; the answer began with ${quote(begun)}`;
    const why = `nothing moved on the connection to ${this.#place} for ${limit} ms${seen}`;
    this.#fault = new TimeoutError(`Cannot ${what}: ${why}`, { phase });
    this.#drop(queue, waiter, this.#fault);
  }
}

/** The step of an operation that only waits. */
function nothing(): void {
  // What it waits for is not among the bytes received.
}
