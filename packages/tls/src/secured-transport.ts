import { SocketTransport, type SocketLike } from '@http-client/connection';
import { HTTPException } from '@http-client/errors';
import { closeTransport, type Transport } from '@http-client/io';
import type { Duplex } from 'node:stream';

import type { TransportDuplex } from './transport-duplex.js';

type Written = (error?: Error | null) => void;

/** The handle below a socket, as far as Node lets it be seen. */
interface Handle {
  readonly fd?: number;
  readonly writeQueueSize?: number;
  readonly reading?: boolean;
  /** What a TLS handle runs on. `readStart` gives an error number (UV_EALREADY) while the handle reads. */
  readonly _parent?: { readonly writeQueueSize?: number; readStart?(): number };
}

/** A TLS socket, once its handshake is done. */
export type SecureSocket = Duplex & { readonly _handle?: Handle | null };

/** What TLS runs on: the socket of `transport`, or, where it has none to give, `duplex`, which reads and writes it. */
export interface Carrier {
  readonly transport: Transport;
  readonly duplex: TransportDuplex | undefined;
}

/**
 * The transport on a TLS socket. Called while the event of the finished handshake is emitted, so that no byte has come
 * yet.
 *
 * What is decrypted goes to the transport directly, past the buffer of Node's stream: that would hold back up to 16 KiB
 * behind the 64 KiB that may be read ahead, lose them where the peer resets, and take a tick for each block.
 */
export function securedTransport(socket: SecureSocket, carrier: Carrier): Transport {
  const transport = new SocketTransport(new SecuredSocket(socket, carrier), false);
  const wasCutOff = ending(socket, carrier);
  const push = socket.push.bind(socket);
  socket.push = (block: Uint8Array | null) => {
    if (block !== null) return transport.push(block, block.length, true);
    transport.end(wasCutOff() ? truncation() : undefined);
    return push(null);
  };
  survive(socket, carrier, (error) => {
    transport.writeFailed(error);
  });
  return transport;
}

/** A TLS socket as `SocketTransport` uses it. */
class SecuredSocket implements SocketLike {
  readonly #socket: SecureSocket;
  readonly #carrier: Carrier;

  constructor(socket: SecureSocket, carrier: Carrier) {
    this.#socket = socket;
    this.#carrier = carrier;
  }

  get writableLength(): number {
    return this.#socket.writableLength;
  }

  get _handle(): Handle {
    const handle = this.#socket._handle;
    const fd = handle?.fd ?? -1;
    return {
      fd: fd >= 0 ? fd : (this.#carrier.transport.fileno ?? -1),
      // Encrypted at once, and whole: it is the socket below that sends it bit by bit.
      writeQueueSize: handle?._parent?.writeQueueSize ?? 0,
    };
  }

  write(data: string, encoding: 'latin1', written?: Written): boolean;
  write(data: Uint8Array, written?: Written): boolean;
  write(data: string | Uint8Array, second?: 'latin1' | Written, third?: Written): boolean {
    return typeof second === 'string'
      ? this.#socket.write(data, second, third)
      : this.#socket.write(data, second);
  }

  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
  }

  /** The stream's own `resume` would do nothing: its buffer is never filled. */
  resume(): void {
    this.#socket._read(0);
  }

  /**
   * At once, but not without a word: what is ended writes close_notify before it returns, for which a client need not
   * see the answer (RFC 9112, section 9.8).
   */
  destroy(): void {
    this.#socket.end();
    this.#socket.destroy();
    closeTransport(this.#carrier.transport);
  }

  /** The end comes through `push`, which knows what kind of end it is. */
  on(event: 'end' | 'close' | 'error', listener: (error: Error) => void): void {
    if (event !== 'end') this.#socket.on(event, listener);
  }
}

/**
 * A failed write does not destroy the socket: a server may answer and close without reading what is still being sent
 * (RFC 9112, section 9.6), and its answer is read all the same.
 */
function survive(socket: SecureSocket, { duplex }: Carrier, onWriteError: (error: Error) => void): void {
  const told =
    (written: Written): Written =>
    (error) => {
      if (error != null) onWriteError(error);
      written();
    };
  const write = socket._write.bind(socket);
  const writev = socket._writev?.bind(socket);
  socket._write = (chunk, encoding, written) => {
    write(chunk, encoding, told(written));
  };
  socket._writev = (chunks, written) => {
    writev?.(chunks, told(written));
  };
  if (duplex !== undefined) duplex.onWriteError = onWriteError;
}

/**
 * How to tell, at the end of the stream, whether the peer said so itself (close_notify) or what carries it just ended,
 * which anybody on the way can bring about. Node tells both alike. But a close_notify is found in bytes that came, while
 * the carrier goes on reading; its own end stops it.
 */
function ending(socket: SecureSocket, { duplex }: Carrier): () => boolean {
  if (duplex !== undefined) return () => duplex.readableEnded;
  const parent = socket._handle?._parent;
  const isReading = (): boolean => (parent?.readStart?.() ?? 0) < 0;
  // In the middle of a handshake it reads, or it cannot be asked: then every end is taken for a proper one.
  if (!isReading()) return () => false;
  // Where reading was stopped for lack of room, the end was in what had come before.
  return () => socket._handle?.reading !== false && !isReading();
}

function truncation(): HTTPException {
  return new HTTPException(
    'Cannot read on: the connection was closed below TLS, and the peer did not say that it was done (no close_notify; RFC 9112, section 9.8)',
    { code: 'HTTP_TLS_TRUNCATED' },
  );
}
