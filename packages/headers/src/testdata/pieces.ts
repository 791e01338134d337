import { HTTPException } from '@http-client/errors';
import { encodeLatin1 } from '@http-client/io';

import { HeaderBlockParser, type HeaderBlockParserOptions } from '../block-parser.js';

/** The result of parsing a block, as far as a caller can see it, as plain data. */
export type Outcome = Record<string, unknown>;

export function outcomeOf(run: () => Outcome): Outcome {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof HTTPException)) throw error;
    // The bytes of an error are not enumerable.
    const { partial } = error as { partial?: unknown };
    return {
      error: error.name,
      message: error.message,
      partial,
      ...Object.fromEntries(Object.entries(error)),
    };
  }
}

/**
 * The outcome of a block that arrives in pieces: its first `cuts[0]` bytes, then those up to `cuts[1]`, and so on to
 * the last cut. If the block does not end, it is undefined, or with `atEnd` the result of `finishAtEnd`.
 */
export function readInPieces(
  text: string,
  cuts: readonly number[],
  options?: HeaderBlockParserOptions,
  atEnd = false,
): Outcome | undefined {
  const parser = new HeaderBlockParser(options);
  const bytes = encodeLatin1(text);
  const outcome = outcomeOf(() => {
    let buffer = new Uint8Array();
    let start = 0;
    let end = -1;
    for (const [index, cut] of cuts.entries()) {
      // The buffer moves and grows from call to call, and after `end` are stale bytes, which must not be examined.
      start = (index * 7) % 5;
      buffer = new Uint8Array(start + cut + 9).fill(index % 2 === 0 ? 0x0a : 0x61);
      buffer.set(bytes.subarray(0, cut), start);
      end = parser.scan(buffer, start, start + cut);
      if (end >= 0) break;
    }
    const isOpen = end < 0;
    if (isOpen && !atEnd) return { isOpen };
    const last = start + (cuts.at(-1) ?? 0);
    const message = isOpen ? parser.finishAtEnd(buffer, start, last) : parser.finish(buffer, start);
    // The message must not depend on the buffer.
    buffer.fill(0);
    const { violations } = parser;
    return { end: isOpen ? -1 : end - start, fields: message.toJSON(), defects: message.defects, violations };
  });
  return outcome['isOpen'] === true ? undefined : outcome;
}

/** The outcome of a block that arrives at once. */
export function read(text: string, options?: HeaderBlockParserOptions, atEnd = false): Outcome | undefined {
  return readInPieces(text, [text.length], options, atEnd);
}
