import { IncompleteRead, InvalidChunk, lineTooLong, quote } from '@http-client/errors';
import type { Tolerance } from '@http-client/headers';
import { decodeLatin1 } from '@http-client/io';

import { readInteger } from './read-integer.js';

// The class of a byte in a size line. That of a hexadecimal digit is its value, which is below all of these.
const BLANK = 16;
const SEMICOLON = 17;
const CR = 18;
const LF = 19;
const OTHER = 20;
const CONTROL = 21;
const QUOTE = 22;
const BACKSLASH = 23;

const BYTE_CLASS = /* @__PURE__ */ Uint8Array.from({ length: 256 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[\da-f]/i.test(character)) return Number.parseInt(character, 16);
  const special = '\t;\r\n "\\'.indexOf(character);
  if (special >= 0) return [BLANK, SEMICOLON, CR, LF, BLANK, QUOTE, BACKSLASH][special]!;
  return code < 0x20 || code === 0x7f ? CONTROL : OTHER;
});

// The position of the next byte in the line:
//
//     chunk-size BWS [ chunk-ext ] CRLF        (RFC 9112, section 7.1)
//
// An extension is skipped, not parsed, since it is not used. But a quoted string in it must be closed: some recipients
// read on after a CRLF within one, and take other bytes for data (CVE-2026-2332, CVE-2026-33870).
const FIRST_DIGIT = 0;
const DIGITS = 1;
const BLANKS = 2;
const EXTENSION = 3;
const QUOTED = 4;
const ESCAPED = 5;
const LINE_FEED = 6;
/** Not as the RFC requires, and not rejected at once: the line is read up to its LF and validated there. */
const DEFERRED = 7;
// Not positions, but the other results of a byte.
const END = 8;
const BARE_LF = 9;
const FAULT = 10;

/** The next position, by position and class of the byte. */
const NEXT: readonly (readonly number[])[] = [
  //  digit      blank      ;          CR         LF       other      control    "      \
  [DIGITS, FAULT, FAULT, FAULT, FAULT, FAULT, FAULT, FAULT, FAULT], // FIRST_DIGIT
  [DIGITS, BLANKS, EXTENSION, LINE_FEED, BARE_LF, FAULT, FAULT, FAULT, FAULT], // DIGITS
  [FAULT, BLANKS, EXTENSION, LINE_FEED, BARE_LF, FAULT, FAULT, FAULT, FAULT], // BLANKS
  [EXTENSION, EXTENSION, EXTENSION, LINE_FEED, BARE_LF, EXTENSION, FAULT, QUOTED, EXTENSION], // EXTENSION
  [QUOTED, QUOTED, QUOTED, FAULT, FAULT, QUOTED, FAULT, EXTENSION, ESCAPED], // QUOTED
  [QUOTED, QUOTED, QUOTED, FAULT, FAULT, QUOTED, FAULT, QUOTED, QUOTED], // ESCAPED
  [FAULT, FAULT, FAULT, FAULT, END, FAULT, FAULT, FAULT, FAULT], // LINE_FEED
  [DEFERRED, DEFERRED, DEFERRED, DEFERRED, END, DEFERRED, DEFERRED, DEFERRED, DEFERRED], // DEFERRED
];

const UNCLOSED = 'a quoted string in its extension is not closed';

const WHY = [
  'it must begin with a hexadecimal digit',
  'only blanks, an extension or CRLF may follow the digits',
  'only an extension or CRLF may follow the blanks',
  'a control character stands in its extension',
  UNCLOSED,
  UNCLOSED,
  'a CR stands in it without its LF',
];

const TOO_LARGE = 'it is above 2^53-1';

/** What a number has besides digits in the notation of Python, which may be tolerated. */
const NOTATION = /[\t\v\f +_x-]/i;

/** Up to this many digits cannot exceed 2^53. */
const QUICK_DIGITS = 8;

/** A longer line is truncated in the error that it caused. */
const MAX_LINE_SHOWN = 200;

/** How much of what follows a fault is shown: a line may be rejected at its first byte, which says little. */
const MAX_FOLLOWING = 40;

interface SizeLineOptions {
  readonly strict: boolean;
  readonly tolerate: readonly Tolerance[];
  /** The maximum length of the line, including its line ending: the only limit on extensions and leading zeros. */
  readonly maxLineLength: number;
  /** Called with what was tolerated, and the index of the byte, which may be before the bytes passed. */
  readonly note: (rule: Tolerance, index: number, detail: string) => void;
}

/** Parses the line before a chunk's data, from bytes that arrive in pieces; then it is ready for the next line. */
export class SizeLine {
  /** The size of the chunk, once the line has been parsed. */
  size = 0;
  readonly #options: SizeLineOptions;
  #position = FIRST_DIGIT;
  /** The part of the line in earlier pieces. */
  #before = '';

  constructor(options: SizeLineOptions) {
    this.#options = options;
  }

