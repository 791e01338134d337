import { ChunkedDecoder, type ChunkedDecoderOptions, type Framing } from '@http-client/body';
import { IncompleteRead } from '@http-client/errors';
import type { HTTPMessage, Violation } from '@http-client/headers';

import type { Input } from './input.js';
import type { WireTap } from './wire-tap.js';

/**
 * The body of a response as it is taken from the input, one class for each framing (RFC 9112, section 6.3). No I/O:
 * each gives what is there.
 */
export interface BodySource {
  /**
   * Moves body bytes into `target[at, limit)`, as many as are there and fit, and returns how many. Throws at a fault
   * in the framing, once every good byte before it has been given.
   */
  take(input: Input, target: Uint8Array, at: number, limit: number): number;
  /** All that is there as one array without a copy, where the framing lets it through as it is. */
  takeBlock?(input: Input, limit: number): Uint8Array | undefined;
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

/** How many bytes the framing says are missing, from the body or from the current chunk; undefined where it cannot say. */
export interface Shortfall {
  readonly expected: number | undefined;
}

const NONE: readonly Violation[] = [];

/** No body, whatever the fields say: HEAD, 1xx, 204, 304, CONNECT. */
const NO_BODY: BodySource = {
  take: () => 0,
  done: true,
  left: 0,
  shortfall: () => undefined,
  trailers: undefined,
  violations: NONE,
};

/** A body of as many bytes as Content-Length says. */
class LengthBody implements BodySource {
  left: number;
  readonly trailers = undefined;
  readonly violations = NONE;
  readonly #tap: WireTap | undefined;

  constructor(length: number, tap: WireTap | undefined) {
    this.left = length;
    this.#tap = tap;
  }

  get done(): boolean {
    return this.left === 0;
  }

  take(input: Input, target: Uint8Array, at: number, limit: number): number {
    const count = copy(input, target, at, Math.min(limit, at + this.left), this.#tap);
    this.left -= count;
    return count;
  }

  takeBlock(input: Input, limit: number): Uint8Array | undefined {
    if (input.length > limit || input.length > this.left) return undefined;
    this.left -= input.length;
    this.#tap?.received('body', input.bytes, input.start, input.end);
    return input.takeAll();
  }

  shortfall(): Shortfall | undefined {
    return { expected: this.left };
  }
}

/** A body that goes on until the peer closes. */
class CloseBody implements BodySource {
  /** Its end is the stream's, and whoever finds nothing more of it learns of that by `shortfall`. */
  readonly done = false;
  readonly left = undefined;
  readonly trailers = undefined;
  readonly violations = NONE;
  readonly #tap: WireTap | undefined;
  /** The reference takes every FIN for an end. */
  readonly #strict: boolean;

  constructor(tap: WireTap | undefined, strict: boolean) {
    this.#tap = tap;
    this.#strict = strict;
  }

  take(input: Input, target: Uint8Array, at: number, limit: number): number {
    return copy(input, target, at, limit, this.#tap);
  }

  takeBlock(input: Input, limit: number): Uint8Array | undefined {
    if (input.length > limit) return undefined;
    this.#tap?.received('body', input.bytes, input.start, input.end);
    return input.takeAll();
  }

  /**
   * A reset is no end: the peer did not say that it was done (RFC 9112, section 8). Nor is a FIN that TLS knows nothing
   * of (section 9.8).
   */
  shortfall(input: Input): Shortfall | undefined {
    const brokenOff = input.failure ?? (this.#strict ? input.truncation : undefined);
    return brokenOff === undefined ? undefined : { expected: undefined };
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

function copy(input: Input, target: Uint8Array, at: number, limit: number, tap: WireTap | undefined): number {
  const count = Math.min(input.length, limit - at);
  if (count <= 0) return 0;
  tap?.received('body', input.bytes, input.start, input.start + count);
  target.set(input.bytes.subarray(input.start, input.start + count), at);
  input.consume(count);
  return count;
}

/** The source for a framing; the body begins at `offset` in the stream, and what is taken of it is shown to the tap. */
export function bodySource(
  framing: Framing,
  chunks: ChunkedDecoderOptions,
  offset: number,
  tap: WireTap | undefined,
): BodySource {
  switch (framing.kind) {
    case 'none':
      return NO_BODY;
    case 'length':
      return new LengthBody(framing.length, tap);
    case 'chunked': {
      const onPart = tap?.received.bind(tap);
      return new ChunkedBody(
        new ChunkedDecoder(onPart === undefined ? chunks : { ...chunks, onPart }),
        offset,
      );
    }
    case 'close':
      return new CloseBody(tap, chunks.strict ?? true);
  }
}
