import {
  closeTransport,
  encodeLatin1,
  readFrom,
  transportError,
  writeTo,
  type Transport,
} from '@http-client/io';
import { ResumedTransport } from '@http-client/tunnel';

/** What a wire tells: the channel's side of it. All calls are synchronous, and none may throw. */
export interface WireReceiver {
  /**
   * `block[0, count)` has come. A block that is not `owned` is the wire's to reuse as soon as this returns.
   * Returns whether to go on reading; after false the wire reads no more until `resume`.
   */
  received(block: Uint8Array, count: number, owned: boolean): boolean;
  /** How many bytes may come now; at least one after `received` has returned true. */
  room(): number;
  /** Whether a block of its own is handed on as it is: then nobody has to copy it. */
  readonly keepsBlocks: boolean;
  /** The peer will send no more (FIN); `truncation` says so where it did not say itself that it was done (TLS). */
  ended(truncation?: Error): void;
  /** The transport broke; nothing more can be read. What was received before stands. */
  failed(error: Error): void;
  /** All that was written has been taken: more may be written, and the arrays may be reused. */
  drained(): void;
  /** A write failed. Bytes that the peer sent before may still be there to read. */
  writeFailed(error: Error): void;
}

/**
 * How a channel drives a transport: bytes are pushed, writes tell at once whether they went through. That saves the
 * promise per read and per write which the public `Transport` costs.
 */
export interface Wire {
  /** From now on everything that arrives goes to the receiver. Called once. */
  start(receiver: WireReceiver): void;
  resume(): void;
  /** Sends text of ISO-8859-1, then bytes, in one write where possible; true if all was taken, else `drained` follows. */
  write(text: string, ...parts: readonly Uint8Array[]): boolean;
  close(): void;
  /** How much of what was written has not been taken, as far as can be seen: a change shows that a long write goes on. */
  readonly unsent: number;
  /** Lets go of the transport: what arrives from now on is what its `read` gives. */
  release(): Transport;
  readonly fileno: number;
}

/** Where this project's own transports keep the faster way. */
export const WIRE = Symbol('http-client.wire');

/** The way to drive a transport: its own, or through `read` and `write` alone. */
export function wireOf(transport: Transport & { [WIRE]?: () => Wire }): Wire {
  return transport[WIRE]?.() ?? new PulledWire(transport);
}

/** Drives any `Transport`. One read is always under way, so that a FIN or a stray byte is seen while idle. */
class PulledWire implements Wire {
  readonly #transport: Transport;
  #receiver: WireReceiver | undefined;
  #pending: Promise<Uint8Array | null> | undefined;
  #writing = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  get fileno(): number {
    return this.#transport.fileno ?? -1;
  }

  /** A transport says when a write has been taken whole, and nothing before. */
  get unsent(): number {
    return this.#writing;
  }

  start(receiver: WireReceiver): void {
    this.#receiver = receiver;
    this.#pull();
  }

  resume(): void {
    this.#pull();
  }

  write(text: string, ...parts: readonly Uint8Array[]): boolean {
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
    this.#receiver = undefined;
    closeTransport(this.#transport);
  }

  release(): Transport {
    this.#receiver = undefined;
    return this.#pending === undefined
      ? this.#transport
      : new ResumedTransport(this.#transport, this.#pending);
  }

  /** Nobody can say how much the next read brings: it is left until there is room for as much as the last one did. */
  #pull(likely = 1): void {
    if (this.#pending !== undefined || this.#receiver === undefined || this.#receiver.room() < likely) return;
    const reading = readFrom(this.#transport);
    this.#pending = reading;
    reading.then(
      (block) => {
        if (this.#receiver === undefined) return;
        this.#pending = undefined;
        if (block === null) this.#receiver.ended();
        else if (this.#receiver.received(block, block.length, true)) this.#pull(block.length);
      },
      (error: unknown) => this.#receiver?.failed(transportError(error)),
    );
  }
}
