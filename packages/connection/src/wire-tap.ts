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
  /** The received bytes that are being reported: the block that they are in, and where they end. */
  #block: Uint8Array | undefined;
  #end = 0;
  /** All that was received has been reported. */
  #over = false;

  constructor(listener: (event: WireEvent) => void) {
    this.#listener = listener;
  }

  /** Reports the head of a request. */
  sentHead(text: string): void {
    this.#sentChunks = undefined;
    const bytes = encodeLatin1(text);
    eachLine('request-line', bytes, 0, bytes.length, (part, start, end) => {
      this.#show('sent', part, bytes.subarray(start, end));
    });
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
    eachLine('status-line', bytes, start, end, (part, from, to) => {
      this.received(part, bytes, from, to);
    });
  }

  received(part: WirePart, bytes: Uint8Array, start: number, end: number): void {
    if (end <= start || this.#over) return;
    this.#block = bytes;
    this.#end = end;
    this.#show('received', part, bytes.subarray(start, end));
    this.#block = undefined;
  }

  /**
   * Reports what is left in `bytes[start, end)` when the connection closes. Nothing received is reported after that. If
   * the listener itself closes the connection, the bytes that it has just been shown are still among these.
   */
  excess(bytes: Uint8Array, start: number, end: number): void {
    this.received('excess', bytes, bytes === this.#block ? this.#end : start, end);
    this.#over = true;
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

/** Finds the lines of a head: the start line, the field lines, and the blank line. */
function eachLine(
  first: WirePart,
  bytes: Uint8Array,
  start: number,
  end: number,
  found: (part: WirePart, start: number, end: number) => void,
): void {
  let part = first;
  for (let at = start; at < end;) {
    const lf = bytes.indexOf(LF, at);
    const next = lf < 0 ? end : Math.min(lf + 1, end);
    if (part === 'header' && (lf === at || (lf === at + 1 && bytes[at] === CR))) part = 'blank-line';
    found(part, at, next);
    part = 'header';
    at = next;
  }
}
