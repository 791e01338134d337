const SHORT = '"\\\t\n\r';

function escape(character: string): string {
  const short = SHORT.indexOf(character);
  if (short >= 0) return '\\' + '"\\tnr'.charAt(short);
  const code = character.codePointAt(0)!;
  const hex = code.toString(16);
  return code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`;
}

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
  const end = (text.codePointAt(limit - 1) ?? 0) > 0xffff ? limit - 1 : limit;
  const shown = text.slice(0, end).replace(/(?! )[\p{C}\p{Z}"\\]/gu, escape);
  return `"${shown}${end < text.length ? '…' : ''}"`;
}
