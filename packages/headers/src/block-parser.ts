import {
  IncompleteRead,
  InvalidChunk,
  InvalidHeader,
  LineTooLong,
  quote,
  TooManyHeaders,
} from '@http-client/errors';
import { decodeLatin1 } from '@http-client/io';

import { FieldBlock, SPAN } from './field-block.js';
import {
  BYTE_CLASS,
  COLON,
  CR,
  FIELD_BYTE,
  findNonToken,
  isBlank,
  LF,
  TOKEN,
  trimBlanks,
} from './grammar.js';
import { HTTPMessage } from './message.js';
import { parseAsReference } from './reference-parser.js';
import type { Tolerance, Violation } from './tolerance.js';

/** How many field lines a block may have, continuation lines too: the reference's number. */
const MAX_HEADERS = 100;
/** How many bytes a line may have, its line end counted: the reference's number. */
const MAX_LINE_LENGTH = 65_536;

export interface ParseHeadersOptions {
  /** The most field lines, continuation lines counted, the blank line not; 100. More are `TooManyHeaders`. */
  maxHeaders?: number | undefined;
  /** The most bytes of a line, its line end counted; 65,536. More are `LineTooLong`. */
  maxLineLength?: number | undefined;
  /** By RFC 9110 and RFC 9112 (the default), or with the leniency of Python's module. */
  strict?: boolean | undefined;
}

export interface HeaderBlockParserOptions extends ParseHeadersOptions {
  /** Rules of strict parsing to relax. */
  tolerate?: readonly Tolerance[] | undefined;
  /** In trailers a bare LF is no line end, since they are part of the chunked framing. */
  where?: 'headers' | 'trailers' | undefined;
}

/** Where in a line the scan stands. */
const LINE_START = 0;
const IN_NAME = 1;
const IN_VALUE = 2;
/** Something in the line is wrong; it is judged once it is complete. */
const BROKEN = 3;

/**
 * Reads a block of field lines from bytes that come in pieces, without I/O and without looking at a byte twice.
 *
 * `scan` until it gives an end, then `finish`; `reset` before the next block. After an error only `reset` is of use.
 * The verdict is the same whatever the pieces: a line is judged when it is complete, or as soon as it is certain to
 * exceed a limit.
 *
 * Tolerated rules are read so that no framing is smuggled past them:
 * - `bare-cr`: each CR that no LF follows counts as a space (RFC 9112, section 2.2), and the line is then judged as if
 *   it had come so. Other controls are never tolerated.
 * - `space-before-colon`: the blanks between name and colon are dropped.
 * - `malformed-field-line`: a line without colon, with an empty name or with a name that is no token is skipped, and so
 *   are its continuation lines, which would otherwise lengthen the field before it. A line that mentions
 *   Content-Length or Transfer-Encoding is not skipped but refused: another recipient may take it for that field. A
 *   name that is a token but for blanks behind it is the other rule's alone.
 */
export class HeaderBlockParser {
  readonly #maxHeaders: number;
  readonly #maxLineLength: number;
  readonly #strict: boolean;
  readonly #tolerate: readonly Tolerance[];
  readonly #inTrailers: boolean;

  // All positions kept between calls count from the first byte of the block: the caller's buffer may move.
  #phase = LINE_START;
  #line = 0;
  #at = 0;
  #colon = 0;
  #lines = 0;
  #spans: number[] = [];
  /** The parts of the values that are no range of the block, by the index of their span. */
  #parts = new Map<number, string[]>();
  /** How many spans there were when a line was last skipped: while there are no more, a fold continues nothing. */
  #skippedAt = 0;
  #violations: Violation[] = [];

  constructor(options: HeaderBlockParserOptions = {}) {
    this.#maxHeaders = limit('maxHeaders', options.maxHeaders, 0, MAX_HEADERS);
    this.#maxLineLength = limit('maxLineLength', options.maxLineLength, 1, MAX_LINE_LENGTH);
    this.#strict = options.strict ?? true;
    this.#tolerate = options.tolerate ?? [];
    this.#inTrailers = this.#strict && options.where === 'trailers';
  }

  /** What was tolerated in this block; offsets count from its first byte. One for each rule and line at most. */
  get violations(): readonly Violation[] {
    return this.#violations;
  }

