import {
  checkBytes,
  checkInteger,
  checkOptionNames,
  checkType,
  IncompleteRead,
  InvalidChunk,
  quote,
  type OptionNames,
} from '@http-client/errors';
import { checkTolerances, type HTTPMessage, type Tolerance, type Violation } from '@http-client/headers';
import { decodeLatin1, ownBytes, type OwnBytes } from '@http-client/io';

import { SizeLine } from './size-line.js';
import { TrailerSection, type ChunkedPart, type OnPart } from './trailer-section.js';

/** How chunks are limited and validated. */
export interface ChunkedDecoderOptions {
  /** Whether to validate against RFC 9112 (the default), or to be as lenient as Python's module. */
  strict?: boolean | undefined;
  /** Rules of strict decoding that are relaxed, none by default; each use is listed in `violations`. */
  tolerate?: readonly Tolerance[] | undefined;
  /** The maximum number of trailer lines; 100. More are `TooManyHeaders`. */
  maxTrailers?: number | undefined;
  /** The maximum bytes of a size or trailer line, including its line ending; 65,536. More are `LineTooLong`. */
  maxLineLength?: number | undefined;
  /** Called with each range of the input that has been used, before anything is written over it. */
  onPart?: OnPart | undefined;
}

const OPTION_NAMES: OptionNames<ChunkedDecoderOptions> = {
  strict: true,
  tolerate: true,
  maxTrailers: true,
  maxLineLength: true,
  onPart: true,
};

/** The reference's limit on a line, including its line ending. */
const MAX_LINE_LENGTH = 65536;

/** How many violations are listed: a body may break a rule in every chunk, and may be larger than memory. */
const MAX_VIOLATIONS = 1000;

/** Up to this length, a loop moves bytes at least as fast as a built-in method. */
const SHORT_RUN = 16;

const CR = 0x0d;
const LF = 0x0a;

/** What the next byte of a chunked body belongs to (RFC 9112, section 7.1). */
type FramingPosition = 'size-line' | 'data-cr' | 'data-lf' | 'skip' | 'trailers';
type Position = FramingPosition | 'data' | 'done';

/**
 * Decodes the chunked transfer coding (RFC 9112, section 7.1), without I/O: bytes in, body bytes out.
 *
 * The input may be split anywhere: data, trailers and errors are the same. Between calls a few numbers are kept, and a
 * size line or the trailers if those were split; both are bounded. After an error, every call throws that error again,
 * until `reset`.
 *
 * @example
 * const decoder = new ChunkedDecoder();
 * decoder.decode(encodeLatin1('5\r\nhello\r\n0\r\n\r\n')); // the bytes of 'hello'
 * decoder.done; // true
 */
export class ChunkedDecoder {
  readonly #strict: boolean;
  readonly #tolerate: readonly Tolerance[];
  readonly #onPart: OnPart | undefined;
  readonly #sizeLine: SizeLine;
  readonly #trailers: TrailerSection;

  #position: Position = 'size-line';
  #left = 0;
  #fault: Error | undefined;
  #consumed = 0;
  /** The bytes used by earlier calls, minus the start index of this one: added to an index, it gives the offset. */
  #origin = 0;
  #total = 0;
  #violations: Violation[] = [];

  /** Lists what was tolerated; a field, since it is also called by the parts. */
  readonly #note = (rule: Tolerance, index: number, detail: string): void => {
    if (!this.#strict || this.#violations.length === MAX_VIOLATIONS) return;
    this.#violations.push({ rule, offset: this.#origin + index, detail });
  };

