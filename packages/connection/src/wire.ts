import {
  closeTransport,
  encodeLatin1,
  readFrom,
  transportError,
  writeTo,
  type Transport,
} from '@http-client/io';
import { ResumedTransport } from '@http-client/tunnel';

import { nextTurn } from './turns.js';

/** The most bytes that are buffered while nobody is waiting for them (64 KiB: what Node reads at a time). */
export const READ_AHEAD = 65_536;

/** The channel's side of a wire: what the wire calls. All calls are synchronous, and none may throw. */
export interface WireReceiver {
  /**
   * `block[0, count)` has been received. Unless the block is `owned`, the wire may reuse it as soon as this returns.
   * Returns whether to continue reading; after false the wire reads no more until `resume`.
   */
  received(block: Uint8Array, count: number, owned: boolean): boolean;
  /** How many bytes may be received now; at least one after `received` has returned true. */
  room(): number;
  /** Whether an `owned` block is handed on as it is, which saves a copy. */
  readonly keepsBlocks: boolean;
  /** The peer will send no more (FIN); `truncation` is given if it did not signal the end of its data (TLS). */
  ended(truncation?: Error): void;
  /** The transport failed; nothing more can be read. What was received before remains valid. */
  failed(error: Error): void;
  /** All that was written has been taken: more may be written, and the arrays may be reused. */
  drained(): void;
  /** A write failed. Bytes that the peer sent before it may still be there to read. */
  writeFailed(error: Error): void;
}

/**
 * How a channel drives a transport: bytes are pushed, and a write reports at once whether all was taken. That saves the
 * promise per read and per write that the public `Transport` costs.
 */
export interface Wire {
  /**
   * How many turns of the event loop it may take until all that the system has received so far has been pushed: none if
   * the last read is known to have emptied its buffer, and was a moment ago.
   */
  readonly lag: number;
  /** From now on everything received goes to the receiver. Called once. */
  start(receiver: WireReceiver): void;
  resume(): void;
  /** Sends ISO-8859-1 text, then bytes, in one write if possible; true if all was taken, else `drained` follows. */
  send(text: string, ...parts: readonly Uint8Array[]): boolean;
  /** To be called after `release`, unless the peer has ended; does nothing the second time. */
  close(): void;
  /** How much of the writes has not been taken, as far as is visible: a change is the progress of a long write. */
  readonly unsent: number;
  /** Gives up the transport: what arrives from now on is returned by its `read`. */
  release(): Transport;
  readonly fileno: number;
}

/**
 * The wires of this project's own transports. Not a method named by a symbol: bundlers keep a class that has one, even
 * if nothing uses it.
 */
export const WIRES = /* @__PURE__ */ new WeakMap<Transport, Wire>();

/** The wire of a transport: its own, or one that uses only `read` and `write`. */
export function wireOf(transport: Transport): Wire {
  return WIRES.get(transport) ?? new PulledWire(transport);
}

/** Drives any `Transport`. While there is room, a read is pending, so that a FIN or a stray byte is seen when idle. */
class PulledWire implements Wire {
  readonly #transport: Transport;
  #receiver: WireReceiver | undefined;
  #pending: Promise<Uint8Array | null> | undefined;
  #writing = 0;
  /** The first `read` has been called. */
  #begun = false;
  #closed = false;
  /** Unknown: a read is always pending, and what the transport has is delivered as soon as it resolves that. */
  readonly lag = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  get fileno(): number {
    return this.#transport.fileno ?? -1;
  }

  /** A transport reports only when a write has been taken completely. */
  get unsent(): number {
    return this.#writing;
  }

  /**
   * A request that opened the connection is written before anything is read: a test's transport often has its response
   * ready from the start, and would seem to have sent it unasked. What follows the reply of a proxy is read at once.
   */
  start(receiver: WireReceiver): void {
    this.#receiver = receiver;
    if (this.#transport instanceof ResumedTransport) this.#begin();
    else
      nextTurn(() => {
        this.#begin();
      });
  }

  #begin(): void {
    if (!this.#begun) this.resume();
  }

  send(text: string, ...parts: readonly Uint8Array[]): boolean {
    this.#begin();
    this.#writing++;
    writeTo(this.#transport, text === '' ? parts : [encodeLatin1(text), ...parts]).then(
      () => {
        if (--this.#writing === 0) this.#receiver?.drained();
      },
      (error: unknown) => this.#receiver?.writeFailed(transportError(error)),
    );
    return false;
  }

  close(): void {
    if (!this.#closed) closeTransport(this.#transport);
    this.#closed = true;
  }

  release(): Transport {
    this.#receiver = undefined;
    return this.#pending === undefined
      ? this.#transport
      : new ResumedTransport(this.#transport, this.#pending);
  }

  /** The size of the next block is unknown: it is not read until there is room for one as large as the last. */
  resume(likely = 1): void {
    this.#begun = true;
    if (this.#pending !== undefined || this.#receiver === undefined || this.#receiver.room() < likely) return;
    const reading = readFrom(this.#transport);
    this.#pending = reading;
    reading.then(
      (block) => {
        if (this.#receiver === undefined) return;
        this.#pending = undefined;
        if (block === null) this.#receiver.ended();
        else if (this.#receiver.received(block, block.length, true)) this.resume(block.length);
      },
      (error: unknown) => this.#receiver?.failed(transportError(error)),
    );
  }
}
