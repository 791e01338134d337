import { TooManyHeaders } from '@http-client/errors';

import { FieldBlock, type HeaderDefect } from './field-block.js';
import { isWhitespace, trimLeadingWhitespace, trimTrailingWhitespace } from './grammar.js';

/**
 * Parses a block as Python 3.13 does (`http.client.parse_headers`, and `email.feedparser` below it), which finds the
 * end of the block by its LF lines and then splits the text again:
 * - CR ends a line too, and an empty line between two of them ends the fields: those after it are lost;
 * - so does a line that is neither a field nor a fold nor a `From ` line, such as one with a space before its colon. A
 *   name may be any visible ASCII characters except the colon;
 * - a line with an empty name is skipped; a fold after it, or at the very start, continues nothing;
 * - a `From ` line, the separator of a mailbox, is skipped: silently if it is the first or the last line;
 * - values keep trailing whitespace and all control characters.
 *
 * The reference then parses the rest as a body, which does not exist here. A fold becomes one space, where the
 * reference keeps the line break in the value. The reference counts only the lines that LF ends: a line of 64 KiB could
 * have 20,000 fields in it.
 *
 * @throws TooManyHeaders for more than `maxHeaders` lines, including those that end in CR.
 */
export function parseAsReference(text: string, maxHeaders: number): FieldBlock {
  const defects: HeaderDefect[] = [];
  const block = new FieldBlock('', [], defects);
  let name = '';
  let value = '';
  let lastLine = '';
  let separator = '';
  const endField = (): void => {
    if (name !== '') block.push(name, value + lastLine);
    name = value = '';
  };

  // One more than is accepted: `split` takes no larger limit than 2^32 - 1.
  const lines = text.split(/\r\n|[\r\n]/, Math.min(maxHeaders + 1, 0xffff_ffff));
  for (const [index, line] of lines.entries()) {
    const field = /^([!-9;-~]*):[ \t]*/.exec(line);
    const isFold = isWhitespace(line, 0);
    const isSeparator = line.startsWith('From ');
    if (field === null && !isFold && !isSeparator) {
      if (line !== '') defects.unshift(defect(line, 'no field line: it ends the fields'));
      break;
    }
    if (index === maxHeaders) throw tooManyHeaders(maxHeaders);
    if (separator !== '') defects.push(defect(separator, 'a mailbox separator among the fields'));
    separator = '';
    if (isFold && name !== '') {
      value += trimTrailingWhitespace(lastLine) + ' ';
      lastLine = trimLeadingWhitespace(line);
      continue;
    }
    endField();
    if (isFold) {
      defects.push(defect(line, 'it continues no field'));
    } else if (isSeparator) {
      if (index > 0) separator = line;
    } else if (field![1] === '') {
      defects.push(defect(line, 'an empty name'));
    } else {
      name = field![1]!;
      lastLine = line.slice(field![0].length);
    }
  }
  endField();
  return block;
}

/** The error for a block of more than `limit` lines. */
export function tooManyHeaders(limit: number): TooManyHeaders {
  const option = 'maxHeaders or maxTrailers; maxResponseHeaders of a connection';
  return new TooManyHeaders(`Cannot accept more than ${limit} field lines (${option})`, { limit });
}

function defect(line: string, detail: string): HeaderDefect {
  return { line: line.slice(0, 200), detail };
}
