import { checkInteger, IncompleteRead, LineTooLong, quote, TooManyHeaders } from '@http-client/errors';
import { decodeLatin1 } from '@http-client/io';

import { FieldBlock, SPAN } from './field-block.js';
import { CR, isBlank, LF, TOKEN_BYTE, trimBlanks } from './grammar.js';
import { type LineRules, STRICT_RULES } from './line-rules.js';
import { HTTPMessage } from './message.js';
import { parseAsReference } from './reference-parser.js';

/** The largest index that the scanner's loops count to: 2 GiB, which only views of larger arrays exceed. */
const MAX_INDEX = 0x7fff_ffff;

/** How field lines are bounded and judged. */
export interface ParseHeadersOptions {
  /** The most field lines, continuation lines counted, the blank line not; 100, as in the reference. */
  maxHeaders?: number | undefined;
  /** The most bytes of a line, its line end counted; 65,536, as in the reference, and 2 at least. */
  maxLineLength?: number | undefined;
  /** By RFC 9110 and RFC 9112 (the default), or with the leniency of Python's module. */
  strict?: boolean | undefined;
}

/**
 * Reads a block of field lines from bytes that come in pieces, without I/O, in work linear in them.
 *
 * The verdict is the same whatever the pieces: a line is judged when it is complete, or as soon as it is certain to
 * exceed a limit.
 */
export class FieldScanner {
  readonly #maxHeaders: number;
  readonly #maxLineLength: number;
  /** Absent where strict is off: then lines are counted and measured alone, and read as the reference does at the end. */
  readonly #rules: LineRules | undefined;
  /** Whether a bare LF is for the rules to judge. */
  readonly #crlfOnly: boolean;

  // All positions kept between calls count from the first byte of the block: the caller's buffer may move.
  #line = 0;
  #at = 0;
  #lines = 0;
  /** Four numbers a field, `#size` in all; kept from block to block, so that it need not grow again. */
  readonly #spans: number[] = [];
  #size = 0;
  /** The values that are no range of the block, by the index of their span. */
  #values = new Map<number, string>();
  /** How many spans there were when a line was last skipped: while there are no more, a fold continues nothing. */
  #skippedAt = 0;

  constructor(options: ParseHeadersOptions = {}, rules = STRICT_RULES) {
    const { maxHeaders = 100, maxLineLength = 65_536, strict } = options;
    this.#maxHeaders = checkInteger(maxHeaders, 'maxHeaders', 0);
    // A blank line has two bytes.
    this.#maxLineLength = checkInteger(maxLineLength, 'maxLineLength', 2);
    // Nothing but false itself turns it off.
    this.#rules = strict === false ? undefined : rules;
    this.#crlfOnly = this.#rules?.onBareLF !== undefined;
  }

