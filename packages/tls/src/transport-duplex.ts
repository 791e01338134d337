import type { Written } from '@http-client/connection';
import { closeTransport, readFrom, transportError, writeTo, type Transport } from '@http-client/io';
import { Duplex } from 'node:stream';

/**
 * Any transport as a Node stream, for TLS to run on. Back-pressure works in both directions: nothing is read unasked,
 * and a write completes when the transport has taken it.
 *
 * A transport has no half-close, so ending the stream sends nothing; destroying it closes the transport.
 */
export class TransportDuplex extends Duplex {
  /**
   * Called when a write fails. Once it is set, that no longer ends the stream: the peer's last bytes can still be read.
   */
  onWriteError: ((error: Error) => void) | undefined;
  readonly #transport: Transport;
  #isHeld = false;
  #isAsked = false;

  constructor(transport: Transport) {
    super();
    this.#transport = transport;
  }

  /** Reads no more for now. In Node the stream is then not asked to, but in Deno it is, as long as there is anything. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Reads on after `hold`. */
  proceed(): void {
    this.#isHeld = false;
    if (this.#isAsked) this._read();
  }

  override _read(): void {
    this.#isAsked = this.#isHeld;
    if (this.#isHeld) return;
    readFrom(this.#transport).then(
      (block) => this.push(block),
      (reason: unknown) => this.destroy(transportError(reason)),
    );
  }

  override _writev(chunks: { chunk: Uint8Array }[], written: Written): void {
    const parts = chunks.map(({ chunk }) => chunk);
    writeTo(this.#transport, parts).then(
      () => {
        written();
      },
      (reason: unknown) => {
        const error = transportError(reason);
        const { onWriteError } = this;
        onWriteError?.(error);
        written(onWriteError === undefined ? error : null);
      },
    );
  }

  override _destroy(error: Error | null, done: Written): void {
    closeTransport(this.#transport);
    done(error);
  }
}
