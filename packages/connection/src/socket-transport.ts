import { checkBytes, HTTPException } from '@http-client/errors';
import { NOTHING, type Transport } from '@http-client/io';
import type { PushbackTransport } from '@http-client/tunnel';

import { READ_AHEAD, WIRES, type Wire, type WireReceiver } from './wire.js';

/**
 * What Node's streams call when a write has ended.
 *
 * @internal
 */
export type Written = (error?: Error | null) => void;

/**
 * Returns a function that wraps the callback of a write: `ended` is called with the error, if the write failed, and the
 * stream is told that it succeeded. Node passes the same callback with each write, so one wrapper serves all.
 *
 * @internal
 */
export function concealing(ended: Written): (written: Written) => Written {
  let last: Written | undefined;
  let wrapper: Written = ended;
  return (written) => {
    if (written !== last) {
      last = written;
      wrapper = (error) => {
        ended(error);
        written();
      };
    }
    return wrapper;
  };
}

/**
 * The parts of a Node socket, plain or TLS, that are used.
 *
 * @internal
 */
export interface SocketLike {
  write(data: string, encoding: 'latin1', written?: Written): boolean;
  write(data: Uint8Array, written?: Written): boolean;
  cork(): void;
  uncork(): void;
  resume(): unknown;
  destroy(): unknown;
  on(event: 'end' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  /** How much of what was written has not been taken; plain sockets count all of the current write. */
  readonly writableLength: number;
  /** `writeQueueSize` is the part of the current write that the system has not taken; Node's own timeouts use it. */
  readonly _handle?: { readonly fd?: number | undefined; readonly writeQueueSize?: number } | null;
}

/** A body up to this size is copied into one buffer with its head: writing that costs less than a gathered write. */
const COPY_LIMIT = 16_384;

/**
 * The {@link Wire.lag} after a read that filled its buffer, after a pause, or if there was no read lately. In the first
 * turn libuv may not have read again yet.
 *
 * @internal
 */
export const LAG = 2;

/**
 * For how many milliseconds a read counts as having emptied the system's buffer: requests that follow one another at
 * once must not wait. After that the event loop may have stood still, because the program computed or the machine slept,
 * and the connection have ended. (The monotonic clock does not count the time asleep, and takes longer to read. This one
 * may be set back: a read in the future does not count, either.)
 */
const FRESH = 5;

/**
 * A transport on a Node socket. The creator of the socket passes in the bytes that it receives (`push`); this class
 * calls the socket's `resume` for it to continue reading.
 *
 * Exported for this project's packages with other kinds of sockets, such as TLS: a transport of this class is driven
 * without the promise per read and per write that `Transport` alone costs.
 *
 * @internal
 */
export class SocketTransport implements PushbackTransport, Wire {
  readonly #socket: SocketLike;
  #receiver: WireReceiver | undefined;
  #paused = false;
  /** The {@link lag} that the last read left, and when that was; before the first one, nothing is known. */
  #lag = LAG;
  #readAt = 0;
  readonly #isTLS: boolean;
  #ended = false;
  #truncation: Error | undefined;
  #failure: Error | undefined;
  #writeFailure: Error | undefined;
  #closed = false;

  /** For `read`: the blocks that arrived before a `read`, and the pending one. */
  #blocks: Uint8Array[] = [];
  #kept = 0;
  #reader: { resolve: (block: Uint8Array | null) => void; reject: (error: Error) => void } | undefined;

  /** Writes that will call back. */
  #unwritten = 0;
  /** Whether the next write is expected to be taken at once, as the last one was: a callback costs Node a tick. */
  #atOnce: boolean;
  readonly #writers: { resolve: () => void; reject: (error: Error) => void }[] = [];

  /** `isTLS`: Node takes a tick for each write in any case, so each is given a callback. */
  constructor(socket: SocketLike, isTLS = false) {
    this.#socket = socket;
    this.#atOnce = !isTLS;
    this.#isTLS = isTLS;
    WIRES.set(this, this);
    socket.on('end', () => {
      this.#confirmEnd();
    });
    socket.on('error', (error) => {
      this.#fail(error);
    });
    socket.on('close', () => {
      this.end();
    });
  }

  get fileno(): number {
    return this.#socket._handle?.fd ?? -1;
  }

