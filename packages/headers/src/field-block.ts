/** A received line that is no good field line, and that `strict: false` made the best of. */
export interface HeaderDefect {
  /** The line as text (ISO-8859-1), without its line end, cut to 200 characters. */
  line: string;
  /** What was wrong with it, in words. */
  detail: string;
}

/** How many numbers a block keeps for a field. */
export const SPAN = 4;

/** What nearly every message has; frozen, since all of them are given it. */
const NONE: readonly HeaderDefect[] = /* @__PURE__ */ Object.freeze([]);

/**
 * Fields as one text and positions in it: what a parser makes and an HTTPMessage keeps. Most fields of most responses
 * are never asked for; no string is made for those.
 */
export class FieldBlock {
  constructor(
    public text = '',
    /** Of each field in turn: start and end of its name, start and end of its value, as indices of `text`. */
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
