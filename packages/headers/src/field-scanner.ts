import { checkInteger, checkOptionNames, checkType, IncompleteRead, lineTooLong } from '@http-client/errors';
import { decodeLatin1 } from '@http-client/io';

import { FieldBlock, SPAN } from './field-block.js';
import { CR, isWhitespace, LF, TOKEN_BYTE, trimWhitespace } from './grammar.js';
import { findFault, invalidHeader } from './line-rules.js';
import { HTTPMessage } from './message.js';
import { parseAsReference, tooManyHeaders } from './reference-parser.js';

/** The largest index that the scanner's loops count to, since they keep it within 32 bits: 2 GiB. */
const MAX_INDEX = 0x7fff_ffff;

/** How field lines are limited and validated. */
export interface ParseHeadersOptions {
  /**
   * The maximum number of field lines, including continuation lines, not the blank line; 100, as in the reference. With
   * `strict` off, lines that end in a bare CR count as well.
   */
  maxHeaders?: number | undefined;
  /** The maximum length of a line in bytes, including its line ending; 65,536, as in the reference. At least 2. */
  maxLineLength?: number | undefined;
  /** Whether to validate against RFC 9110 and RFC 9112 (the default), or to be as lenient as Python's module. */
  strict?: boolean | undefined;
}

/**
 * Parses a block of field lines from bytes that arrive in pieces, without I/O and in linear time.
 *
 * The result is the same whatever the pieces: a line is validated when it is complete, or rejected as soon as it is
 * certain to exceed a limit.
 */
export class FieldScanner {
  /**
   * Called for a line that ends in a bare LF, which is at `offset` in the block.
   *
   * @internal
   */
  protected onBareLF: ((line: string, offset: number) => void) | undefined;
  readonly #maxHeaders: number;
  readonly #maxLineLength: number;
  /** If it is off, and some line is not plain, the whole block is parsed as by the reference at the end. */
  readonly #strict: boolean;
  #isPlain = true;

  // All positions kept between calls are relative to the first byte of the block: the caller's buffer may move.
  #line = 0;
  #at = 0;
  #lines = 0;
  /** Four numbers per field, `#size` in all; kept from block to block, so that it need not grow again. */
  readonly #spans: number[] = [];
  #size = 0;
  /** The values that are not a range of the block, by the index of their span. */
  #values = new Map<number, string>();
  /** `#size` when a line was last skipped: until it grows, a fold continues nothing. */
  #skippedAt = 0;

  /** `of` and `names` are for the message about an unknown option: what has them, and which they are. */
  constructor(options: ParseHeadersOptions, of: string, names: object) {
    checkOptionNames(options, of, names);
    const { maxHeaders = 100, maxLineLength = 65_536, strict } = options;
    this.#maxHeaders = checkInteger(maxHeaders, 'maxHeaders', 0);
    // A blank line has two bytes.
    this.#maxLineLength = checkInteger(maxLineLength, 'maxLineLength', 2);
    // Any other value that counts as false would be taken for it by some, and not by others.
    checkType(strict, 'strict', 'boolean');
    this.#strict = strict !== false;
  }

