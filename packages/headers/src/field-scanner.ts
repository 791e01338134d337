import { IncompleteRead, LineTooLong, TooManyHeaders } from '@http-client/errors';
import { decodeLatin1 } from '@http-client/io';

import { FieldBlock, SPAN } from './field-block.js';
import { BYTE_CLASS, COLON, CR, FIELD_BYTE, isBlank, LF, TOKEN, trimBlanks } from './grammar.js';
import { type LineRules, STRICT_RULES } from './line-rules.js';
import { HTTPMessage } from './message.js';
import { parseAsReference } from './reference-parser.js';

export interface ParseHeadersOptions {
  /** The most field lines, continuation lines counted, the blank line not; 100, as in the reference. */
  maxHeaders?: number | undefined;
  /** The most bytes of a line, its line end counted; 65,536, as in the reference, and 2 at least. */
  maxLineLength?: number | undefined;
  /** By RFC 9110 and RFC 9112 (the default), or with the leniency of Python's module. */
  strict?: boolean | undefined;
}

/**
 * Reads a block of field lines from bytes that come in pieces, without I/O and without looking at a line twice.
 *
 * The verdict is the same whatever the pieces: a line is judged when it is complete, or as soon as it is certain to
 * exceed a limit.
 */
export class FieldScanner {
  readonly #maxHeaders: number;
  readonly #maxLineLength: number;
  /** Absent where strict is off: then lines are counted and measured alone, and read as the reference does at the end. */
  readonly #rules: LineRules | undefined;

  // All positions kept between calls count from the first byte of the block: the caller's buffer may move.
  #line = 0;
  #at = 0;
  #lines = 0;
  #spans: number[] = [];
  /** The values that are no range of the block, by the index of their span. */
  #values = new Map<number, string>();
  /** How many spans there were when a line was last skipped: while there are no more, a fold continues nothing. */
  #skippedAt = 0;

  constructor(options: ParseHeadersOptions = {}, rules = STRICT_RULES) {
    const { maxHeaders = 100, maxLineLength = 65_536, strict = true } = options;
    this.#maxHeaders = checkInteger('maxHeaders', maxHeaders, 0);
    // A blank line has two bytes.
    this.#maxLineLength = checkInteger('maxLineLength', maxLineLength, 2);
    this.#rules = strict ? rules : undefined;
  }

  /** As {@link HeaderBlockParser.scan}. */
  scan(bytes: Uint8Array, start: number, end: number): number {
    let line = start + this.#line;
    let at = start + this.#at;
    for (;;) {
      while (at < end && bytes[at] !== LF) at++;
      const length = at - line;
      // Not the blank line, nor the CR that may begin it.
      const isField = length > 1 || (length === 1 && bytes[line] !== CR);
      if (isField && this.#lines === this.#maxHeaders) {
        const limit = this.#maxHeaders;
        throw new TooManyHeaders(`Cannot accept more than ${limit} field lines`, { limit });
      }
      if (length >= this.#maxLineLength) {
        const limit = this.#maxLineLength;
        const what = 'header line';
        throw new LineTooLong(`Cannot accept a ${what} of more than ${limit} bytes`, { what, limit });
      }
      if (at === end || !isField) {
        this.#line = line - start;
        this.#at = at - start;
        if (at === end) return -1;
      }
      if (isField) {
        this.#lines++;
        if (this.#rules !== undefined) this.#readLine(this.#rules, bytes, start, line, at);
      }
      if (this.#rules?.onBareLF !== undefined && (length === 0 || bytes[at - 1] !== CR)) {
        this.#rules.onBareLF(decodeLatin1(bytes, line, at), at - start);
      }
      line = ++at;
      if (!isField) return at;
    }
  }

  /** The line that ends in the LF at `end`; the plain one without a string, an object or a closure made for it. */
  #readLine(rules: LineRules, bytes: Uint8Array, start: number, line: number, end: number): void {
    const spans = this.#spans;
    const lineEnd = bytes[end - 1] === CR ? end - 1 : end;
    let colon = line;
    while ((BYTE_CLASS[bytes[colon]!]! & TOKEN) !== 0) colon++;
    if (bytes[colon] === COLON && colon > line) {
      let from = colon + 1;
      while (from < lineEnd && isBlank(bytes[from])) from++;
      let to = from;
      while ((BYTE_CLASS[bytes[to]!]! & FIELD_BYTE) !== 0) to++;
      if (to === lineEnd) {
        while (to > from && isBlank(bytes[to - 1])) to--;
        spans.push(line - start, colon - start, from - start, to - start);
        return;
      }
    }
    const offset = line - start;
    const text = rules.judge(decodeLatin1(bytes, line, lineEnd), offset, spans.length > this.#skippedAt);
    if (text === '') {
      this.#skippedAt = spans.length;
    } else if (isBlank(text.charCodeAt(0))) {
      const last = spans.length - SPAN;
      const value =
        this.#values.get(last) ?? decodeLatin1(bytes, start + spans[last + 2]!, start + spans[last + 3]!);
      // One space for each fold, never trimmed here: the whole is, once.
      this.#values.set(last, `${value} ${trimBlanks(text)}`);
    } else {
      const length = text.indexOf(':');
      this.#values.set(spans.length, text.slice(length + 1));
      spans.push(offset, offset + length, 0, 0);
    }
  }

  /** As {@link HeaderBlockParser.finish}. */
  finish(bytes: Uint8Array, start: number): HTTPMessage {
    let text = decodeLatin1(bytes, start, start + this.#line);
    if (this.#rules === undefined) return new HTTPMessage(parseAsReference(text));
    const spans = this.#spans;
    // What is no range of the block is put behind it, so that every field is two ranges of one text.
    for (const [span, value] of this.#values) {
      spans[span + 2] = text.length;
      text += trimBlanks(value);
      spans[span + 3] = text.length;
    }
    return new HTTPMessage(new FieldBlock(text, spans));
  }

  /** As {@link HeaderBlockParser.finishAtEnd}. */
  finishAtEnd(bytes: Uint8Array, start: number, end: number): HTTPMessage {
    if (this.#rules === undefined) return new HTTPMessage(parseAsReference(decodeLatin1(bytes, start, end)));
    throw new IncompleteRead('Cannot read the field lines: the stream ended before their blank line', {
      partial: new Uint8Array(bytes.subarray(start, end)),
    });
  }

  /** Makes the scanner ready for the next block. */
  reset(): void {
    this.#line = this.#at = this.#lines = this.#skippedAt = 0;
    this.#spans = [];
    this.#values.clear();
  }
}

export function checkInteger(name: string, value: number, least: number, most = Infinity): number {
  if (typeof value !== 'number')
    throw new TypeError(`Cannot use ${String(value)} as ${name}: it is no number`);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`Cannot use ${value} as ${name}: it is no whole number from ${least} to ${most}`);
}
