import { IncompleteRead } from '@http-client/errors';
import type { HTTPMessage, Violation } from '@http-client/headers';
import type { Input, OwnBytes } from '@http-client/io';

import { ChunkedDecoder, type ChunkedDecoderOptions } from './chunked.js';
import type { Framing } from './framing.js';
import type { ChunkedPart } from './trailer-section.js';

/**
 * Takes the body of a response from the input (RFC 9112, section 6.3), without I/O: it returns what has arrived.
 *
 * @internal
 */
export interface BodySource {
  /**
   * Moves body bytes into `target[at, limit)`, as many as have arrived and fit, and returns how many. Throws at a fault
   * in the framing, once every valid byte before it has been returned.
   */
  take(input: Input, target: Uint8Array, at: number, limit: number): number;
  /** Everything that has arrived, as one array and without a copy, if the framing leaves it unchanged. */
  takeBlock?(input: Input, limit: number): OwnBytes | undefined;
  /**
   * Takes what has arrived of the body, at most `limit` bytes, and returns it decoded in place, as a view that is valid
   * only until the input is used again. Creating an array of more than 64 bytes takes longer than decoding them: V8
   * stores smaller ones on its heap, and has the system allocate memory for others. Undefined, with nothing taken, for
   * a body to the end of the stream; for one with a length, if not all that is left or wanted has arrived; for a
   * chunked one, if there are too many bytes, or they must not be overwritten.
   */
  lend(input: Input, limit: number): Uint8Array | undefined;
  /** Whether the end of the body has been taken. */
  readonly done: boolean;
  /** How many bytes are still to come, if the framing determines that. */
  readonly left: number | undefined;
  /** Called when the stream has ended and all of it was taken: undefined if that is the end of the body. */
  shortfall(input: Input): Shortfall | undefined;
  readonly trailers: HTTPMessage | undefined;
  /** What was tolerated so far, with offsets in the stream. */
  readonly violations: readonly Violation[];
}

/**
 * How many bytes of the body, or of the current chunk, are missing; undefined if the framing does not determine that.
 *
 * @internal
 */
export interface Shortfall {
  readonly expected: number | undefined;
}

/**
 * An observer of the bytes of a body, and of what they are.
 *
 * @internal
 */
export interface BodyTap {
  received(part: ChunkedPart | 'body', bytes: Uint8Array, start: number, end: number): void;
}

const NONE: readonly Violation[] = [];

/** Up to this size, moving the bytes of chunks twice takes less time than creating another array. */
const MAX_IN_PLACE = 4096;

/** A body that is not encoded: of as many bytes as are `left`, or up to the end of the stream if that is undefined. */
class PlainBody implements BodySource {
  left: number | undefined;
  readonly trailers = undefined;
  readonly violations = NONE;
  readonly #tap: BodyTap | undefined;
  /** If false, every FIN is an end, as in the reference. */
  readonly #strict: boolean;

  constructor(left: number | undefined, strict: boolean, tap: BodyTap | undefined) {
    this.left = left;
    this.#strict = strict;
    this.#tap = tap;
  }

  /** If the end of the stream is that of the body, this stays false: callers learn of the end from `shortfall`. */
  get done(): boolean {
    return this.left === 0;
  }

  take(input: Input, target: Uint8Array, at: number, limit: number): number {
    const count = Math.min(input.length, limit - at, this.left ?? Infinity);
    if (count <= 0) return 0;
    this.#show(input, count);
    target.set(input.bytes.subarray(input.start, input.start + count), at);
    input.consume(count);
    return count;
  }

  takeBlock(input: Input, limit: number): OwnBytes | undefined {
    if (input.length > Math.min(limit, this.left ?? Infinity)) return undefined;
    this.#show(input, input.length);
    return input.takeAll();
  }

  lend(input: Input, limit: number): Uint8Array | undefined {
    if (this.left === undefined) return undefined;
    const count = Math.min(this.left, limit);
    const { bytes, start } = input;
    if (input.length < count) return undefined;
    this.#show(input, count);
    input.consume(count);
    return bytes.subarray(start, start + count);
  }

  /**
   * A reset is not an end: the peer did not indicate that it was done (RFC 9112, section 8). Nor is a FIN without TLS's
   * close_notify (section 9.8).
   */
  shortfall(input: Input): Shortfall | undefined {
    const brokenOff = input.failure ?? (this.#strict ? input.truncation : undefined);
    return this.left === undefined && brokenOff === undefined ? undefined : { expected: this.left };
  }

  #show(input: Input, count: number): void {
    this.#tap?.received('body', input.bytes, input.start, input.start + count);
    if (this.left !== undefined) this.left -= count;
  }
}

/** A chunked body. */
class ChunkedBody implements BodySource {
  readonly left = undefined;
  readonly #decoder: ChunkedDecoder;
  /** Where the body begins in the stream. */
  readonly #offset: number;

  constructor(decoder: ChunkedDecoder, offset: number) {
    this.#decoder = decoder;
    this.#offset = offset;
  }

  get violations(): readonly Violation[] {
    return this.#decoder.violations.map((violation) => ({
      ...violation,
      offset: this.#offset + violation.offset,
    }));
  }

  get done(): boolean {
    return this.#decoder.done;
  }

  get trailers(): HTTPMessage | undefined {
    return this.#decoder.trailers;
  }

  lend(input: Input, limit: number): Uint8Array | undefined {
    if (input.length > MAX_IN_PLACE || !input.writable) return undefined;
    const { bytes, start } = input;
    const count = this.take(input, bytes, start, Math.min(start + limit, bytes.length));
    return bytes.subarray(start, start + count);
  }

  take(input: Input, target: Uint8Array, at: number, limit: number): number {
    try {
      return this.#decoder.decodeInto(input.bytes, input.start, input.end, target, at, limit);
    } finally {
      input.consume(this.#decoder.consumed);
    }
  }

  shortfall(): Shortfall | undefined {
    try {
      this.#decoder.finish();
      return undefined;
    } catch (error) {
      if (error instanceof IncompleteRead) return { expected: error.expected };
      throw error;
    }
  }
}

/**
 * The source for a framing. The body begins at `offset` in the stream; what is taken of it is shown to the tap.
 *
 * @internal
 */
export function bodySource(
  framing: Framing,
  chunks: Pick<ChunkedDecoderOptions, 'strict' | 'tolerate' | 'maxTrailers'>,
  offset: number,
  tap: BodyTap | undefined,
): BodySource {
  if (framing.kind === 'chunked') {
    // Property by property: spreading the options takes a third as long as reading a small body.
    const { strict, tolerate, maxTrailers } = chunks;
    const decoder = new ChunkedDecoder({ strict, tolerate, maxTrailers, onPart: tap?.received.bind(tap) });
    return new ChunkedBody(decoder, offset);
  }
  const left = framing.kind === 'length' ? framing.length : framing.kind === 'none' ? 0 : undefined;
  return new PlainBody(left, chunks.strict ?? true, tap);
}

/**
 * The error for a stream that ended before the body did.
 *
 * @internal
 */
export function incompleteBody(
  expected: number | undefined,
  partial: Uint8Array,
  cause?: unknown,
): IncompleteRead {
  const place = expected === undefined ? 'before the body did' : `${expected} bytes before the body's end`;
  return new IncompleteRead(`Cannot read the response body: the stream ended ${place}`, {
    partial,
    expected,
    cause,
  });
}
