import { ChunkedDecoder } from '@http-client/body';
import { encodeLatin1 } from '@http-client/io';

/** The part of a message that a range of bytes belongs to. */
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
  /** Bytes after the last response, or left over when the connection was closed: they were not interpreted. */
  | 'excess';

/** Bytes that were sent or received. */
export interface WireEvent {
  /** Sent by this client, or received from its peer. */
  readonly direction: 'sent' | 'received';
  /** The part of the message that the bytes belong to. */
  readonly part: WirePart;
  /** A copy of the bytes, which the listener may keep. */
  readonly data: Uint8Array;
  /** When the bytes were sent, or parsed after receipt: milliseconds, as from `performance.now()`. */
  readonly time: number;
}

const LF = 0x0a;
const CR = 0x0d;

/**
 * Reports every byte on the wire to a listener, once, in order, and labelled. Created only if there is a listener, so
 * connections without one bear no cost.
 */
export class WireTap {
  readonly #listener: (event: WireEvent) => void;
  /** Parses the chunks that are sent, to label their parts. */
  #sentChunks: ChunkedDecoder | undefined;

  constructor(listener: (event: WireEvent) => void) {
    this.#listener = listener;
  }

  /** Reports the head of a request. */
  sentHead(text: string): void {
    this.#sentChunks = undefined;
    this.#head('sent', 'request-line', encodeLatin1(text));
  }

  /** Reports bytes of a body, which is chunk-encoded by this client or sent unmodified. */
  sentBody(bytes: Uint8Array, chunked: boolean): void {
    if (bytes.length === 0) return;
    if (!chunked) {
      this.#show('sent', 'body', bytes);
      return;
    }
    // What is sent is neither validated nor limited here.
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

  /** Reports `bytes[start, end)`, the head of a response. */
  receivedHead(bytes: Uint8Array, start: number, end: number): void {
    this.#head('received', 'status-line', bytes.subarray(start, end));
  }

  received(part: WirePart, bytes: Uint8Array, start: number, end: number): void {
    if (end > start) this.#show('received', part, bytes.subarray(start, end));
  }

  /** Reports the lines of a head: the start line, the field lines, and the blank line. */
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
      // A failing listener must not break the exchange it observes; its error becomes an uncaught exception.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
