import type { Transport } from '@http-client/io';
import { Duplex } from 'node:stream';

type Written = (error?: Error | null) => void;

/**
 * Any transport as a Node stream, for TLS to run on. Back-pressure goes through both ways: nothing is read that was not
 * asked for, and a write is taken when the transport has taken it.
 *
 * A transport knows no half-close, so that ending the stream sends nothing; destroying it closes the transport.
 */
export class TransportDuplex extends Duplex {
  /** Told of a write that failed, from when on that shall not end the stream: the peer's last words can still be read. */
  onWriteError: ((error: Error) => void) | undefined;
  readonly #transport: Transport;

  constructor(transport: Transport) {
    super({ allowHalfOpen: true });
    this.#transport = transport;
  }

  override _read(): void {
    this.#read().then(
      (block) => this.push(block),
      (reason: unknown) => this.destroy(asError(reason)),
    );
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, written: Written): void {
    this.#settle(this.#write([chunk]), written);
  }

  override _writev(chunks: { chunk: Uint8Array }[], written: Written): void {
    this.#settle(this.#write(chunks.map(({ chunk }) => chunk)), written);
  }

  override _destroy(error: Error | null, done: Written): void {
    this.#transport.close();
    done(error);
  }

  /** A transport that throws where it should reject does no harm, here and in `#write`. */
  async #read(): Promise<Uint8Array | null> {
    return this.#transport.read();
  }

  async #write(parts: readonly Uint8Array[]): Promise<void> {
    if (parts.length === 1) return this.#transport.write(parts[0]!);
    if (this.#transport.writev !== undefined) return this.#transport.writev(parts);
    return this.#transport.write(Buffer.concat(parts));
  }

  #settle(writing: Promise<void>, written: Written): void {
    writing.then(
      () => {
        written();
      },
      (reason: unknown) => {
        const error = asError(reason);
        if (this.onWriteError === undefined) {
          written(error);
        } else {
          this.onWriteError(error);
          written();
        }
      },
    );
  }
}

/** What a transport rejected with, if it was no Error. */
function asError(reason: unknown): Error {
  return reason instanceof Error
    ? reason
    : new Error(`The transport failed: ${String(reason)}`, { cause: reason });
}