  /**
   * Scans the bytes that arrived since the last call.
   *
   * @param start where the block begins: the same byte in each call, though the buffer may have moved.
   * @returns the index just after the blank line, or -1 if it has not arrived.
   * @throws InvalidHeader, LineTooLong, TooManyHeaders; InvalidChunk for a bare LF in trailers.
   */
  scan(bytes: Uint8Array, start: number, end: number): number {
    if (end > MAX_INDEX) {
      const found = this.scan(bytes.subarray(start, start + MAX_INDEX), 0, Math.min(end - start, MAX_INDEX));
      return found < 0 ? found : start + found;
    }
    let line = start + this.#line;
    let at = start + this.#at;
    for (;;) {
      // Nearly every line is plain and arrives whole: it is parsed in one pass. Any other is scanned once more.
      if (at === line) line = at = this.#takePlain(bytes, start, line, end);
      while (at < end && bytes[at] !== LF) at++;
      const length = at - line;
      // Neither the blank line, nor the CR that may begin it.
      const isField = length > 1 || (length === 1 && bytes[line] !== CR);
      if (isField && this.#lines === this.#maxHeaders) {
        throw tooManyHeaders(this.#maxHeaders);
      }
      if (length >= this.#maxLineLength) {
        const limit = this.#maxLineLength;
        throw lineTooLong('header line', limit, decodeLatin1(bytes, line, line + limit));
      }
      this.#line = line - start;
      this.#at = at - start;
      if (at === end) return -1;
      if (isField) {
        this.#lines++;
        this.#readOther(bytes, start, line, bytes[at - 1] === CR ? at - 1 : at);
      }
      if (length === 0 || bytes[at - 1] !== CR) this.onBareLF?.(decodeLatin1(bytes, line, at), at - start);
      line = ++at;
      if (!isField) return at;
    }
  }

  /**
   * Takes the lines from `first` on that are complete and plain, without creating a string, an object or a closure for
   * them. Returns the index after the last of them. With `strict` off, plain lines are those in which the reference
   * sees the same field: without whitespace after the value, which it keeps.
   */
  #takePlain(bytes: Uint8Array, start: number, first: number, end: number): number {
    // Locals: constants of the module and fields of the object are loaded at each use, which takes a quarter longer.
    const htab = 0x09;
    const lf = 0x0a;
    const cr = 0x0d;
    const sp = 0x20;
    const colonByte = 0x3a;
    const span = SPAN;
    const spans = this.#spans;
    const longest = this.#maxLineLength;
    const strict = this.#strict;
    const room = this.#maxHeaders - this.#lines;
    let size = this.#size;
    let line = first | 0;
    let taken = 0;
    for (; taken < room; taken++) {
      const colon = passToken(bytes, line, end) | 0;
      if (colon === line || colon === end || bytes[colon] !== colonByte) break;
      let from = (colon + 1) | 0;
      while (from < end && (bytes[from] === sp || bytes[from] === htab)) from = (from + 1) | 0;
      let at = passText(bytes, from, end) | 0;
      while (at < end && bytes[at] === htab) at = passText(bytes, (at + 1) | 0, end) | 0;
      let to = at;
      while (to > from && (bytes[(to - 1) | 0] === sp || bytes[(to - 1) | 0] === htab)) to = (to - 1) | 0;
      if (to !== at && !strict) break;
      if (at < end && bytes[at] === cr) at = (at + 1) | 0;
      else if (this.onBareLF !== undefined) break;
      if (at >= end || bytes[at] !== lf || at - line >= longest) break;
      spans[size] = (line - start) | 0;
      spans[size + 1] = (colon - start) | 0;
      spans[size + 2] = (from - start) | 0;
      spans[size + 3] = (to - start) | 0;
      size = (size + span) | 0;
      line = (at + 1) | 0;
    }
    this.#size = size;
    this.#lines += taken;
    return line;
  }

  /**
   * Returns a line that is not a plain `name: value` as it is to be parsed, or `''` if it is to be skipped, or throws.
   * Of RFC 9112, section 5, only obsolete folding is tolerated.
   *
   * @param line without its line ending, never empty.
   * @param _offset of the line in the block.
   * @param continues whether there is a field that a fold would continue.
   * @internal
   */
  protected judge(line: string, _offset: number, continues: boolean): string {
    const fault = findFault(line, continues);
    if (fault !== undefined) throw invalidHeader(line, fault);
    return line;
  }

  /** Takes any other line, up to its line ending at `end`. */
  #readOther(bytes: Uint8Array, start: number, line: number, end: number): void {
    if (!this.#strict) {
      this.#isPlain = false;
      return;
    }
    const offset = line - start;
    const text = this.judge(decodeLatin1(bytes, line, end), offset, this.#size > this.#skippedAt);
    if (text === '') {
      this.#skippedAt = this.#size;
    } else if (isWhitespace(text, 0)) {
      const spans = this.#spans;
      const last = this.#size - SPAN;
      const value =
        this.#values.get(last) ?? decodeLatin1(bytes, start + spans[last + 2]!, start + spans[last + 3]!);
      this.#values.set(last, `${value} ${trimWhitespace(text)}`);
    } else {
      const length = text.indexOf(':');
      this.#values.set(this.#size, trimWhitespace(text.slice(length + 1)));
      this.#spans.splice(this.#size, SPAN, offset, offset + length, 0, 0);
      this.#size += SPAN;
    }
  }

