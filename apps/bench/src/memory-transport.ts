import type { Transport } from '@http-client/client';

const NOTHING = new Uint8Array(0);

/**
 * A peer in memory that costs almost nothing itself. It accepts everything that is written, and sends the bytes that it
 * is given in segments of equal size.
 */
export class MemoryTransport implements Transport {
  #bytes: Uint8Array = NOTHING;
  #at = 0;
  #segment = 0;
  #reader: ((block: Uint8Array | null) => void) | undefined;

  /** Sends these bytes, and then nothing more. */
  play(bytes: Uint8Array, segment = bytes.length): void {
    this.#bytes = bytes;
    this.#at = 0;
    this.#segment = segment;
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.(this.#next());
  }

  read(): Promise<Uint8Array | null> {
    if (this.#at < this.#bytes.length) return Promise.resolve(this.#next());
    return new Promise((resolve) => {
      this.#reader = resolve;
    });
  }

  write(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.#reader?.(null);
    this.#reader = undefined;
  }

  /** A copy, since the reader owns what it reads. */
  #next(): Uint8Array {
    return this.#bytes.slice(this.#at, (this.#at += this.#segment));
  }
}
