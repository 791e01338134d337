/** Digits beyond this number are refused in base 10, where the time to read them grows with their square. */
const MAX_DECIMAL_DIGITS = 4300;

const DECIMAL = /^[\t-\r ]*([+-]?)(\d+(?:_\d+)*)[\t-\r ]*$/;
const HEXADECIMAL = /^[\t-\r ]*([+-]?)(?:0x_?)?([\da-f]+(?:_[\da-f]+)*)[\t-\r ]*$/i;

/**
 * The number that Python's `int()` reads in ISO-8859-1 text: a sign, single underscores between digits, blanks around,
 * and `0x` before hexadecimal digits are all fine with it. `undefined` where it raises ValueError.
 *
 * What is above 2^53 is rounded, and may be `Infinity`.
 */
export function readInteger(text: string, base: 10 | 16): number | undefined {
  // In text, unlike in bytes, NEL and the no-break space are blanks too.
  const match = base === 10 ? DECIMAL.exec(text.replace(/[\x85\xa0]/g, ' ')) : HEXADECIMAL.exec(text);
  if (match === null) return undefined;
  const digits = match[2]!.replaceAll('_', '');
  if (base === 10 && digits.length > MAX_DECIMAL_DIGITS) return undefined;
  const value = Number.parseInt(digits, base);
  // Not -0, which Object.is tells from 0.
  return match[1] === '-' && value > 0 ? -value : value;
}
