const SHORT: Readonly<Record<string, string>> = {
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '"': '\\"',
  '\\': '\\\\',
};

function escape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  return (
    SHORT[character] ??
    (code < 0x100
      ? `\\x${hex.padStart(2, '0')}`
      : code < 0x10000
        ? `\\u${hex.padStart(4, '0')}`
        : `\\u{${hex}}`)
  );
}

/**
 * Puts text in double quotes for a message, `"a\r\nb"`: cut with `…` at `limit` characters (80), and with all escaped
 * that could forge a line of a log or turn the direction of writing there (controls, format characters, line and
 * paragraph separators, lone surrogates).
 *
 * @example
 * quote('x\ry'); // '"x\\ry"'
 */
export function quote(text: string, limit = 80): string {
  let shown = text;
  if (text.length > limit) {
    // Cut first: escaping a megabyte that a peer sent would be work for nothing. A surrogate pair is not cut apart.
    shown = text.slice(0, (text.codePointAt(limit - 1) ?? 0) > 0xffff ? limit - 1 : limit);
  }
  const escaped = shown.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}"\\]/gu, escape);
  return `"${escaped}${shown.length < text.length ? '…' : ''}"`;
}
