const NAMED: Readonly<Record<string, string>> = { '\r': '\\r', '\n': '\\n\n', '\t': '\\t', '\\': '\\\\' };
const MEANT: Readonly<Record<string, string>> = { r: '\r', n: '\n', t: '\t', '\\': '\\' };

/**
 * Bytes as editable text: anything that is not printable is an escape, `\r`, `\n`, `\t`, `\\` or `\x00`. Line breaks in
 * the text mean nothing, since a text field changes them, so that one can follow each `\n`.
 */
export function toNotation(bytes: string): string {
  return bytes.replace(/[^ -~]|\\/g, (byte) => NAMED[byte] ?? `\\x${hex(byte)}`).replace(/\n$/, '');
}

function hex(byte: string): string {
  return byte.charCodeAt(0).toString(16).padStart(2, '0');
}

/** @throws Error for anything that does not stand for a byte. */
export function fromNotation(text: string): string {
  return text
    .replace(/[\r\n]/g, '')
    .replace(/\\(?:x([0-9a-f]{2})|(.?))|[^ -~]/giu, (part, code?: string, name?: string) => {
      if (code !== undefined) return String.fromCharCode(parseInt(code, 16));
      const meant = name === undefined ? undefined : MEANT[name];
      if (meant !== undefined) return meant;
      throw new Error(
        `${part} does not stand for a byte; escapes are \\r, \\n, \\t, \\\\ and \\x00 to \\xff`,
      );
    });
}
