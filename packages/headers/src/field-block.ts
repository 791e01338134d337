/** A malformed field line that was received with `strict: false`. */
export interface HeaderDefect {
  /** The line as text (ISO-8859-1), without its line ending, truncated to 200 characters. */
  line: string;
  /** What is wrong with it, in words. */
  detail: string;
}

/** How many numbers a block stores per field. */
export const SPAN = 4;

/** The defects of nearly every message; frozen, since they share it. */
const NONE: readonly HeaderDefect[] = /* @__PURE__ */ Object.freeze([]);

/**
 * Fields as one text and positions in it: what a parser produces and an HTTPMessage stores. Most fields of most
 * responses are never read, and no string is created for those.
 */
export class FieldBlock {
  constructor(
    public text = '',
    /** For each field in turn: start and end of its name, start and end of its value, as indices into `text`. */
    readonly spans: number[] = [],
    readonly defects: readonly HeaderDefect[] = NONE,
  ) {}

  push(name: string, value: string): void {
    const start = this.text.length;
    const middle = start + name.length;
    this.spans.push(start, middle, middle, middle + value.length);
    this.text += name + value;
  }
}
