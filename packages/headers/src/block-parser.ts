import { FieldScanner, type ParseHeadersOptions } from './field-scanner.js';
import type { HTTPMessage } from './message.js';
import type { Tolerance, Violation } from './tolerance.js';
import { TolerantRules } from './tolerant-rules.js';

/** What a {@link HeaderBlockParser} reads, and how it judges. */
export interface HeaderBlockParserOptions extends ParseHeadersOptions {
  /**
   * Rules of strict parsing to relax: `bare-cr`, `space-before-colon`, `malformed-field-line`, and in trailers
   * `bare-lf-in-chunks`. The others are of other parts of a message and change nothing here.
   */
  tolerate?: readonly Tolerance[] | undefined;
  /** In trailers a bare LF is no line end, since they are part of the chunked framing. */
  where?: 'headers' | 'trailers' | undefined;
}

/**
 * Reads block after block of field lines from bytes that come in pieces, without I/O, and lists what it tolerated.
 *
 * `scan` until it gives an end, then `finish`; `reset` before the next block. After an error only `reset` is of use.
 * The verdict is the same whatever the pieces: a line is judged when it is complete, or as soon as it is certain to
 * exceed a limit.
 *
 * What a tolerance lets pass is read so that no framing is smuggled: a bare CR counts as a space; a malformed line is
 * skipped together with its folds, but is refused where it mentions Content-Length or Transfer-Encoding.
 *
 * @example
 * const parser = new HeaderBlockParser({ tolerate: ['space-before-colon'] });
 * const end = parser.scan(bytes, 0, bytes.length); // -1: more bytes are wanted
 * if (end >= 0) return parser.finish(bytes, 0);
 */
export class HeaderBlockParser {
  readonly #rules: TolerantRules;
  readonly #scanner: FieldScanner;

  /**
   * A parser for one block after the other.
   *
   * @throws RangeError for a limit out of range.
   */
  constructor(options: HeaderBlockParserOptions = {}) {
    this.#rules = new TolerantRules(options.tolerate ?? [], options.where === 'trailers');
    this.#scanner = new FieldScanner(options, this.#rules);
  }

  /** What was tolerated in this block; offsets count from its first byte. One for each rule and line at most. */
  get violations(): readonly Violation[] {
    return this.#rules.violations;
  }

  /**
   * Looks at the bytes that came since the last call.
   *
   * @param start where the block begins: the same byte in each call, though the buffer may have moved.
   * @returns the index just behind the blank line, or -1 while it has not come.
   * @throws InvalidHeader, LineTooLong, TooManyHeaders; InvalidChunk for a bare LF in trailers.
   */
  scan(bytes: Uint8Array, start: number, end: number): number {
    return this.#scanner.scan(bytes, start, end);
  }

  /** The fields, once `scan` gave an end. The message keeps nothing of `bytes`. */
  finish(bytes: Uint8Array, start: number): HTTPMessage {
    return this.#scanner.finish(bytes, start);
  }

  /**
   * What is left to do where the stream ends before the blank line: with `strict: false` the block ends there.
   *
   * @throws IncompleteRead, its `partial` a copy of the block so far.
   */
  finishAtEnd(bytes: Uint8Array, start: number, end: number): HTTPMessage {
    return this.#scanner.finishAtEnd(bytes, start, end);
  }

  /** Makes the parser ready for the next block. */
  reset(): void {
    this.#scanner.reset();
    this.#rules.violations = [];
  }
}
