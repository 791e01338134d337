/** The escape of one character, as in source code: `\r`, `\x00`, `\u{202e}`. */
const escape = (character: string): string => {
  const code = character.codePointAt(0)!;
  const hex = code.toString(16);
  const short = 'tnvfr'[code - 9];
  return `\\${short ?? (code < 0x100 ? `x${hex.padStart(2, '0')}` : `u{${hex}}`)}`;
};

/**
 * Puts text in double quotes for a message, cut with `…` at `limit` characters (80).
 *
 * What cannot be seen, could forge a line of a log or could turn the direction of writing there is escaped: controls
 * and all else that Unicode counts as "other", and every separator but the space.
 *
 * @example
 * quote('x\r\0y'); // the eight characters x\r\x00y, between quotes
 */
export function quote(text: string, limit = 80): string {
  // Cut first: a peer may send a megabyte, and escaping all of it would be work for nothing. A surrogate pair is not
  // cut in two.
  if ((text.codePointAt(limit - 1) ?? 0) > 0xffff) limit--;
  const shown = text
    .slice(0, limit)
    .replace(/["\\]/g, '\\$&')
    .replace(/(?! )[\p{C}\p{Z}]/gu, escape);
  return `"${shown}${text[limit] ? '…' : ''}"`;
}

/**
 * The message for an argument that cannot be used: what it was given as, and why it is no such thing.
 *
 * @internal
 */
export function cannotUse(value: unknown, as: string, why: string): string {
  return `Cannot use ${quoteValue(value)} as ${as}: ${why}`;
}

/**
 * Any value as text, quoted for a message.
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
