import { FieldScanner, type ParseHeadersOptions } from './field-scanner.js';
import { checkTolerances, type Tolerance, type Violation } from './tolerance.js';
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
export class HeaderBlockParser extends FieldScanner {
  readonly #rules: TolerantRules;

  /**
   * A parser for one block after the other.
   *
   * @throws RangeError for a limit out of range, TypeError for a rule that is none.
   */
  constructor(options: HeaderBlockParserOptions = {}) {
    const { tolerate = [], where } = options;
    checkTolerances(tolerate);
    const rules = new TolerantRules(tolerate, where === 'trailers');
    super(options, rules);
    this.#rules = rules;
  }

  /** What was tolerated in this block; offsets count from its first byte. One for each rule and line at most. */
  get violations(): readonly Violation[] {
    return this.#rules.violations;
  }

  /** Makes the parser ready for the next block. */
  override reset(): void {
    super.reset();
    this.#rules.violations = [];
  }
}
