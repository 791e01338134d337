import { FieldScanner, type ParseHeadersOptions } from './field-scanner.js';
import { checkTolerances, type Tolerance, type Violation } from './tolerance.js';
import { TolerantRules } from './tolerant-rules.js';

/** What a {@link HeaderBlockParser} parses, and how it validates. */
export interface HeaderBlockParserOptions extends ParseHeadersOptions {
  /**
   * Rules of strict parsing to relax: `bare-cr`, `space-before-colon`, `malformed-field-line`, and in trailers
   * `bare-lf-in-chunks`. The others concern other parts of a message, and have no effect here.
   */
  tolerate?: readonly Tolerance[] | undefined;
  /** Where the fields are. In trailers a bare LF is not a line ending, since they are part of the chunked framing. */
  where?: 'headers' | 'trailers' | undefined;
}

/**
 * Parses blocks of field lines, one after another, from bytes that arrive in pieces, without I/O, and lists what it
 * tolerated.
 *
 * Call `scan` until it returns an end, then `finish`, and `reset` before the next block. After an error, only `reset`
 * may be called. The result is the same whatever the pieces: a line is validated when it is complete, or rejected as
 * soon as it is certain to exceed a limit.
 *
 * What a tolerance accepts is parsed so that no framing can be smuggled: a bare CR counts as a space; a malformed line
 * is skipped together with its folds, but is rejected if it mentions Content-Length or Transfer-Encoding.
 *
 * @example
 * const parser = new HeaderBlockParser({ tolerate: ['space-before-colon'] });
 * const end = parser.scan(bytes, 0, bytes.length); // -1: more bytes are needed
 * if (end >= 0) return parser.finish(bytes, 0);
 */
export class HeaderBlockParser extends FieldScanner {
  readonly #rules: TolerantRules;

  /**
   * Creates a parser for any number of blocks.
   *
   * @throws RangeError for a limit out of range, TypeError for an unknown rule and for a `strict` that is not a boolean.
   */
  constructor(options: HeaderBlockParserOptions = {}) {
    const { tolerate = [], where } = options;
    checkTolerances(tolerate);
    const rules = new TolerantRules(tolerate, where === 'trailers');
    super(options, rules);
    this.#rules = rules;
  }

  /** What was tolerated in this block; offsets are relative to its first byte. At most one per rule and line. */
  get violations(): readonly Violation[] {
    return this.#rules.violations;
  }

  /** Prepares the parser for the next block. */
  override reset(): void {
    super.reset();
    this.#rules.violations = [];
  }
}
