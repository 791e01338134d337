import { InvalidHeader, quote } from '@http-client/errors';

import { isWhitespace, NOT_A_TOKEN, trimTrailingWhitespace } from './grammar.js';
import type { Tolerance } from './tolerance.js';

/** What is wrong with a line. */
interface Fault {
  detail: string;
  /** Its index in the line. */
  at: number;
  /** The tolerance that accepts it; absent if none does. */
  rule?: Tolerance;
}

/** The first fault of a complete line. */
export function findFault(line: string, continues: boolean): Fault | undefined {
  const control = /[^\t -~\x80-\xff]/.exec(line);
  if (control?.[0] === '\r') return fault(control.index, 'a bare CR (RFC 9112, section 2.2)', 'bare-cr');
  if (control !== null) return { at: control.index, detail: 'a control character (RFC 9110, section 5.5)' };
  if (isWhitespace(line, 0)) return continues ? undefined : fault(0, 'it continues no field');
  const colon = line.indexOf(':');
  if (colon < 1) return fault(0, colon < 0 ? 'no colon' : 'an empty name');
  const name = trimTrailingWhitespace(line.slice(0, colon));
  const at = name.search(NOT_A_TOKEN);
  if (at >= 0) return fault(at, 'a name that is not a token (RFC 9110, section 5.1)');
  if (name.length === colon) return undefined;
  return fault(name.length, 'whitespace before the colon (RFC 9112, section 5.1)', 'space-before-colon');
}

function fault(at: number, detail: string, rule: Tolerance = 'malformed-field-line'): Fault {
  return { at, detail, rule };
}

export function invalidHeader(line: string, { detail, at }: Fault): InvalidHeader {
  return new InvalidHeader(`Cannot accept a field line: ${detail}: ${quoteAt(line, at)}`, {
    line: line.slice(0, 200),
  });
}

/** Quotes a line, and what is at index `at` in it if truncation hides that. */
export function quoteAt(line: string, at: number): string {
  return quote(line) + (at < 80 ? '' : `, at index ${at}: ${quote(line.slice(at), 20)}`);
}
