import { ChunkedDecoder } from '@http-client/body';
import { encodeLatin1 } from '@http-client/io';

/** What a range of bytes is in its message. */
export type WirePart =
  | 'request-line'
  | 'status-line'
  | 'header'
  | 'blank-line'
  | 'body'
  | 'chunk-size'
  | 'chunk-data'
  | 'chunk-end'
  | 'trailer'
  /** Bytes behind the last answer, or left when the connection was closed: nothing was made of them. */
  | 'excess';

/** Bytes that went over the wire. */
export interface WireEvent {
  /** By this client, or from its peer. */
  readonly direction: 'sent' | 'received';
  /** What the bytes are in their message. */
  readonly part: WirePart;
  /** A copy, the listener's to keep. */
  readonly data: Uint8Array;
  /** When they were sent, or made out in what was received: milliseconds, as `performance.now()` counts. */
  readonly time: number;
}

const LF = 0x0a;
const CR = 0x0d;

/**
 * Shows a listener every byte that goes over the wire, each once, in its order and with what it is. Made only where
 * somebody listens: everything that is done here costs those who do not nothing.
 */
export class WireTap {
  readonly #listener: (event: WireEvent) => void;
  /** Reads the chunks that are sent, to tell their parts. */
  #sentChunks: ChunkedDecoder | undefined;

  constructor(listener: (event: WireEvent) => void) {
    this.#listener = listener;
  }

  /** The head of a request; its body is chunk-encoded by this client, or sent as it is. */
  sentHead(text: string): void {
    this.#sentChunks = undefined;
    this.#head('sent', 'request-line', encodeLatin1(text));
  }

  sentBody(bytes: Uint8Array, chunked: boolean): void {
    if (bytes.length === 0) return;
    if (!chunked) {
      this.#show('sent', 'body', bytes);
      return;
    }
    // What is sent is not judged here, nor bounded.
    this.#sentChunks ??= new ChunkedDecoder({
      strict: false,
      maxTrailers: Number.MAX_SAFE_INTEGER,
      maxLineLength: Number.MAX_SAFE_INTEGER,
      onPart: (part, block, start, end) => {
        this.#show('sent', part, block.subarray(start, end));
      },
    });
    this.#sentChunks.decodeInto(bytes, 0, bytes.length, new Uint8Array(bytes.length));
  }

  /** `bytes[start, end)`, the head of a response. */
  receivedHead(bytes: Uint8Array, start: number, end: number): void {
    this.#head('received', 'status-line', bytes.subarray(start, end));
  }

  received(part: WirePart, bytes: Uint8Array, start: number, end: number): void {
    if (end > start) this.#show('received', part, bytes.subarray(start, end));
  }

  /** The lines of a head: the first one, the fields, and the blank one. */
  #head(direction: WireEvent['direction'], first: WirePart, bytes: Uint8Array): void {
    let part = first;
    for (let at = 0; at < bytes.length;) {
      const lf = bytes.indexOf(LF, at);
      const end = lf < 0 ? bytes.length : lf + 1;
      if (part === 'header' && (lf === at || (lf === at + 1 && bytes[at] === CR))) part = 'blank-line';
      this.#show(direction, part, bytes.subarray(at, end));
      part = 'header';
      at = end;
    }
  }

  #show(direction: WireEvent['direction'], part: WirePart, bytes: Uint8Array): void {
    const event = { direction, part, data: new Uint8Array(bytes), time: performance.now() };
    try {
      this.#listener(event);
    } catch (error) {
      // A listener that fails is no reason to break the exchange it looks at; its error goes the way of all listeners'.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
