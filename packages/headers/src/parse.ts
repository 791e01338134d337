import { checkBytes, checkInteger, type OptionNames } from '@http-client/errors';
import { nameOf, type ByteReader } from '@http-client/io';

import { FieldScanner, type ParseHeadersOptions } from './field-scanner.js';
import { CR, LF } from './grammar.js';
import type { HTTPMessage } from './message.js';

const OPTION_NAMES: OptionNames<ParseHeadersOptions> = {
  maxHeaders: true,
  maxLineLength: true,
  strict: true,
};

/** A constant too: made by each call, it takes twice as long as parsing. Not by a spread, which a bundle would keep. */
const BLOCK_OPTION_NAMES: OptionNames<ParseHeadersOptions & { start: number }> = {
  maxHeaders: true,
  maxLineLength: true,
  strict: true,
  start: true,
};

/**
 * Reads field lines up to and including the blank line; the start line must have been consumed before. Afterwards `fp`
 * is at the first byte of the body. If this rejects, the position of `fp` is unspecified.
 *
 * @throws InvalidHeader, LineTooLong, TooManyHeaders; IncompleteRead if the stream ends before the blank line.
 * With `strict: false` it is no error: the fields end there as well. TypeError for anything but a `ByteReader`, and for
 * invalid or unknown options; RangeError for a limit out of range. What the source of `fp` throws.
 */
export async function parseHeaders(fp: ByteReader, options: ParseHeadersOptions = {}): Promise<HTTPMessage> {
  if (typeof (fp as Partial<ByteReader> | undefined)?.skip !== 'function') {
    throw new TypeError(
      `Cannot parse headers from ${nameOf(fp)}: expected a ByteReader (parseHeaderBlock takes bytes)`,
    );
  }
  const parser = new FieldScanner(options, 'parseHeaders', OPTION_NAMES);
  for (;;) {
    const bytes = fp.buffered;
    const end = parser.scan(bytes, 0, bytes.length);
    if (end >= 0) {
      const headers = parser.finish(bytes, 0);
      fp.skip(end);
      return headers;
    }
    if (!(await fp.fill())) {
      const rest = fp.buffered;
      const headers = parser.finishAtEnd(rest, 0, rest.length);
      fp.skip(rest.length);
      return headers;
    }
  }
}

/**
 * Parses a block of field lines that begins at `start`; `end` is the index just after its blank line. Returns undefined
 * if the blank line has not arrived: pass bytes that arrive in pieces to {@link findHeaderEnd} first, which does not
 * examine them twice. The message keeps no reference to `bytes`.
 *
 * @throws InvalidHeader, LineTooLong, TooManyHeaders, as soon as they are certain. TypeError for anything but a
 * `Uint8Array`, and for invalid or unknown options; RangeError for a limit out of range, and a `start` beyond `bytes`.
 */
export function parseHeaderBlock(
  bytes: Uint8Array,
  options: ParseHeadersOptions & { start?: number | undefined } = {},
): { headers: HTTPMessage; end: number } | undefined {
  checkBytes(bytes, 'a header block');
  const parser = new FieldScanner(options, 'parseHeaderBlock', BLOCK_OPTION_NAMES);
  const { start = 0 } = options;
  checkInteger(start, 'start', 0, bytes.length);
  const end = parser.scan(bytes, start, bytes.length);
  return end < 0 ? undefined : { headers: parser.finish(bytes, start), end };
}

/**
 * The index just after the blank line that ends the block of field lines, or undefined if it has not arrived. Lines
 * end in CRLF or LF; a block that begins with the blank line ends right after it.
 *
 * Looks for line endings from index `from` on, and at most two bytes before it, so the length at the previous call may
 * be passed; any smaller index from the block's first byte on is equally correct. The fields are not validated.
 *
 * @throws RangeError for a negative or fractional index, TypeError for anything but bytes and a number.
 *
 * @example
 * findHeaderEnd(bytes);                 // undefined: 'A: 1\r\n\r' has arrived
 * findHeaderEnd(longer, bytes.length);  // 8: the LF has arrived, and perhaps more
 */
export function findHeaderEnd(bytes: Uint8Array, from = 0): number | undefined {
  checkBytes(bytes, 'a header block');
  checkInteger(from, 'from', 0);
  for (let at = bytes.indexOf(LF, from); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    const before = bytes[at - 1] === CR ? at - 2 : at - 1;
    if (before < 0 || bytes[before] === LF) return at + 1;
  }
  return undefined;
}
