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
  /** The bytes of earlier pieces, and how many of them `onPart` has seen. */
  readonly #held = new Input();
  #shown = 0;
  /** How much has been searched for line endings: an unfinished line is not searched again when more of it arrives. */
  #searched = 0;
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
    const stop = this.#scan(block, from, before, before > 0 ? held.length : end);
    if (stop < 0) {
      if (before === 0) this.#hold(bytes, start, end);
      this.#show(held.bytes, 0, held.length, false);
      return -1;
    }
    for (const { rule, offset, detail } of parser.violations) {
      this.#note(rule, start - before + offset, detail);
    }
    this.#message = parser.finish(block, from);
    this.#show(block, from, stop, true);
    return start - before + (stop - from);
  }

  /** Shows what is left of a section that will not end. */
  surrender(length = this.#held.length): void {
    this.#show(this.#held.bytes, 0, length, true);
  }

  /** With `strict: false`: ends the section at the end of the stream. */
  readAtEnd(): void {
    this.#message = this.#parser().finishAtEnd(this.#held.bytes, 0, this.#held.length);
    this.surrender();
  }

  reset(): void {
    this.#made?.reset();
    this.#held.clear();
    this.#shown = 0;
    this.#searched = 0;
    this.#message = undefined;
  }

  /** At a fault, only the bytes of earlier pieces have been used. */
  #scan(block: Uint8Array, from: number, before: number, end: number): number {
    try {
      return this.#parser().scan(block, from, end);
    } catch (error) {
      this.surrender(before);
      throw error;
    }
  }

  #hold(bytes: Uint8Array, start: number, end: number): void {
    this.#held.add(bytes.subarray(start, end), end - start, false);
    this.#held.settle();
  }

  /** Shows the complete lines that have not been shown yet, and with `whole` what is left. */
  #show(block: Uint8Array, from: number, to: number, whole: boolean): void {
    if (this.#onPart === undefined) return;
    let at = from + this.#shown;
    let unsearched = from + this.#searched;
    while (at < to) {
      const lf = block.subarray(unsearched, to).indexOf(LF);
      if (lf < 0 && !whole) break;
      const next = lf < 0 ? to : unsearched + lf + 1;
      const blank = lf >= 0 && (next - at === 1 || (next - at === 2 && block[at] === CR));
      this.#onPart(blank ? 'blank-line' : 'trailer', block, at, next);
      at = unsearched = next;
    }
    this.#shown = at - from;
    this.#searched = to - from;
  }
}
