import { InvalidChunk, quote } from '@http-client/errors';

import { isWhitespace } from './grammar.js';
import { findFault, invalidHeader, type LineRules } from './line-rules.js';
import type { Tolerance, Violation } from './tolerance.js';

/**
 * The strict rules, except for those that are tolerated; each use of a tolerance is listed.
 *
 * They are relaxed so that no framing can be smuggled past them:
 * - `bare-cr`: each CR that is not followed by LF counts as a space (RFC 9112, section 2.2), and the line is then
 *   validated as if it had arrived so. Other control characters are never tolerated.
 * - `space-before-colon`: whitespace between name and colon is dropped.
 * - `malformed-field-line`: a line without a colon, with an empty name, with a name that is not a token, or a fold that
 *   continues nothing, is skipped. So are its continuation lines, which would otherwise extend the field before it. A
 *   line that mentions Content-Length or Transfer-Encoding is still rejected: another recipient may take it for that
 *   field. A name that is a token except for trailing whitespace is covered by `space-before-colon` alone.
 * - `bare-lf-in-chunks`: a trailer line may end in a bare LF.
 */
export class TolerantRules implements LineRules {
  /** At most one per rule and line, so their number is bounded by that of the lines. */
  violations: Violation[] = [];
  readonly onBareLF: LineRules['onBareLF'];
  readonly #tolerate: readonly Tolerance[];

  constructor(tolerate: readonly Tolerance[], inTrailers: boolean) {
    this.#tolerate = tolerate;
    if (inTrailers) {
      this.onBareLF = (line, offset) => {
        this.#judgeBareLF(line, offset);
      };
    }
  }

  judge(received: string, offset: number, continues: boolean): string {
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
    if (isWhitespace(line.charCodeAt(0))) this.#list('obsolete-fold', offset, 'an obsolete fold', received);
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
    this.violations.push({ rule, offset, detail: `${detail}: ${quote(line)}` });
  }
}

/** Whether a line contains the name of a framing field, whatever is between its letters. */
function mentionsFraming(line: string): boolean {
  return /contentlength|transferencoding/.test(line.toLowerCase().replace(/[^a-z]/g, ''));
}
