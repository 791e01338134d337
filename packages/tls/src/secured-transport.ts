import { concealing, SocketTransport, type SocketLike, type Written } from '@http-client/connection';
import { HTTPException } from '@http-client/errors';
import { closeTransport, type Transport } from '@http-client/io';
import type { Duplex } from 'node:stream';

import type { TransportDuplex } from './transport-duplex.js';

/** The handle below a socket, as far as Node exposes it. */
interface Handle {
  readonly reading?: boolean;
  readonly _parent?: ParentHandle;
}

/** What a TLS handle runs on. A socket has all of these; what runs on a `TransportDuplex` has only some. */
interface ParentHandle {
  readonly bytesRead?: number;
  readonly bytesWritten?: number;
  readonly writeQueueSize?: number;
  /** Returns an error number (UV_EALREADY) while the handle is reading. */
  readStart?(): number;
}

/** What a record of TLS 1.3 has beside its data: a header, the type, and the tag (RFC 8446, section 5.2). */
const RECORD_OVERHEAD = 22;

/** A TLS socket, once its handshake is done. */
export type SecureSocket = Duplex & { readonly _handle?: Handle | null };

/**
 * What TLS runs on: the socket of `transport` or, if that has none to hand over, `duplex`, which reads and writes it.
 */
export interface Carrier {
  readonly transport: Transport;
  readonly duplex: TransportDuplex | undefined;
}

/**
 * The transport on a TLS socket. To be called while the event of the finished handshake is emitted, when no byte has
 * arrived yet.
 *
 * Decrypted data goes to the transport directly, bypassing the buffer of Node's stream. That buffer would hold up to 16
 * KiB on top of the 64 KiB that may be read ahead, lose them if the peer resets, and take a tick for each block.
 */
export function securedTransport(socket: SecureSocket, carrier: Carrier): Transport {
  const secured = new SecuredSocket(socket, carrier);
  const transport = new SocketTransport(secured, true);
  const wasCutOff = truncationDetector(socket, carrier);
  const isAlone = companionDetector(socket, carrier);
  const push = socket.push.bind(socket);
  socket.push = (block: Uint8Array | null) => {
    if (block !== null) {
      const goesOn = transport.push(block, block.length, true, isAlone(block.length) ? 0 : 1);
      if (!goesOn) carrier.duplex?.hold();
      return goesOn;
    }
    transport.end(wasCutOff() ? truncation() : undefined);
    return push(null);
  };
  const onWriteError = (error: Error): void => {
    transport.writeFailed(error);
  };
  secured.watchWrites(onWriteError);
  if (carrier.duplex !== undefined) carrier.duplex.onWriteError = onWriteError;
  return transport;
}

/** A TLS socket as `SocketTransport` uses it. */
class SecuredSocket implements SocketLike {
  readonly #socket: SecureSocket;
  readonly #carrier: Carrier;

  /** How much of what was written TLS has passed to the socket below, and the stream does not know it yet. */
  #passed = 0;

  constructor(socket: SecureSocket, carrier: Carrier) {
    this.#socket = socket;
    this.#carrier = carrier;
  }

  /**
   * The stream learns of a write in a later turn of the event loop, when TLS has usually encrypted it and passed it to
   * the system long since: what counts is what the stream holds back, and what the socket below has not sent.
   */
  get writableLength(): number {
    const { writableLength, _handle } = this.#socket;
    const queued = _handle?._parent?.writeQueueSize;
    return queued === undefined ? writableLength : writableLength - this.#passed + queued;
  }

  get _handle(): { readonly fd: number | undefined; readonly writeQueueSize: number } {
    const { transport } = this.#carrier;
    return {
      fd: transport.fileno,
      // Within TLS to a proxy only that shows the progress of a large write: it has been given all of it at once.
      writeQueueSize: transport instanceof SocketTransport ? transport.unsent : 0,
    };
  }

