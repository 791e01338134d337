import { IncompleteRead } from '@http-client/errors';
import type { HTTPMessage, Violation } from '@http-client/headers';
import type { Input } from '@http-client/io';

import { ChunkedDecoder, type ChunkedDecoderOptions } from './chunked.js';
import type { Framing } from './framing.js';
import type { ChunkedPart } from './trailer-section.js';

/**
 * The body of a response as it is taken from the input (RFC 9112, section 6.3). No I/O: it gives what is there.
 *
 * @internal
 */
export interface BodySource {
  /**
   * Moves body bytes into `target[at, limit)`, as many as are there and fit, and returns how many. Throws at a fault
   * in the framing, once every good byte before it has been given.
   */
  take(input: Input, target: Uint8Array, at: number, limit: number): number;
  /** All that is there as one array without a copy, where the framing lets it through as it is. */
  takeBlock?(input: Input, limit: number): Uint8Array | undefined;
  /**
   * Takes what is there of the body, at most `limit` bytes, and gives it where it lies, decoded, as a view that is to be
   * used before the input is. To make an array of more than 64 bytes takes longer than to decode them: the engine keeps
   * smaller ones among its own objects, and has the system make room for others. Undefined, and nothing taken, where not all
   * that is left or wanted has come, or where it cannot well be decoded in place: there is much of it, or the bytes are not
   * to be written over.
   */
  lend(input: Input, limit: number): Uint8Array | undefined;
  /** Whether the end of the body has been taken. */
  readonly done: boolean;
  /** How many bytes are to come, where the framing tells. */
  readonly left: number | undefined;
  /** The stream has ended and all of it was taken: undefined where that is the body's end, else what is missing. */
  shortfall(input: Input): Shortfall | undefined;
  readonly trailers: HTTPMessage | undefined;
  /** What was tolerated so far, with offsets in the stream. */
  readonly violations: readonly Violation[];
}

/**
 * How many bytes the framing says are missing, from the body or from the current chunk; undefined where it cannot say.
 *
 * @internal
 */
export interface Shortfall {
  readonly expected: number | undefined;
}

/**
 * Who is shown the bytes of a body, with what they are.
 *
 * @internal
 */
export interface BodyTap {
  received(part: ChunkedPart | 'body', bytes: Uint8Array, start: number, end: number): void;
}

const NONE: readonly Violation[] = [];

/** Up to here to move the bytes of chunks twice takes less than to make another array. */
const LITTLE = 4096;

/** A body as it is: of as many bytes as are `left`, or, where that is undefined, up to the end of the stream. */
class PlainBody implements BodySource {
  left: number | undefined;
  readonly trailers = undefined;
  readonly violations = NONE;
  readonly #tap: BodyTap | undefined;
  /** The reference takes every FIN for an end. */
  readonly #strict: boolean;

  constructor(left: number | undefined, strict: boolean, tap: BodyTap | undefined) {
    this.left = left;
    this.#strict = strict;
    this.#tap = tap;
  }

  /** Where the stream's end is the body's, whoever finds nothing more of it learns of that by `shortfall`. */
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

  takeBlock(input: Input, limit: number): Uint8Array | undefined {
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
   * A reset is not an end: the peer did not say that it was done (RFC 9112, section 8). Nor is a FIN that TLS knows nothing
   * of (section 9.8).
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

/** A body in chunks. */
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
    if (input.length > LITTLE || !input.writable) return undefined;
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
 * The source for a framing; the body begins at `offset` in the stream, and what is taken of it is shown to the tap.
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
    // Step by step: to spread the options takes a third as long as to read a small body.
    const { strict, tolerate, maxTrailers } = chunks;
    const decoder = new ChunkedDecoder({ strict, tolerate, maxTrailers, onPart: tap?.received.bind(tap) });
    return new ChunkedBody(decoder, offset);
  }
  const left = framing.kind === 'length' ? framing.length : framing.kind === 'none' ? 0 : undefined;
  return new PlainBody(left, chunks.strict ?? true, tap);
}

/**
 * The error for a body that the stream ended before its end.
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