  /**
   * Parses bytes from `start` on.
   *
   * @returns the index just after the line; -1 if it continues after `end`.
   * @throws InvalidChunk at the first byte that is not allowed in its position, LineTooLong; with `strict: false`
   * IncompleteRead if the reference raises ValueError.
   */
  read(bytes: Uint8Array, start: number, end: number): number {
    const { maxLineLength } = this.#options;
    const stop = Math.min(end, start + maxLineLength - this.#before.length);
    let position = this.#position;
    if (position === FIRST_DIGIT) {
      const next = this.#readUsual(bytes, start, stop);
      if (next >= 0) return next;
      this.size = 0;
    }
    let size = this.size;
    for (let at = start; at < stop; at++) {
      const kind = BYTE_CLASS[bytes[at]!]!;
      let next = NEXT[position]![kind < BLANK ? 0 : kind - BLANK + 1]!;
      if (next === DIGITS) {
        const larger = size * 16 + kind;
        // Checked before a digit is lost: above 2^53, not every integer is a number.
        if (larger > Number.MAX_SAFE_INTEGER) next = FAULT;
        else size = larger;
      }
      if (next === FAULT) {
        const isNotation = position <= BLANKS && NOTATION.test(decodeLatin1(bytes, at, at + 1));
        if (this.#options.strict && !(isNotation && this.#tolerates('invalid-chunk-size'))) {
          const shown = kind === CR || kind === LF ? at : at + 1;
          let why = WHY[position]!;
          if (position === DIGITS && kind < BLANK) why = TOO_LARGE;
          else if (kind === CONTROL && why === UNCLOSED) why = WHY[EXTENSION]!;
          const follows = decodeLatin1(bytes, shown, Math.min(end, shown + MAX_FOLLOWING));
          throw refusal(this.#textTo(bytes, start, shown), why, follows);
        }
        next = kind === LF ? END : DEFERRED;
        position = DEFERRED;
      } else if (next === BARE_LF) {
        this.#judgeBareLF(bytes, start, at);
        next = END;
      }
      if (next === END) {
        this.size = position === DEFERRED ? this.#readDeferred(bytes, start, at) : size;
        this.#position = FIRST_DIGIT;
        this.#before = '';
        return at + 1;
      }
      position = next;
    }
    if (stop < end) throw lineTooLong('chunk size line', maxLineLength, this.#textTo(bytes, start, stop));
    this.size = size;
    this.#position = position;
    this.#before += decodeLatin1(bytes, start, end);
    return -1;
  }

  /** Nearly every line is only digits and CRLF, and has arrived whole: small chunks then take a quarter less time. */
  #readUsual(bytes: Uint8Array, start: number, stop: number): number {
    const last = Math.min(stop - 2, start + QUICK_DIGITS);
    let at = start;
    let size = 0;
    for (; at < last; at++) {
      const digit = BYTE_CLASS[bytes[at]!]!;
      if (digit >= BLANK) break;
      size = size * 16 + digit;
    }
    if (at === start || BYTE_CLASS[bytes[at]!] !== CR || BYTE_CLASS[bytes[at + 1]!] !== LF) return -1;
    this.size = size;
    return at + 2;
  }

  /** With `strict: false`, the size if the stream ends within the line; `undefined` if there is none. */
  readAtEnd(): number | undefined {
    return readAsReference(this.#before);
  }

  reset(): void {
    this.#position = FIRST_DIGIT;
    this.#before = '';
  }

  #tolerates(rule: Tolerance): boolean {
    return !this.#options.strict || this.#options.tolerate.includes(rule);
  }

  #textTo(bytes: Uint8Array, start: number, end: number): string {
    return this.#before + decodeLatin1(bytes, start, end);
  }

  #judgeBareLF(bytes: Uint8Array, start: number, at: number): void {
    if (!this.#tolerates('bare-lf-in-chunks'))
      throw refusal(this.#textTo(bytes, start, at), 'a bare LF ends it');
    this.#options.note('bare-lf-in-chunks', at, 'a bare LF ends a chunk size line');
  }

  /** The size in a line that was `DEFERRED`, and whose LF is at `at`. */
  #readDeferred(bytes: Uint8Array, start: number, at: number): number {
    const text = this.#textTo(bytes, start, at);
    if (!this.#options.strict) {
      const size = readAsReference(text);
      if (size !== undefined) return size;
      throw new IncompleteRead(`Cannot read the chunk size ${quote(text)}: it is not a number`, {
        partial: new Uint8Array(0),
      });
    }
    // Only the notation of the number is tolerated; line ending and extension are validated as usual.
    const line = text.replace(/\r$/, '');
    if (line === text) this.#judgeBareLF(bytes, start, at);
    const number = line.split(';', 1)[0]!;
    // By the table: a regular expression for quoted strings takes room on V8's stack for each character.
    let position = EXTENSION;
    for (const character of line.slice(number.length)) {
      position = NEXT[position]![Math.max(BYTE_CLASS[character.charCodeAt(0)]! - BLANK + 1, 0)]!;
      if (position > ESCAPED) throw refusal(line, WHY[EXTENSION]!);
    }
    if (position !== EXTENSION) throw refusal(line, UNCLOSED);
    const size = readInteger(number.includes('\r') ? '' : number, 16) ?? -1;
    if (size < 0 || size > Number.MAX_SAFE_INTEGER) {
      throw refusal(line, 'not even its number can be used');
    }
    this.#options.note('invalid-chunk-size', at - text.length, `${quote(line)} is read as ${size}`);
    return size;
  }
}

/**
 * The size as the reference parses it: any number that Python's `int()` accepts. At -1 it reads to the end of the
 * stream, below that it fails. A size that no stream can reach is capped, so that it can be counted down.
 */
function readAsReference(line: string): number | undefined {
  const size = readInteger(line.split(';', 1)[0]!, 16);
  if (size === undefined || size < -1) return undefined;
  return size < 0 ? Infinity : Math.min(size, Number.MAX_SAFE_INTEGER);
}

function refusal(line: string, why: string, follows = ''): InvalidChunk {
  // The fault is at the end of the line.
  const shown = line.length > 80 ? `…${quote(line.slice(-80))}` : quote(line);
  const rest = follows === '' ? '' : `; then comes ${quote(follows)}`;
  return new InvalidChunk(`Cannot read the chunk size line ${shown}: ${why} (RFC 9112, section 7.1)${rest}`, {
    line: line.slice(0, MAX_LINE_SHOWN),
  });
}
