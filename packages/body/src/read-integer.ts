/** Digits beyond this number are refused in base 10, where the time to read them grows with their square. */
const MAX_DECIMAL_DIGITS = 4300;

const DECIMAL = /^[\t-\r ]*([+-]?)(\d+(?:_\d+)*)[\t-\r ]*$/;
const HEXADECIMAL = /^[\t-\r ]*([+-]?)(?:0x_?)?([\da-f]+(?:_[\da-f]+)*)[\t-\r ]*$/i;

/** Blank to the reference in decimal text, though not in bytes, and only where a character beyond ASCII is there too. */
const WIDE_BLANKS = '\x1c\x1d\x1e\x1f\x85\xa0';

/**
 * The number that Python's `int()` reads in ISO-8859-1 text: a sign, single underscores between digits, blanks around,
 * and `0x` before hexadecimal digits are all fine with it. `undefined` where it raises ValueError.
 *
 * What is above 2^53 is rounded, and may be `Infinity`.
 */
export function readInteger(text: string, base: 10 | 16): number | undefined {
  const plain =
    base === 10 && /[\x80-\xff]/.test(text)
      ? text.replace(/[^!-~]/g, (character) => (WIDE_BLANKS.includes(character) ? ' ' : character))
      : text;
  const match = (base === 10 ? DECIMAL : HEXADECIMAL).exec(plain);
  if (match === null) return undefined;
  const digits = match[2]!.replaceAll('_', '');
  if (base === 10 && digits.length > MAX_DECIMAL_DIGITS) return undefined;
  const value = Number.parseInt(digits, base);
  // Not -0, which Object.is tells from 0.
  return match[1] === '-' && value > 0 ? -value : value;
}