  write(data: string, encoding: 'latin1', written?: Written): boolean;
  write(data: Uint8Array, written?: Written): boolean;
  write(data: string | Uint8Array, second?: 'latin1' | Written, third?: Written): boolean {
    // Node tells a callback from an encoding, as is declared above; its own declarations have one overload for each.
    return this.#socket.write(data, second as 'latin1', third);
  }

  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
  }

  /** The stream's own `resume` would do nothing, since its buffer is never filled. */
  resume(): void {
    this.#carrier.duplex?.proceed();
    this.#socket._read(0);
  }

  /**
   * Immediate, but with a close_notify: `end` writes it before it returns. A client need not wait for the peer's (RFC
   * 9112, section 9.8).
   */
  destroy(): void {
    this.#socket.end();
    this.#socket.destroy();
    closeTransport(this.#carrier.transport);
  }

  /**
   * Keeps a failed write from destroying the socket: a server may respond and close without reading what is still being
   * sent (RFC 9112, section 9.6), and its response must still be read.
   */
  watchWrites(onWriteError: (error: Error) => void): void {
    const socket = this.#socket;
    const concealed = concealing((error) => {
      this.#passed = 0;
      if (error != null) onWriteError(error);
    });
    const parent = socket._handle?._parent;
    const write = socket._write.bind(socket);
    const writev = socket._writev!.bind(socket);
    // TLS holds data back while it is busy with a write of its own, such as the end of the handshake.
    const watch = (length: number, begin: () => void): void => {
      const before = parent?.bytesWritten ?? 0;
      this.#passed = length;
      begin();
      if ((parent?.bytesWritten ?? 0) - before < length) this.#passed = 0;
    };
    socket._write = (chunk: Uint8Array | string, encoding, written) => {
      watch(chunk.length, () => {
        write(chunk, encoding, concealed(written));
      });
    };
    socket._writev = (chunks, written) => {
      // The stream hands on all that it has.
      watch(socket.writableLength, () => {
        writev(chunks, concealed(written));
      });
    };
  }

  /** The end is reported through `push`, which knows what kind of end it is. */
  on(event: 'end' | 'close' | 'error', listener: (error: Error) => void): void {
    if (event !== 'end') this.#socket.on(event, listener);
  }
}

/**
 * Returns a function that tells, for the data of each record that arrives, whether no further record may have come with
 * the same read of the socket. TLS passes on one by one what a read brings, with the caller's code running in between,
 * and a record behind the one that ends a response must be seen before the next request is sent.
 *
 * (It errs only if a piece of this record had arrived before, and the whole of the next one is as long as that piece.)
 */
function companionDetector({ _handle }: SecureSocket, { duplex }: Carrier): (length: number) => boolean {
  // A transport of another kind may already have the next bytes.
  const parent = duplex === undefined ? _handle?._parent : undefined;
  // NaN, where it is unknown, is never the right number.
  const count = (): number => parent?.bytesRead ?? NaN;
  let before = count();
  return (length) => {
    const seen = count();
    const isAlone = seen - before === length + RECORD_OVERHEAD;
    before = seen;
    return isAlone;
  };
}

/**
 * Returns a function that tells, at the end of the stream, whether the stream was cut off: whether its carrier merely
 * ended, which anybody on the path can cause, and the peer did not announce it (close_notify). Node reports both ends
 * alike. But a close_notify is found in received bytes, while the carrier is still reading; the carrier's own end stops
 * its reading.
 */
function truncationDetector(socket: SecureSocket, { duplex }: Carrier): () => boolean {
  if (duplex !== undefined) return () => duplex.readableEnded;
  const parent = socket._handle?._parent;
  const isReading = (): boolean => (parent?.readStart?.() ?? 0) < 0;
  // After a handshake it is reading. If it seems not to be, it cannot be asked, and every end counts as a proper one.
  if (!isReading()) return () => false;
  // If reading was stopped by back-pressure, the end was in bytes received before.
  return () => socket._handle?.reading !== false && !isReading();
}

function truncation(): HTTPException {
  return new HTTPException(
    'Cannot read on: the connection was closed below TLS, and the peer did not say that it was done (no close_notify; RFC 9112, section 9.8)',
    { code: 'HTTP_TLS_TRUNCATED' },
  );
}
