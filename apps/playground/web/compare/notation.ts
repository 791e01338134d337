const NAMED: Readonly<Record<string, string>> = { '\r': '\\r', '\n': '\\n\n', '\t': '\\t', '\\': '\\\\' };
const MEANT: Readonly<Record<string, string>> = { r: '\r', n: '\n', t: '\t', '\\': '\\' };

/**
 * Bytes as text that can be edited: what cannot be seen is an escape, `\r`, `\n`, `\t`, `\\` or `\x00`. The line breaks of
 * the text mean nothing, so that one can stand behind each `\n`; a text field changes them anyway.
 */
export function toNotation(bytes: string): string {
  return bytes.replace(/[^ -~]|\\/g, (byte) => NAMED[byte] ?? `\\x${hex(byte)}`).replace(/\n$/, '');
}

function hex(byte: string): string {
  return byte.charCodeAt(0).toString(16).padStart(2, '0');
}

/** @throws Error that says what stands for no byte. */
export function fromNotation(text: string): string {
  return text
    .replace(/[\r\n]/g, '')
    .replace(/\\(?:x([0-9a-f]{2})|(.?))|[^ -~]/giu, (part, code?: string, name?: string) => {
      if (code !== undefined) return String.fromCharCode(parseInt(code, 16));
      const meant = name === undefined ? undefined : MEANT[name];
      if (meant !== undefined) return meant;
      throw new Error(`${part} stands for no byte: there are \\r, \\n, \\t, \\\\ and \\x00 to \\xff`);
    });
}
