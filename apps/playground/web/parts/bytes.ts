// Bytes are text here, as in the API: each is one character (ISO-8859-1).

/** A run of bytes, of which those that are not printable are escaped. A line feed ends a run. */
export interface Shown {
  readonly text: string;
  /** Whether it has escapes. Unless the data is binary, it then has nothing else. */
  readonly isControl: boolean;
}

const NAMED: Readonly<Record<string, string>> = { '\r': '\\r', '\n': '\\n', '\t': '\\t', '\0': '\\0' };

/**
 * Bytes as text in which everything is visible. Binary data is divided only into lines: with a run for each change
 * between text and escapes, the page would stand still for seconds.
 */
export function shown(bytes: string): Shown[] {
  const runs = bytes.match(/[ -~]+|[^ -~\n]*\n|[^ -~\n]+/g) ?? [];
  const isBinary = bytes.length > 128 && runs.length > bytes.length / 3;
  const parts = isBinary ? (bytes.match(/[^\n]*\n|[^\n]+/g) ?? []) : runs;
  return parts.map((run) =>
    /^[ -~]+$/.test(run)
      ? { text: run, isControl: false }
      : { text: run.replace(/[^ -~]/g, escape), isControl: true },
  );
}

function escape(byte: string): string {
  return NAMED[byte] ?? `\\x${hex(byte.charCodeAt(0))}`;
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