  /**
   * Looks at the bytes that came since the last call.
   *
   * @param start where the block begins, the same byte in each call.
   * @returns the index just behind the blank line, or -1 while it has not come.
   * @throws InvalidHeader, LineTooLong, TooManyHeaders; InvalidChunk for a bare LF in trailers.
   */
  scan(bytes: Uint8Array, start: number, end: number): number {
    const spans = this.#spans;
    let phase = this.#phase;
    let line = start + this.#line;
    let at = start + this.#at;
    let colon = start + this.#colon;
    while (at < end) {
      if (phase === LINE_START) {
        const first = bytes[at]!;
        if (first === CR && at + 1 === end) break;
        if (first === LF || (first === CR && bytes[at + 1] === LF)) {
          const next = at + (first === LF ? 1 : 2);
          if (next - line > this.#maxLineLength) break;
          if (this.#inTrailers && first === LF) this.#judgeBareLF('', at - start);
          this.#line = line - start;
          return next;
        }
        if (this.#lines === this.#maxHeaders) {
          throw new TooManyHeaders(`Cannot accept more than ${this.#maxHeaders} field lines`, {
            limit: this.#maxHeaders,
          });
        }
        this.#lines++;
        colon = line;
        if (!this.#strict) phase = BROKEN;
        else phase = isBlank(first) ? IN_VALUE : IN_NAME;
      }
      if (phase === IN_NAME) {
        while (at < end && (BYTE_CLASS[bytes[at]!]! & TOKEN) !== 0) at++;
        if (at === end) break;
        if (bytes[at] === COLON && at > line) {
          colon = at++;
          phase = IN_VALUE;
        } else {
          phase = BROKEN;
        }
      }
      if (phase === IN_VALUE) {
        while (at < end && (BYTE_CLASS[bytes[at]!]! & FIELD_BYTE) !== 0) at++;
        if (at === end) break;
        if (bytes[at] === CR) {
          if (at + 1 === end) break;
          if (bytes[at + 1] === LF) at++;
        }
        if (bytes[at] !== LF) phase = BROKEN;
      }
      if (phase === BROKEN) {
        while (at < end && bytes[at] !== LF) at++;
        if (at === end) break;
      }

      // The line is complete: `at` is its LF.
      if (at + 1 - line > this.#maxLineLength) break;
      const lineEnd = bytes[at - 1] === CR ? at - 1 : at;
      if (phase === IN_VALUE && colon > line) {
        let from = colon + 1;
        let to = lineEnd;
        while (from < to && isBlank(bytes[from]!)) from++;
        while (from < to && isBlank(bytes[to - 1]!)) to--;
        spans.push(line - start, colon - start, from - start, to - start);
      } else if (this.#strict) {
        this.#judge(decodeLatin1(bytes, line, lineEnd), line - start, bytes, start);
      }
      if (this.#inTrailers && lineEnd === at)
        this.#judgeBareLF(decodeLatin1(bytes, line, lineEnd), at - start);
      line = ++at;
      phase = LINE_START;
    }
    if (end - line >= this.#maxLineLength) {
      const limit = this.#maxLineLength;
      throw new LineTooLong(`Cannot accept a field line of more than ${limit} bytes`, {
        what: 'header line',
        limit,
      });
    }
    this.#phase = phase;
    this.#line = line - start;
    this.#at = at - start;
    this.#colon = colon - start;
    return -1;
  }

  /** The fields that `scan` has seen the end of. Keeps nothing of `bytes`. */
  finish(bytes: Uint8Array, start: number): HTTPMessage {
    let text = decodeLatin1(bytes, start, start + this.#line);
    if (!this.#strict) return messageOf(parseAsReference(text));
    const spans = this.#spans;
    // What is no range of the block is put behind it, so that a field is always two ranges of one text.
    for (const [span, parts] of this.#parts) {
      spans[span + 2] = text.length;
      text += trimBlanks(parts.join(' '));
      spans[span + 3] = text.length;
    }
    return messageOf(new FieldBlock(text, spans));
  }

  /**
   * What is left to do where the stream ends before the blank line: with `strict: false` the block ends there.
   *
   * @throws IncompleteRead, its `partial` a copy of the block so far.
   */
  finishAtEnd(bytes: Uint8Array, start: number, end: number): HTTPMessage {
    if (!this.#strict) return messageOf(parseAsReference(decodeLatin1(bytes, start, end)));
    throw new IncompleteRead('Cannot read the field lines: the stream ended before their blank line', {
      partial: new Uint8Array(bytes.subarray(start, end)),
    });
  }

  /** Makes the parser ready for the next block. */
  reset(): void {
    this.#phase = LINE_START;
    this.#line = this.#at = this.#colon = this.#lines = this.#skippedAt = 0;
    this.#spans = [];
    this.#violations = [];
    this.#parts.clear();
  }

  /** A complete line that is no plain `name: value`: a fold, or something that only a tolerance lets through. */
  #judge(received: string, offset: number, bytes: Uint8Array, start: number): void {
    const spans = this.#spans;
    const cr = received.indexOf('\r');
    let line = received;
    if (cr >= 0) {
      this.#breach('bare-cr', received, offset + cr, 'a bare CR (RFC 9112, section 2.2)');
      line = received.replaceAll('\r', ' ');
    }
    for (let at = 0; at < line.length; at++) {
      if ((BYTE_CLASS[line.charCodeAt(at)]! & FIELD_BYTE) === 0)
        throw refusal(received, 'a control character');
    }
    if (isBlank(line.charCodeAt(0))) {
      if (spans.length === this.#skippedAt) {
        this.#skip(received, offset, 'it continues no field');
        return;
      }
      this.#violations.push({ rule: 'obsolete-fold', offset, detail: quote(received) });
      const last = spans.length - SPAN;
      let parts = this.#parts.get(last);
      if (parts === undefined) {
        parts = [decodeLatin1(bytes, start + spans[last + 2]!, start + spans[last + 3]!)];
        this.#parts.set(last, parts);
      }
      parts.push(trimBlanks(line));
      return;
    }
    const colon = line.indexOf(':');
    const name = trimBlanks(line.slice(0, Math.max(0, colon)));
    if (name === '' || findNonToken(name) >= 0) {
      const why = colon < 0 ? 'no colon' : name === '' ? 'an empty name' : 'a name that is no token';
      this.#skip(received, offset, why);
      return;
    }
    if (name.length < colon) {
      this.#breach('space-before-colon', received, offset + name.length, 'a space before the colon');
    }
    // Its value is given as a part even where it is a range of the block: the line had something to be repaired.
    this.#parts.set(spans.length, [trimBlanks(line.slice(colon + 1))]);
    spans.push(offset, offset + name.length, 0, 0);
  }

  #skip(line: string, offset: number, why: string): void {
    const letters = line.toLowerCase().replace(/[^a-z]/g, '');
    if (/contentlength|transferencoding/.test(letters)) throw refusal(line, why);
    this.#breach('malformed-field-line', line, offset, why);
    this.#skippedAt = this.#spans.length;
  }

  /** Lists what was tolerated, or refuses the line. */
  #breach(rule: Tolerance, line: string, offset: number, why: string): void {
    if (!this.#tolerate.includes(rule)) throw refusal(line, why);
    this.#violations.push({ rule, offset, detail: `${why}: ${quote(line)}` });
  }

  #judgeBareLF(line: string, offset: number): void {
    const why = 'a bare LF (RFC 9112, section 7.1)';
    if (!this.#tolerate.includes('bare-lf-in-chunks')) {
      throw new InvalidChunk(`Cannot accept the trailer line: ${why}: ${quote(line)}`, {
        line: line.slice(0, 200),
      });
    }
    this.#violations.push({ rule: 'bare-lf-in-chunks', offset, detail: `${why}: ${quote(line)}` });
  }
}

function refusal(line: string, why: string): InvalidHeader {
  return new InvalidHeader(`Cannot accept the field line: ${why}: ${quote(line)}`, {
    line: line.slice(0, 200),
  });
}

function messageOf(block: FieldBlock): HTTPMessage {
  // A block is an iterable of pairs like any other to the types; the constructor takes it over as it is.
  return new HTTPMessage(block);
}

function limit(name: string, value: number | undefined, least: number, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value !== 'number')
    throw new TypeError(`Cannot use ${quote(String(value))} as ${name}: it is no number`);
  if (!Number.isInteger(value) || value < least) {
    throw new RangeError(`Cannot use ${value} as ${name}: it is no whole number from ${least} up`);
  }
  return value;
}
