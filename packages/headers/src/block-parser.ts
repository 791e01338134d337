import { cannotUse, InvalidChunk, quote, type OptionNames } from '@http-client/errors';

import { FieldScanner, type ParseHeadersOptions } from './field-scanner.js';
import { isWhitespace } from './grammar.js';
import { findFault, invalidHeader } from './line-rules.js';
import { checkTolerances, type Tolerance, type Violation } from './tolerance.js';

/** What a {@link HeaderBlockParser} parses, and how it validates. */
export interface HeaderBlockParserOptions extends ParseHeadersOptions {
  /**
   * Rules of strict parsing to relax, none by default: `bare-cr`, `space-before-colon`, `malformed-field-line`, and in
   * trailers `bare-lf-in-chunks`. The others concern other parts of a message, and have no effect here.
   */
  tolerate?: readonly Tolerance[] | undefined;
  /**
   * Where the fields are; `'headers'` by default. In trailers a bare LF is not a line ending, since they are part of
   * the chunked framing.
   */
  where?: 'headers' | 'trailers' | undefined;
}

const OPTION_NAMES: OptionNames<HeaderBlockParserOptions> = {
  maxHeaders: true,
  maxLineLength: true,
  strict: true,
  tolerate: true,
  where: true,
};

/**
 * Parses blocks of field lines, one after another, from bytes that arrive in pieces, without I/O, and lists what it
 * tolerated.
 *
 * Call `scan` until it returns an end, then `finish`, and `reset` before the next block. After an error, only `reset`
 * may be called. The result is the same whatever the pieces: a line is validated when it is complete, or rejected as
 * soon as it is certain to exceed a limit.
 *
 * The rules are relaxed so that no framing can be smuggled past them:
 * - `bare-cr`: each CR that is not followed by LF counts as a space (RFC 9112, section 2.2), and the line is then
 *   validated as if it had arrived so. Other control characters are never tolerated.
 * - `space-before-colon`: whitespace between name and colon is dropped.
 * - `malformed-field-line`: a line without a colon, with an empty name, with a name that is not a token, or a fold that
 *   continues nothing, is skipped. So are its continuation lines, which would otherwise extend the field before it. A
 *   line that mentions Content-Length or Transfer-Encoding is still rejected: another recipient may take it for that
 *   field. A name that is a token except for trailing whitespace is covered by `space-before-colon` alone.
 * - `bare-lf-in-chunks`: a trailer line may end in a bare LF.
 *
 * @example
 * const parser = new HeaderBlockParser({ tolerate: ['space-before-colon'] });
 * const end = parser.scan(bytes, 0, bytes.length); // -1: more bytes are needed
 * if (end >= 0) return parser.finish(bytes, 0);
 */
export class HeaderBlockParser extends FieldScanner {
  readonly #tolerate: readonly Tolerance[];
  #violations: Violation[] = [];

  /**
   * Creates a parser for any number of blocks.
   *
   * @throws RangeError for a limit out of range; TypeError for an unknown rule, option or place, a limit that is not a
   * number and a `strict` that is not a boolean.
   */
  constructor(options: HeaderBlockParserOptions = {}) {
    super(options, 'HeaderBlockParser', OPTION_NAMES);
    const { tolerate, where = 'headers', strict } = options;
    this.#tolerate = checkTolerances(tolerate);
    if (!['headers', 'trailers'].includes(where)) {
      throw cannotUse(where, 'where', "expected 'headers' or 'trailers'");
    }
    if (where === 'trailers' && strict !== false) {
      this.onBareLF = (line, offset) => {
        this.#judgeBareLF(line, offset);
      };
    }
  }

  /** What was tolerated in this block; offsets are relative to its first byte. At most one per rule and line. */
  get violations(): readonly Violation[] {
    return this.#violations;
  }

  /** Prepares the parser for the next block. */
  override reset(): void {
    super.reset();
    this.#violations = [];
  }

  /** @internal */
  protected override judge(received: string, offset: number, continues: boolean): string {
    let line = received;
    for (let fault; (fault = findFault(line, continues)) !== undefined;) {
      const { rule, at, detail } = fault;
      const smuggles = rule === 'malformed-field-line' && mentionsFraming(line);
      if (rule === undefined || smuggles || !this.#tolerate.includes(rule))
        throw invalidHeader(received, fault);
      this.#list(rule, offset + at, detail, received);
      if (rule === 'malformed-field-line') return '';
      line =
        rule === 'bare-cr' ? line.replaceAll('\r', ' ') : line.slice(0, at) + line.slice(line.indexOf(':'));
    }
    if (isWhitespace(line, 0)) this.#list('obsolete-fold', offset, 'an obsolete fold', received);
    return line;
  }

  #judgeBareLF(line: string, offset: number): void {
    const detail = 'a bare LF (RFC 9112, section 7.1)';
    if (!this.#tolerate.includes('bare-lf-in-chunks')) {
      const message = `Cannot accept a trailer line: ${detail}: ${quote(line)}`;
      throw new InvalidChunk(message, { line: line.slice(0, 200) });
    }
    this.#list('bare-lf-in-chunks', offset, detail, line);
  }

  #list(rule: Tolerance, offset: number, detail: string, line: string): void {
    this.#violations.push({ rule, offset, detail: `${detail}: ${quote(line)}` });
  }
}

/** Whether a line contains the name of a framing field, whatever is between its letters. */
function mentionsFraming(line: string): boolean {
  return /contentlength|transferencoding/.test(line.toLowerCase().replace(/[^a-z]/g, ''));
}
