import { closeTransport, type Transport } from '@http-client/io';

/** A transport that takes back bytes that were read from it but not used. A tunnel over it is the transport itself. */
export interface PushbackTransport extends Transport {
  /** Takes bytes back: the next `read` returns them, before anything that has yet to arrive. */
  unread(bytes: Uint8Array): void;
}

/** The transport, with bytes that were read from it to be read again. */
export function resume(transport: Transport | PushbackTransport, bytes: Uint8Array): Transport {
  if (bytes.length === 0) return transport;
  if (!('unread' in transport)) return new ResumedTransport(transport, Promise.resolve(bytes));
  transport.unread(bytes);
  return transport;
}

/**
 * A transport whose first read is already in progress, or done.
 *
 * @internal
 */
export class ResumedTransport implements Transport {
  readonly #transport: Transport;
  #first: Promise<Uint8Array | null> | undefined;
  declare readonly writev?: (parts: readonly Uint8Array[]) => Promise<void>;

  constructor(transport: Transport, first: Promise<Uint8Array | null>) {
    this.#transport = transport;
    this.#first = first;
    if (transport.writev !== undefined) this.writev = transport.writev.bind(transport);
  }

  get fileno(): number {
    return this.#transport.fileno ?? -1;
  }

  read(): Promise<Uint8Array | null> {
    const first = this.#first ?? this.#transport.read();
    this.#first = undefined;
    return first;
  }

  write(data: Uint8Array): Promise<void> {
    return this.#transport.write(data);
  }

  close(): void {
    this.#first = undefined;
    closeTransport(this.#transport);
  }
}
