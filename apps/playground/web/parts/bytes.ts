// Bytes are text here, as in the API: each is one character (ISO-8859-1).

/** A run of printable text, or the escape of a byte that is not printable. */
export interface Shown {
  readonly text: string;
  readonly isControl: boolean;
}

const NAMED: Readonly<Record<string, string>> = { '\r': '\\r', '\n': '\\n', '\t': '\\t', '\0': '\\0' };

/** Bytes as text in which everything is visible. */
export function shown(bytes: string): Shown[] {
  return (bytes.match(/[ -~]+|[^ -~]/g) ?? []).map((part) =>
    /^[ -~]/.test(part)
      ? { text: part, isControl: false }
      : { text: NAMED[part] ?? `\\x${hex(part.charCodeAt(0))}`, isControl: true },
  );
}

/** A line of a hex dump. */
export interface HexLine {
  readonly offset: string;
  readonly hex: string;
  readonly text: string;
}

/** Bytes as a hex dump with `width` bytes in a line. Offsets begin at `from`. */
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

/** Bytes decoded as UTF-8 if they are valid, else as ISO-8859-1. */
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
