import {
  HeaderBlockParser,
  HTTPMessage,
  type HeaderBlockParserOptions,
  type Tolerance,
} from '@http-client/headers';
import { Input } from '@http-client/io';

/** Called with a range of the input and what it is, to show or record it. */
export type OnPart = (part: ChunkedPart, bytes: Uint8Array, start: number, end: number) => void;
/** What a range of a chunked body is. */
export type ChunkedPart = 'chunk-size' | 'chunk-data' | 'chunk-end' | 'trailer' | 'blank-line';

const CR = 0x0d;
const LF = 0x0a;

/** Parses what follows the last chunk, up to the blank line (RFC 9112, section 7.1.2), from bytes in pieces. */
export class TrailerSection {
  readonly #note: (rule: Tolerance, index: number, detail: string) => void;
  readonly #onPart: OnPart | undefined;
  readonly #options: HeaderBlockParserOptions;
  /** Created when there is something to parse: nearly every body is followed only by the blank line. */
  #made: HeaderBlockParser | undefined;
  /** The bytes of earlier pieces. */
  readonly #held = new Input();
  /** What the line is that the last piece ended in; undefined at the beginning of a line. */
  #part: 'trailer' | 'blank-line' | undefined;
  #message: HTTPMessage | undefined;

  constructor(
    options: HeaderBlockParserOptions,
    note: (rule: Tolerance, index: number, detail: string) => void,
    onPart: OnPart | undefined,
  ) {
    this.#options = options;
    this.#note = note;
    this.#onPart = onPart;
  }

  #parser(): HeaderBlockParser {
    return (this.#made ??= new HeaderBlockParser({ ...this.#options, where: 'trailers' }));
  }

  /** The fields, once the section has ended. */
  get message(): HTTPMessage {
    return (this.#message ??= new HTTPMessage());
  }

  /** @returns the index just after the blank line; -1 if the section continues after `end`. */
  read(bytes: Uint8Array, start: number, end: number): number {
    const held = this.#held;
    const before = held.length;
    if (before === 0 && end - start >= 2 && bytes[start] === CR && bytes[start + 1] === LF) {
      this.#onPart?.('blank-line', bytes, start, start + 2);
      return start + 2;
    }
    const parser = this.#parser();
    // In place, if the section arrives in one piece: a copy of what follows it would take quadratic time if one array
    // holds many bodies.
    if (before > 0) this.#hold(bytes, start, end);
    const block = before > 0 ? held.bytes : bytes;
    const from = before > 0 ? 0 : start;
    const stop = parser.scan(block, from, before > 0 ? held.length : end);
    if (stop < 0) {
      if (before === 0) this.#hold(bytes, start, end);
      this.#show(bytes, start, end);
      return -1;
    }
    for (const { rule, offset, detail } of parser.violations) {
      this.#note(rule, start - before + offset, detail);
    }
    this.#message = parser.finish(block, from);
    const next = start - before + (stop - from);
    this.#show(bytes, start, next);
    return next;
  }

  /** With `strict: false`: ends the section at the end of the stream. */
  readAtEnd(): void {
    this.#message = this.#parser().finishAtEnd(this.#held.bytes, 0, this.#held.length);
  }

  reset(): void {
    this.#made?.reset();
    this.#held.clear();
    this.#part = undefined;
    this.#message = undefined;
  }

  #hold(bytes: Uint8Array, start: number, end: number): void {
    this.#held.add(bytes.subarray(start, end), end - start, false);
    this.#held.settle();
  }

  /** Shows the lines of a piece, the unfinished one too: the stream may end within it, or be closed. */
  #show(bytes: Uint8Array, start: number, end: number): void {
    if (this.#onPart === undefined) return;
    for (let at = start; at < end;) {
      const lf = bytes.subarray(at, end).indexOf(LF);
      const next = lf < 0 ? end : at + lf + 1;
      // A CR alone is taken for the beginning of the blank line, which it nearly always is.
      const isBlank =
        lf === 0
          ? this.#part !== 'trailer'
          : this.#part === undefined && bytes[at] === CR && (lf === 1 || next - at === 1);
      this.#part = isBlank ? 'blank-line' : 'trailer';
      this.#onPart(this.#part, bytes, at, next);
      if (lf >= 0) this.#part = undefined;
      at = next;
    }
  }
}
