/** Bytes as the server gives them: text with one character for each (ISO-8859-1). */

/** A stretch of text that is shown as it is, or the name of a byte that cannot be seen. */
export interface Shown {
  readonly text: string;
  readonly isControl: boolean;
}

const NAMED: Readonly<Record<string, string>> = { '\r': '\\r', '\n': '\\n', '\t': '\\t', '\0': '\\0' };

/** Bytes as text in which nothing is invisible. */
export function shown(bytes: string): Shown[] {
  return (bytes.match(/[ -~]+|[^ -~]/g) ?? []).map((part) =>
    /^[ -~]/.test(part)
      ? { text: part, isControl: false }
      : { text: NAMED[part] ?? `\\x${hex(part.charCodeAt(0))}`, isControl: true },
  );
}

/** Lines of a dump. */
export interface HexLine {
  readonly offset: string;
  readonly hex: string;
  readonly text: string;
}

/** Bytes as a dump, so many a line; offsets begin at `from`. */
export function hexLines(bytes: string, from: number, width: number): HexLine[] {
  const lines: HexLine[] = [];
  for (let at = 0; at < bytes.length; at += width) {
    const line = bytes.slice(at, at + width);
    lines.push({
      offset: (from + at).toString(16).padStart(6, '0'),
      hex: Array.from(line, (byte) => hex(byte.charCodeAt(0))).join(' '),
      text: line.replace(/[^ -~]/g, '·'),
    });
  }
  return lines;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

/** Bytes as UTF-8 where they are, else each as the character that ISO-8859-1 has for it. */
export function decoded(bytes: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes, (c) => c.charCodeAt(0)));
  } catch {
    return bytes;
  }
}

export function count(bytes: number): string {
  return bytes === 1 ? '1 byte' : `${bytes.toLocaleString('en')} bytes`;
}

export function milliseconds(time: number): string {
  return `${time < 10 ? time.toFixed(1) : Math.round(time).toLocaleString('en')} ms`;
}
