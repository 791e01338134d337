import { IncompleteRead, InvalidChunk, LineTooLong, quote } from '@http-client/errors';
import type { Tolerance } from '@http-client/headers';
import { decodeLatin1 } from '@http-client/io';

import { readInteger } from './read-integer.js';

// What a byte is in a size line; the sixteen digits are their own values, below all of these.
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

// Where in the line the next byte stands:
//
//     chunk-size BWS [ chunk-ext ] CRLF        (RFC 9112, section 7.1)
//
// An extension is skipped, not parsed: nothing is done with it. But a quoted string in it must be closed: some recipients
// read on behind a CRLF that stands in one, and take other bytes for data (CVE-2026-2332, CVE-2026-33870).
const FIRST_DIGIT = 0;
const DIGITS = 1;
const BLANKS = 2;
const EXTENSION = 3;
const QUOTED = 4;
const ESCAPED = 5;
const LINE_FEED = 6;
/** Not as the RFC wants it, and not refused at once: read up to the LF and judged there. */
const ODD = 7;
// Not positions, but what else a byte may lead to.
const END = 8;
const BARE_LF = 9;
const FAULT = 10;

/** Position and class of the byte give the next position. */
const NEXT: readonly (readonly number[])[] = [
  //  digit      blank      ;          CR         LF       other      control    "      \
  [DIGITS, FAULT, FAULT, FAULT, FAULT, FAULT, FAULT, FAULT, FAULT], // FIRST_DIGIT
  [DIGITS, BLANKS, EXTENSION, LINE_FEED, BARE_LF, FAULT, FAULT, FAULT, FAULT], // DIGITS
  [FAULT, BLANKS, EXTENSION, LINE_FEED, BARE_LF, FAULT, FAULT, FAULT, FAULT], // BLANKS
  [EXTENSION, EXTENSION, EXTENSION, LINE_FEED, BARE_LF, EXTENSION, FAULT, QUOTED, EXTENSION], // EXTENSION
  [QUOTED, QUOTED, QUOTED, FAULT, FAULT, QUOTED, FAULT, EXTENSION, ESCAPED], // QUOTED
  [QUOTED, QUOTED, QUOTED, FAULT, FAULT, QUOTED, FAULT, QUOTED, QUOTED], // ESCAPED
  [FAULT, FAULT, FAULT, FAULT, END, FAULT, FAULT, FAULT, FAULT], // LINE_FEED
  [ODD, ODD, ODD, ODD, END, ODD, ODD, ODD, ODD], // ODD
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

/** So few digits cannot exceed 2^53. */
const QUICK_DIGITS = 8;

/** A longer line is cut in the error that it caused. */
const MAX_LINE_SHOWN = 200;

/** So much of what has come behind a fault is shown: a line is refused at its first byte, which says little. */
const MAX_FOLLOWING = 40;

export interface SizeLineOptions {
  readonly strict: boolean;
  readonly tolerate: readonly Tolerance[];
  /** The most bytes of the line, its line end counted. Extensions and leading zeros are bounded by it alone. */
  readonly maxLineLength: number;
  /** Takes what was tolerated, and the index of the byte, which may lie before the bytes given. */
  readonly note: (rule: Tolerance, index: number, detail: string) => void;
}

/** Reads the line before a chunk's data, from bytes that come in pieces; at the end of each it is ready for the next. */
export class SizeLine {
  /** The chunk's size, once the line has been read. */
  size = 0;
  readonly #options: SizeLineOptions;
  readonly #toleratesBareLF: boolean;
  /** The last position in which a fault is looked at again at the end of the line. */
  readonly #lastOdd: number;
  #position = FIRST_DIGIT;
  /** What earlier pieces gave of the line. */
  #before = '';

  constructor(options: SizeLineOptions) {
    const { strict, tolerate } = options;
    this.#options = options;
    this.#toleratesBareLF = !strict || tolerate.includes('bare-lf-in-chunks');
    this.#lastOdd = strict ? (tolerate.includes('invalid-chunk-size') ? BLANKS : -1) : LINE_FEED;
  }

  /**
   * Takes bytes from `start` on.
   *
   * @returns the index just behind the line; -1 where it goes on behind `end`.
   * @throws InvalidChunk at the first byte that cannot stand where it does, LineTooLong; with `strict: false`
   * IncompleteRead where the reference raises ValueError.
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
        // Checked before a digit is lost: 2^53 is where numbers stop counting by one.
        if (larger > Number.MAX_SAFE_INTEGER) next = FAULT;
        else size = larger;
      }
      if (next === FAULT) {
        if (position > this.#lastOdd) {
          const shown = kind === CR || kind === LF ? at : at + 1;
          let why = WHY[position]!;
          if (position === DIGITS && kind < BLANK) why = TOO_LARGE;
          else if (kind === CONTROL && why === UNCLOSED) why = WHY[EXTENSION]!;
          const follows = decodeLatin1(bytes, shown, Math.min(end, shown + MAX_FOLLOWING));
          throw refusal(this.#textTo(bytes, start, shown), why, follows);
        }
        next = kind === LF ? END : ODD;
        position = ODD;
      } else if (next === BARE_LF) {
        this.#judgeBareLF(bytes, start, at);
        next = END;
      }
      if (next === END) {
        this.size = position === ODD ? this.#readOdd(bytes, start, at) : size;
        this.#position = FIRST_DIGIT;
        this.#before = '';
        return at + 1;
      }
      position = next;
    }
    if (stop < end) {
      const begin = quote(this.#textTo(bytes, start, stop), 40);
      throw new LineTooLong(`Cannot read a chunk size line of more than ${maxLineLength} bytes: ${begin}`, {
        what: 'chunk size line',
        limit: maxLineLength,
      });
    }
    this.size = size;
    this.#position = position;
    this.#before += decodeLatin1(bytes, start, end);
    return -1;
  }

  /** Nearly every line there is, digits and CRLF, where all of it is at hand: small chunks take a quarter less time. */
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

  /** With `strict: false`, the size where the stream ends inside the line; `undefined` where there is none. */
  readAtEnd(): number | undefined {
    return readAsReference(this.#before);
  }

  reset(): void {
    this.#position = FIRST_DIGIT;
    this.#before = '';
  }

  #textTo(bytes: Uint8Array, start: number, end: number): string {
    return this.#before + decodeLatin1(bytes, start, end);
  }

  #judgeBareLF(bytes: Uint8Array, start: number, at: number): void {
    if (!this.#toleratesBareLF) throw refusal(this.#textTo(bytes, start, at), 'a bare LF ends it');
    this.#options.note('bare-lf-in-chunks', at, 'a bare LF ends a chunk size line');
  }

  /** The size in an odd line whose LF is at `at`. */
  #readOdd(bytes: Uint8Array, start: number, at: number): number {
    const text = this.#textTo(bytes, start, at);
    if (!this.#options.strict) {
      const size = readAsReference(text);
      if (size !== undefined) return size;
      throw new IncompleteRead(`Cannot read the chunk size ${quote(text)}: it is not a number`, {
        partial: new Uint8Array(0),
      });
    }
    // Only how the number is written is tolerated; line end and extension are judged as ever.
    const line = text.endsWith('\r') ? text.slice(0, -1) : text;
    if (line === text) this.#judgeBareLF(bytes, start, at);
    const [number, extension] = splitExtension(line);
    if (/[^\t\r -~\x80-\xff]/.test(extension)) throw refusal(line, WHY[EXTENSION]!);
    if (!/^(?:[^"]|"(?:[^"\\]|\\.)*")*$/.test(extension)) throw refusal(line, UNCLOSED);
    const size = line.includes('\r') ? undefined : readInteger(number, 16);
    if (size === undefined || size < 0 || size > Number.MAX_SAFE_INTEGER) {
      throw refusal(line, 'not even its number can be used');
    }
    this.#options.note('invalid-chunk-size', at - text.length, `${quote(line)} is read as ${size}`);
    return size;
  }
}

/**
 * The size as the reference reads it: any number that Python's `int()` takes. For -1 it reads to the end of the
 * stream, for what is below it fails. What no stream can reach is bounded, so that it can be counted down.
 */
function readAsReference(line: string): number | undefined {
  const size = readInteger(splitExtension(line)[0], 16);
  if (size === undefined || size < -1) return undefined;
  return size < 0 ? Infinity : Math.min(size, Number.MAX_SAFE_INTEGER);
}

function refusal(line: string, why: string, follows = ''): InvalidChunk {
  // The fault is at its end.
  const shown = line.length > 80 ? `…${quote(line.slice(-80))}` : quote(line);
  const rest = follows === '' ? '' : `; then comes ${quote(follows)}`;
  return new InvalidChunk(`Cannot read the chunk size line ${shown}: ${why} (RFC 9112, section 7.1)${rest}`, {
    line: line.slice(0, MAX_LINE_SHOWN),
  });
}

function splitExtension(line: string): [string, string] {
  const at = line.indexOf(';');
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at)];
}