  /** The fields, once `scan` has returned an end. The message keeps no reference to `bytes`. */
  finish(bytes: Uint8Array, start: number): HTTPMessage {
    let text = decodeLatin1(bytes, start, start + this.#line);
    if (!this.#isPlain) return new HTTPMessage(parseAsReference(text, this.#maxHeaders));
    // A copy: the message may add to them.
    const spans = this.#spans.slice(0, this.#size);
    // Values that are not a range of the block are appended to it, so that every field is two ranges of one text.
    if (this.#values.size > 0) {
      for (const [span, value] of this.#values) {
        spans[span + 2] = text.length;
        text += trimWhitespace(value);
        spans[span + 3] = text.length;
      }
    }
    return new HTTPMessage(new FieldBlock(text, spans));
  }

  /**
   * The fields, if the stream ends before the blank line: with `strict: false` the block ends there.
   *
   * @throws IncompleteRead in strict mode, with a copy of the block so far as `partial`.
   */
  finishAtEnd(bytes: Uint8Array, start: number, end: number): HTTPMessage {
    if (!this.#strict) {
      this.#line = end - start;
      this.#isPlain = false;
      return this.finish(bytes, start);
    }
    throw new IncompleteRead('Cannot read the field lines: the stream ended before their blank line', {
      partial: new Uint8Array(bytes.subarray(start, end)),
    });
  }

  /** Prepares the scanner for the next block. */
  reset(): void {
    this.#line = this.#at = this.#lines = this.#skippedAt = this.#size = 0;
    this.#isPlain = true;
    // Clearing an empty map would allocate a new table.
    if (this.#values.size > 0) this.#values.clear();
  }
}

// Indices are kept within 32 bits (`| 0`), so that V8 need not check them for overflow, and the loops are unrolled to
// four bytes per iteration, since it checks the array and its interrupt flag in each. Together, a head of 716 bytes
// takes a quarter less time.

/** The index of the first byte that is not a token character (RFC 9110, section 5.6.2), or `end`. */
const passToken = /* @__PURE__ */ tokenPasser(TOKEN_BYTE);

/** Creates the function for one table: the address of the table is then a constant, not loaded for each byte. */
function tokenPasser(table: Uint8Array): (bytes: Uint8Array, start: number, end: number) => number {
  return (bytes, start, end) => {
    const last = (end - 3) | 0;
    let at = start;
    for (; at < last; at = (at + 4) | 0) {
      if (table[bytes[at]!] !== 1) return at;
      if (table[bytes[(at + 1) | 0]!] !== 1) return (at + 1) | 0;
      if (table[bytes[(at + 2) | 0]!] !== 1) return (at + 2) | 0;
      if (table[bytes[(at + 3) | 0]!] !== 1) return (at + 3) | 0;
    }
    while (at < end && table[bytes[at]!] === 1) at = (at + 1) | 0;
    return at;
  };
}

/** The index of the first control character, HTAB and DEL included, or `end`. */
function passText(bytes: Uint8Array, start: number, end: number): number {
  const sp = 0x20;
  const del = 0x7f;
  const last = (end - 3) | 0;
  let at = start;
  for (; at < last; at = (at + 4) | 0) {
    const a = bytes[at]!;
    const b = bytes[(at + 1) | 0]!;
    const c = bytes[(at + 2) | 0]!;
    const d = bytes[(at + 3) | 0]!;
    // If any of the differences is negative, so is their OR: that byte is less than SP.
    if (((a - sp) | (b - sp) | (c - sp) | (d - sp)) < 0 || a === del || b === del || c === del || d === del) {
      if (a < sp || a === del) return at;
      if (b < sp || b === del) return (at + 1) | 0;
      return c < sp || c === del ? (at + 2) | 0 : (at + 3) | 0;
    }
  }
  while (at < end && bytes[at]! >= sp && bytes[at] !== del) at = (at + 1) | 0;
  return at;
}
