/** The escape sequence of one character, as in source code: `\r`, `\x00`, `\u{202e}`. */
const escape = (character: string): string => {
  const code = character.codePointAt(0)!;
  const hex = code.toString(16);
  const short = 'tnvfr'[code - 9];
  return `\\${short ?? (code < 0x100 ? `x${hex.padStart(2, '0')}` : `u{${hex}}`)}`;
};

/**
 * Puts text in double quotes for a message, truncated with `…` to `limit` characters (80).
 *
 * Characters that are invisible, could forge a line of a log or could reverse its writing direction are escaped:
 * control characters and all others in Unicode's category "other", and every separator except the space.
 *
 * @example
 * quote('x\r\0y'); // the eight characters x\r\x00y, between quotes
 */
export function quote(text: string, limit = 80): string {
  // Truncated first: a peer may send a megabyte, and escaping all of it would be wasted work. A surrogate pair is not
  // split.
  if ((text.codePointAt(limit - 1) ?? 0) > 0xffff) limit--;
  const shown = text
    .slice(0, limit)
    .replace(/["\\]/g, '\\$&')
    .replace(/(?! )[\p{C}\p{Z}]/gu, escape);
  return `"${shown}${text[limit] ? '…' : ''}"`;
}

/**
 * The error for an argument that cannot be used: what it was passed as, and why it is invalid.
 *
 * @internal
 */
export function cannotUse(
  value: unknown,
  as: string,
  why: string,
  Kind: new (message: string) => Error = TypeError,
): Error {
  return new Kind(`Cannot use ${quoteValue(value)} as ${as}: ${why}`);
}

/**
 * Any value as quoted text for a message.
 *
 * @internal
 */
export function quoteValue(value: unknown): string {
  try {
    return quote(String(value));
  } catch {
    // An object without a prototype, or one whose own `toString` throws.
    return '"[object Object]"';
  }
}
