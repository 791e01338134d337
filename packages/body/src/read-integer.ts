/** As in Python, more decimal digits than this are rejected, since the time to parse them grows with their square. */
const MAX_DECIMAL_DIGITS = 4300;

const DECIMAL = /^[\t-\r ]*([+-]?)(\d+(?:_\d+)*)[\t-\r ]*$/;
const HEXADECIMAL = /^[\t-\r ]*([+-]?)(?:0x_?)?([\da-f]+(?:_[\da-f]+)*)[\t-\r ]*$/i;

/**
 * The number that Python's `int()` parses from ISO-8859-1 text: it accepts a sign, single underscores between digits,
 * surrounding whitespace, and `0x` before hexadecimal digits. `undefined` if it raises ValueError.
 *
 * Numbers above 2^53 are rounded, and may be `Infinity`.
 */
export function readInteger(text: string, base: 10 | 16): number | undefined {
  // Python parses Content-Length as str, in which, unlike in bytes, NEL and the no-break space are whitespace too.
  const match = base === 10 ? DECIMAL.exec(text.replace(/[\x85\xa0]/g, ' ')) : HEXADECIMAL.exec(text);
  if (match === null) return undefined;
  const digits = match[2]!.replaceAll('_', '');
  if (base === 10 && digits.length > MAX_DECIMAL_DIGITS) return undefined;
  const value = Number.parseInt(digits, base);
  // Not -0, which Object.is distinguishes from 0.
  return match[1] === '-' && value > 0 ? -value : value;
}