  /**
   * Looks at the bytes that came since the last call.
   *
   * @param start where the block begins: the same byte in each call, though the buffer may have moved.
   * @returns the index just behind the blank line, or -1 while it has not come.
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
      // Nearly every line is plain and comes in one piece: it is read in one pass. Any other is looked at once more.
      if (at === line && this.#rules !== undefined) line = at = this.#takePlain(bytes, start, line, end);
      while (at < end && bytes[at] !== LF) at++;
      const length = at - line;
      // Not the blank line, nor the CR that may begin it.
      const isField = length > 1 || (length === 1 && bytes[line] !== CR);
      if (isField && this.#lines === this.#maxHeaders) {
        const limit = this.#maxHeaders;
        const option = 'maxHeaders or maxTrailers; maxResponseHeaders of a connection';
        throw new TooManyHeaders(`Cannot accept more than ${limit} field lines (${option})`, { limit });
      }
      if (length >= this.#maxLineLength) {
        const limit = this.#maxLineLength;
        const what = 'header line';
        const begin = quote(decodeLatin1(bytes, line, Math.min(at, line + limit)), 40);
        throw new LineTooLong(`Cannot accept a ${what} of more than ${limit} bytes: ${begin}`, {
          what,
          limit,
        });
      }
      if (at === end || !isField) {
        this.#line = line - start;
        this.#at = at - start;
        if (at === end) return -1;
      }
      if (isField) {
        this.#lines++;
        this.#readOther(bytes, start, line, bytes[at - 1] === CR ? at - 1 : at);
      }
      if (length === 0 || bytes[at - 1] !== CR) {
        this.#rules?.onBareLF?.(decodeLatin1(bytes, line, at), at - start);
      }
      line = ++at;
      if (!isField) return at;
    }
  }

  /**
   * Takes the lines from `line` on that are all there and in order, without a string, an object or a closure made for
   * them. Gives the index behind the last of them.
   */
  #takePlain(bytes: Uint8Array, start: number, first: number, end: number): number {
    // Of this function, and not the module's or the object's: those are looked up at each use, which takes a quarter more.
    const htab = 0x09;
    const lf = 0x0a;
    const cr = 0x0d;
    const sp = 0x20;
    const colonByte = 0x3a;
    const span = SPAN;
    const spans = this.#spans;
    const longest = this.#maxLineLength;
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
      if (at < end && bytes[at] === cr) at = (at + 1) | 0;
      else if (this.#crlfOnly) break;
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

  /** Takes any other line, up to its line end at `end`, as the rules have it. */
  #readOther(bytes: Uint8Array, start: number, line: number, end: number): void {
    if (this.#rules === undefined) return;
    const spans = this.#spans;
    const offset = line - start;
    const text = this.#rules.judge(decodeLatin1(bytes, line, end), offset, this.#size > this.#skippedAt);
    if (text === '') {
      this.#skippedAt = this.#size;
    } else if (isBlank(text.charCodeAt(0))) {
      const last = this.#size - SPAN;
      const value =
        this.#values.get(last) ?? decodeLatin1(bytes, start + spans[last + 2]!, start + spans[last + 3]!);
      this.#values.set(last, `${value} ${trimBlanks(text)}`);
    } else {
      const length = text.indexOf(':');
      this.#values.set(this.#size, trimBlanks(text.slice(length + 1)));
      spans.length = this.#size;
      spans.push(offset, offset + length, 0, 0);
      this.#size += SPAN;
    }
  }

  /** The fields, once `scan` gave an end. The message keeps nothing of `bytes`. */
  finish(bytes: Uint8Array, start: number): HTTPMessage {
    let text = decodeLatin1(bytes, start, start + this.#line);
    if (this.#rules === undefined) return new HTTPMessage(parseAsReference(text));
    // A copy: the message may add to them.
    const spans = this.#spans.slice(0, this.#size);
    // What is not a range of the block is put behind it, so that every field is two ranges of one text.
    if (this.#values.size > 0) {
      for (const [span, value] of this.#values) {
        spans[span + 2] = text.length;
        text += trimBlanks(value);
        spans[span + 3] = text.length;
      }
    }
    return new HTTPMessage(new FieldBlock(text, spans));
  }

  /**
   * What is left to do where the stream ends before the blank line: with `strict: false` the block ends there.
   *
   * @throws IncompleteRead, its `partial` a copy of the block so far.
   */
  finishAtEnd(bytes: Uint8Array, start: number, end: number): HTTPMessage {
    if (this.#rules === undefined) return new HTTPMessage(parseAsReference(decodeLatin1(bytes, start, end)));
    throw new IncompleteRead('Cannot read the field lines: the stream ended before their blank line', {
      partial: new Uint8Array(bytes.subarray(start, end)),
    });
  }

  /** Makes the scanner ready for the next block. */
  reset(): void {
    this.#line = this.#at = this.#lines = this.#skippedAt = this.#size = 0;
    // An empty map would be given a new table.
    if (this.#values.size > 0) this.#values.clear();
  }
}

// Indices are kept within 32 bits (`| 0`), so that V8 need not check them for overflow, and the loops are unrolled to four
// bytes per iteration, since it checks the array and its interrupt flag in each. Together that takes a quarter off a head
// of 716 bytes.

/** The index of the first byte that is not a token character (RFC 9110, section 5.6.2), or `end`. */
const passToken = /* @__PURE__ */ tokenPasser(TOKEN_BYTE);

/** A function for one table: its place is a constant of that function, and looked up at no byte. */
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

/** The index of the first control character, HTAB and DEL counted, or `end`. */
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
    // One of them is less than SP where one of the differences is negative.
    if (((a - sp) | (b - sp) | (c - sp) | (d - sp)) < 0 || a === del || b === del || c === del || d === del) {
      if (a < sp || a === del) return at;
      if (b < sp || b === del) return (at + 1) | 0;
      return c < sp || c === del ? (at + 2) | 0 : (at + 3) | 0;
    }
  }
  while (at < end && bytes[at]! >= sp && bytes[at] !== del) at = (at + 1) | 0;
  return at;
}
