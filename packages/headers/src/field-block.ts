/** A received line that is no good field line, and that `strict: false` made the best of. */
export interface HeaderDefect {
  /** The line as text (ISO-8859-1), without its line end, cut to 200 characters. */
  line: string;
  detail: string;
}

/** Numbers kept for each field: where its name and its value begin and end in the text. */
export const SPAN = 4;

/**
 * Received fields as one text and positions in it: what a parser makes and an {@link HTTPMessage} looks things up in.
 * Most fields of most responses are never asked for; no string is made for those.
 */
export class FieldBlock implements Iterable<[string, string]> {
  readonly size: number;

  /** @param spans of each field in turn: start and end of its name, start and end of its value, as indices of `text`. */
  constructor(
    readonly text: string,
    readonly spans: readonly number[],
    readonly defects: readonly HeaderDefect[] = [],
  ) {
    this.size = spans.length / SPAN;
  }

  nameAt(index: number): string {
    return this.text.slice(this.spans[index * SPAN], this.spans[index * SPAN + 1]);
  }

  valueAt(index: number): string {
    return this.text.slice(this.spans[index * SPAN + 2], this.spans[index * SPAN + 3]);
  }

  /** The index of the first field of that name, from field `from` on; -1 where there is none. */
  find(name: string, from: number): number {
    const { text, spans } = this;
    const length = name.length;
    for (let at = from * SPAN; at < spans.length; at += SPAN) {
      const start = spans[at]!;
      if (spans[at + 1]! - start === length && matchesAt(text, start, name)) return at / SPAN;
    }
    return -1;
  }

  *[Symbol.iterator](): IterableIterator<[string, string]> {
    for (let index = 0; index < this.size; index++) yield [this.nameAt(index), this.valueAt(index)];
  }
}

/**
 * Whether `name` stands in `text` at `start`, whatever the case of ASCII letters. Of those alone: U+212A, the Kelvin
 * sign, is no `k`, though toLowerCase says so.
 */
export function matchesAt(text: string, start: number, name: string): boolean {
  for (let at = 0; at < name.length; at++) {
    const a = text.charCodeAt(start + at);
    const b = name.charCodeAt(at);
    if (a !== b) {
      const lower = a | 0x20;
      if ((a ^ b) !== 0x20 || lower < 0x61 || lower > 0x7a) return false;
    }
  }
  return true;
}