  /**
   * Creates a decoder for any number of bodies.
   *
   * @throws RangeError for a limit out of range; TypeError for an unknown rule or option, a limit that is not a number,
   * a `strict` that is not a boolean and an `onPart` that is not a function.
   */
  constructor(options: ChunkedDecoderOptions = {}) {
    checkOptionNames(options, 'ChunkedDecoder', OPTION_NAMES);
    const { maxTrailers = 100, maxLineLength = MAX_LINE_LENGTH, onPart } = options;
    const rules = checkTolerances(options.tolerate);
    checkInteger(maxTrailers, 'maxTrailers', 0);
    checkInteger(maxLineLength, 'maxLineLength', 2);
    checkType(options.strict, 'strict', 'boolean');
    checkType(onPart, 'onPart', 'function');
    const strict = options.strict !== false;
    // The rules are those of strict decoding: without it, there is nothing to tolerate, and nothing is listed.
    const tolerate = strict ? rules : [];
    this.#strict = strict;
    this.#tolerate = tolerate;
    this.#onPart = onPart;
    this.#sizeLine = new SizeLine({ strict, tolerate, maxLineLength, note: this.#note });
    this.#trailers = new TrailerSection(
      { strict, tolerate, maxHeaders: maxTrailers, maxLineLength },
      this.#note,
      onPart,
    );
  }

  /** Whether the body has ended: its last chunk, its trailers and their blank line have arrived. */
  get done(): boolean {
    return this.#position === 'done';
  }

  /** The fields after the last chunk, once `done`; never merged into those of the head. */
  get trailers(): HTTPMessage | undefined {
    return this.done ? this.#trailers.message : undefined;
  }

  /** What was tolerated, the first thousand times; offsets are relative to the first byte of the body. */
  get violations(): readonly Violation[] {
    return this.#violations;
  }

  /** How many of the bytes passed to the last call were used. */
  get consumed(): number {
    return this.#consumed;
  }

  /**
   * Decodes all of `bytes`. Anything after the end of the body is not used: `consumed` tells where that is.
   *
   * @throws InvalidChunk, LineTooLong, TooManyHeaders, InvalidHeader (in the trailers); with `strict: false`
   * IncompleteRead for a size that is not a number. If there is valid data before the fault, that is returned, and the
   * next call throws. TypeError for anything but a `Uint8Array`.
   */
  decode(bytes: Uint8Array): OwnBytes {
    checkBytes(bytes, 'chunks');
    // Each chunk is longer than the data in it, so this is enough.
    const target = new Uint8Array(bytes.length);
    return ownBytes(target, 0, this.decodeInto(bytes, 0, bytes.length, target));
  }

  /**
   * Decodes `bytes` from `start` to `end` into `target` from `at` to `limit`, without allocating memory for the data.
   *
   * `target` may be `bytes` itself, with `at` up to `start`. If it is full, framing that has arrived is still used, so
   * that `done` is true as early as possible. `consumed` tells how much was used, from `start` on; pass the rest again.
   *
   * @returns how many bytes were written.
   * @throws as `decode`, but does not examine the types of its arguments. A fault after data that this call has written
   * is thrown by the next call. RangeError for a range that is not within its array, and for an `at` beyond `start` in
   * place.
   */
  decodeInto(
    bytes: Uint8Array,
    start: number,
    end: number,
    target: Uint8Array,
    at = 0,
    limit = target.length,
  ): number {
    // Beyond its end, an array gives zeros for the body, and drops what is written.
    if (!isWithin(bytes, start, end) || !isWithin(target, at, limit)) {
      throw new RangeError(
        `Cannot decode bytes ${start} to ${end} into ${at} to ${limit}: there are ${bytes.length}, ` +
          `and room for ${target.length}`,
      );
    }
    if (target === bytes && at > start) {
      throw new RangeError(
        `Cannot decode in place from ${start} to ${at}: it would write over what it has to read`,
      );
    }
    this.#consumed = 0;
    if (this.#fault !== undefined) throw this.#fault;
    this.#origin = this.#total - start;
    let from = start;
    let to = at;
    try {
      while (from < end && this.#position !== 'done') {
        if (this.#position !== 'data') {
          from = this.#readFraming(bytes, from, end);
          continue;
        }
        const count = Math.min(this.#left, end - from, limit - to);
        if (count <= 0) break;
        this.#onPart?.('chunk-data', bytes, from, from + count);
        move(bytes, from, target, to, count);
        from += count;
        to += count;
        this.#left -= count;
        if (this.#left === 0) this.#position = 'data-cr';
      }
    } catch (error) {
      this.#fault = error as Error;
      if (to === at) {
        // What precedes the fault has been used, and passed to `onPart`.
        this.#consumed = from - start;
        throw error;
      }
    }
    this.#consumed = from - start;
    this.#total += this.#consumed;
    return to - at;
  }

  /**
   * To be called at the end of the stream.
   *
   * @throws IncompleteRead if the body has not ended; its `expected` is what is missing from the current chunk. After
   * an error of `decode`, that error. With `strict: false` a body may lack its trailers, and the line ending of its
   * last chunk.
   */
  finish(): void {
    if (this.#fault !== undefined) throw this.#fault;
    let expected = this.#position === 'data' ? this.#left : undefined;
    if (!this.#strict) {
      if (this.#position === 'size-line') {
        expected = this.#sizeLine.readAtEnd();
        if (expected === 0) this.#position = 'trailers';
      }
      if (this.#position === 'trailers') {
        this.#trailers.readAtEnd();
        this.#position = 'done';
      }
    }
    if (this.done) return;
    // A chunk that the reference reads to the end of the stream has no size, so no number of bytes is missing.
    if (expected === Infinity) expected = undefined;
    const missing = expected === undefined ? '' : `${expected} bytes `;
    const place =
      this.#position === 'data'
        ? `${missing}before the end of a chunk`
        : 'before the blank line after the last chunk';
    const detail = `the stream ended ${place}`;
    if (this.#tolerate.includes('truncated-body')) {
      this.#origin = 0;
      this.#note('truncated-body', this.#total, detail);
      this.#position = 'done';
      return;
    }
    throw new IncompleteRead(`Cannot read the whole body: ${detail}`, {
      partial: new Uint8Array(0),
      expected,
    });
  }

  /** Prepares the decoder for the next body. */
  reset(): void {
    this.#position = 'size-line';
    this.#fault = undefined;
    this.#left = this.#consumed = this.#total = 0;
    this.#violations = [];
    this.#sizeLine.reset();
    this.#trailers.reset();
  }

  /** Parses one piece of framing, and returns the index after it. */
  #readFraming(bytes: Uint8Array, from: number, end: number): number {
    switch (this.#position as FramingPosition) {
      case 'size-line': {
        const next = this.#sizeLine.read(bytes, from, end);
        if (next >= 0) {
          this.#left = this.#sizeLine.size;
          this.#position = this.#left === 0 ? 'trailers' : 'data';
        }
        return this.#shown('chunk-size', bytes, from, next < 0 ? end : next);
      }
      case 'trailers': {
        const next = this.#trailers.read(bytes, from, end);
        if (next < 0) return end;
        this.#position = 'done';
        return next;
      }
      default:
        return this.#shown('chunk-end', bytes, from, this.#readDataEnd(bytes, from, end));
    }
  }

  /**
   * Parses the CRLF after a chunk's data, nearly always whole. The reference takes any two bytes for it. If a missing
   * CRLF is tolerated, a hexadecimal digit is taken for the beginning of the next size line, and any other two bytes
   * for CRLF, as by the reference.
   */
  #readDataEnd(bytes: Uint8Array, at: number, end: number): number {
    const byte = bytes[at]!;
    const position = this.#position;
    this.#position = 'size-line';
    if (position === 'data-cr') {
      if (byte === CR && at + 1 < end && bytes[at + 1] === LF) return at + 2;
      if (!this.#strict) {
        this.#position = 'skip';
      } else if (byte === CR) {
        this.#position = 'data-lf';
      } else if (byte === LF && this.#tolerate.includes('bare-lf-in-chunks')) {
        this.#note('bare-lf-in-chunks', at, 'a bare LF follows the data of a chunk');
      } else {
        const text = decodeLatin1(bytes, at, at + 1);
        this.#handleMissingCRLF(text, at);
        if (/[\da-f]/i.test(text)) return at;
        this.#position = 'skip';
      }
    } else if (position === 'data-lf' && byte !== LF) {
      this.#handleMissingCRLF(`\r${decodeLatin1(bytes, at, at + 1)}`, at - 1);
    }
    return at + 1;
  }

  #handleMissingCRLF(text: string, index: number): void {
    const detail = `${quote(text)} stands where CRLF must follow the data of a chunk`;
    if (!this.#tolerate.includes('missing-chunk-crlf')) {
      throw new InvalidChunk(`Cannot read the chunk: ${detail} (RFC 9112, section 7.1)`, {
        line: text.trim(),
      });
    }
    this.#note('missing-chunk-crlf', index, detail);
  }

  #shown(part: ChunkedPart, bytes: Uint8Array, start: number, end: number): number {
    if (end > start) this.#onPart?.(part, bytes, start, end);
    return end;
  }
}

function isWithin({ length }: Uint8Array, start: number, end: number): boolean {
  return start >= 0 && start <= end && end <= length;
}

/** Moves a run of data, even in place, since it only ever moves towards the front. */
function move(bytes: Uint8Array, from: number, target: Uint8Array, to: number, count: number): void {
  if (count <= SHORT_RUN) {
    for (let at = 0; at < count; at++) target[to + at] = bytes[from + at]!;
  } else if (target === bytes) {
    if (from !== to) bytes.copyWithin(to, from, from + count);
  } else {
    target.set(bytes.subarray(from, from + count), to);
  }
}