  /** Later on, more may have arrived unseen, such as the end of an idle connection: see {@link FRESH}. */
  get lag(): number {
    return Math.abs(Date.now() - this.#readAt) > FRESH ? LAG : this.#lag;
  }

  get unsent(): number {
    return this.#socket.writableLength + (this.#socket._handle?.writeQueueSize ?? 0);
  }

  /** Takes bytes that the socket received; returns whether it should continue reading. `lag`: see {@link Wire.lag}. */
  push(block: Uint8Array, count: number, owned: boolean, lag: number): boolean {
    if (this.#closed) return false;
    this.#lag = lag;
    this.#readAt = Date.now();
    this.#paused = !(this.#receiver?.received(block, count, owned) ?? this.#keep(block, count, owned));
    return !this.#paused;
  }

  /** How many bytes the socket may read next. */
  room(): number {
    return this.#receiver?.room() ?? READ_AHEAD - this.#kept;
  }

  /** Whether the socket should read into a new block. */
  get keepsBlocks(): boolean | undefined {
    return this.#receiver?.keepsBlocks;
  }

  #keep(block: Uint8Array, count: number, owned: boolean): boolean {
    const bytes = owned ? block.subarray(0, count) : new Uint8Array(block.subarray(0, count));
    if (this.#reader !== undefined) {
      this.#settleReader(bytes);
      return true;
    }
    this.#blocks.push(bytes);
    this.#kept += count;
    return this.#kept < READ_AHEAD;
  }

  // Transport

  read(): Promise<Uint8Array | null> {
    const block = this.#blocks.shift();
    if (block !== undefined) {
      this.#kept -= block.length;
      return Promise.resolve(block);
    }
    const broken = this.#failure ?? this.#truncation;
    if (broken !== undefined) return Promise.reject(broken);
    if (this.#ended || this.#closed) return Promise.resolve(null);
    if (this.#reader !== undefined) {
      return Promise.reject(new HTTPException('Cannot read from the transport: another read is pending'));
    }
    this.resume();
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  /** Takes back bytes that were read and not used: the tunnel's first bytes, which arrived with the proxy's reply. */
  unread(bytes: Uint8Array): void {
    this.#blocks.unshift(bytes);
    this.#kept += bytes.length;
  }

  write(data: Uint8Array): Promise<void> {
    return this.writev([data]);
  }

  async writev(parts: readonly Uint8Array[]): Promise<void> {
    // Something without a length, such as an ArrayBuffer, would count as empty, and be lost.
    for (const part of parts) checkBytes(part, 'data');
    if (this.#writeFailure !== undefined || this.#closed) throw this.#writeFailure ?? closedError();
    const full = parts.filter(({ length }) => length > 0);
    return new Promise((resolve, reject) => {
      this.#writers.push({ resolve, reject });
      if (full.length > 0 ? this.#gather(full) : this.#unwritten === 0) this.#settleWriters();
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const receiver = this.#receiver;
    this.#receiver = undefined;
    this.#socket.destroy();
    this.#settleReader(null);
    // Creating an error costs more than the rest of a close.
    if (this.#writers.length > 0) this.#settleWriters(closedError());
    // A channel releases the transport before it closes it. If someone else closes it, the channel would wait for ever.
    receiver?.failed(closedError());
  }

  // Wire

  start(receiver: WireReceiver): void {
    this.#receiver = receiver;
    for (const block of this.#blocks.splice(0)) receiver.received(block, block.length, true);
    if (this.#failure !== undefined) receiver.failed(this.#failure);
    else if (this.#ended) receiver.ended(this.#truncation);
    else this.resume();
  }

  resume(): void {
    if (!this.#paused || this.room() <= 0) return;
    this.#paused = false;
    this.#lag = LAG;
    this.#socket.resume();
  }

  release(): Transport {
    this.#receiver = undefined;
    return this;
  }

  /** The hot path: returns true, without any promise, if the kernel took everything, as it usually does. */
  send(text: string, ...parts: readonly Uint8Array[]): boolean {
    let length = 0;
    for (const part of parts) length += part.length;
    if (length === 0) {
      const callback = this.#callback();
      this.#socket.write(text, 'latin1', callback);
      return this.#isTaken(callback);
    }
    if (length > COPY_LIMIT) {
      // As bytes: a gathered write of mixed text and bytes costs more.
      return this.#gather(text === '' ? parts : [Buffer.from(text, 'latin1'), ...parts]);
    }
    if (text === '' && parts.length === 1) return this.#gather(parts);
    const whole = Buffer.allocUnsafe(text.length + length);
    let at = whole.write(text, 'latin1');
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return this.#gather([whole]);
  }

  /** Sends the parts in one write; returns whether all was taken. */
  #gather(parts: readonly Uint8Array[]): boolean {
    const callback = this.#callback();
    const last = parts.length - 1;
    if (last > 0) this.#socket.cork();
    for (let at = 0; at <= last; at++) this.#socket.write(parts[at]!, at === last ? callback : undefined);
    if (last > 0) this.#socket.uncork();
    return this.#isTaken(callback);
  }

  /** The callback for the next write, if it needs one. */
  #callback(): Written | undefined {
    if (this.#atOnce) return undefined;
    this.#unwritten++;
    return this.#written;
  }

  /** Returns whether all that was written has been taken. If not, `#written` is called when it has. */
  #isTaken(callback: object | undefined): boolean {
    const atOnce = this.#socket.writableLength === 0;
    this.#atOnce = atOnce && !this.#isTLS;
    if (this.#writeFailure !== undefined) return false;
    // Contrary to expectation, it was not: the callback of an empty write runs after the others.
    if (!atOnce && callback === undefined) this.#socket.write(NOTHING, this.#callback());
    return atOnce;
  }

  /** One function for all writes: Node counts equal callbacks instead of queueing each one. */
  readonly #written: Written = (error) => {
    this.#unwritten--;
    if (error != null) {
      this.writeFailed(error);
    } else if (this.#unwritten === 0) {
      this.#receiver?.drained();
      this.#settleWriters();
    }
  };

  /** A write failed; what the peer sent before can still be read. */
  writeFailed(error: Error): void {
    if (this.#writeFailure !== undefined) return;
    this.#writeFailure = error;
    this.#receiver?.writeFailed(error);
    this.#settleWriters(error);
  }

  #settleReader(block: Uint8Array | null, error?: Error): void {
    const reader = this.#reader;
    this.#reader = undefined;
    if (error === undefined) reader?.resolve(block);
    else reader?.reject(error);
  }

  #settleWriters(error?: Error): void {
    if (this.#writers.length === 0) return;
    for (const writer of this.#writers.splice(0)) {
      if (error === undefined) writer.resolve();
      else writer.reject(error);
    }
  }

  /**
   * Distinguishes an end from a reset. A reset that arrives with the last bytes is reported as an end (libuv takes
   * POLLHUP as one), and a body delimited by the end of the stream would pass for complete. An empty write sends
   * nothing, and fails after a reset.
   */
  #confirmEnd(): void {
    if (this.#closed) return;
    // A peer that closes without reading what is being sent resets, too; it may still have sent everything.
    if (this.#unwritten > 0 || this.#writeFailure !== undefined) {
      this.end();
      return;
    }
    this.#socket.write(NOTHING, (error) => {
      const failure = error ?? this.#writeFailure;
      if (failure === undefined) this.end();
      else this.#fail(failure);
    });
  }

  /** The peer will send no more. `truncation` is given if that is not a proper end, and says why. */
  end(truncation?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#truncation = truncation;
    this.#settleReader(null, truncation);
    this.#receiver?.ended(truncation);
  }

  /**
   * Gives the socket away, for TLS to run on it. Undefined if it is not of the requested kind, or if bytes would be
   * lost or delivered twice: some have been received already, or a read or write is pending. Afterwards `close` still
   * closes the socket; nothing else works.
   */
  take<T extends SocketLike>(isKind: (socket: SocketLike) => socket is T): T | undefined {
    const socket = this.#socket;
    const busy = this.#blocks.length > 0 || this.#reader !== undefined || this.#unwritten > 0;
    const over = this.#closed || this.#ended || this.#writeFailure !== undefined;
    if (busy || over || this.#receiver !== undefined || !isKind(socket)) return undefined;
    this.#failure = this.#writeFailure = new HTTPException(
      'Cannot use the transport: it has been given away',
    );
    return socket;
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#settleReader(null, error);
    this.writeFailed(error);
    this.#receiver?.failed(error);
  }
}

function closedError(): HTTPException {
  return new HTTPException('Cannot use the transport: it has been closed');
}
