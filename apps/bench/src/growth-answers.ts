// Responses of any size, as a server may send them.

const OK = 'HTTP/1.1 200 OK\r\n';

/** A response with an empty body. */
export const EMPTY = `${OK}Content-Length: 0\r\n\r\n`;

export function fieldsOf(size: number): string {
  return `${OK}Content-Length: 0\r\n${fieldLines(size)}\r\n`;
}

export function foldsOf(size: number): string {
  return `${OK}Content-Length: 0\r\nFolded: first\r\n${'\tanother\r\n'.repeat(size)}\r\n`;
}

export function connectionOf(size: number): string {
  return `${OK}Content-Length: 0\r\nConnection: ${'a, '.repeat(size / 3)}a\r\n\r\n`;
}

export function spacesOf(size: number): string {
  return `HTTP/1.1 200 a${' '.repeat(size)}b\r\nContent-Length: 0\r\n\r\n`;
}

export function interimOf(size: number): string {
  return 'HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n'.repeat(size) + EMPTY;
}

/** A body of known length, in lines of 50 bytes. */
export function sizedOf(size: number): string {
  return `${OK}Content-Length: ${size}\r\n\r\n${linesOf(size)}`;
}

export function linesOf(size: number): string {
  return `${'x'.repeat(49)}\n`.repeat(Math.ceil(size / 50)).slice(0, size);
}

/** A body of known length that is one line. */
export function lineOf(size: number): string {
  return `${OK}Content-Length: ${size}\r\n\r\n${'x'.repeat(size - 1)}\n`;
}

/** One-byte chunks, whose data is lines of 50 bytes. */
export function chunksOf(size: number): string {
  const line = `${'1\r\nx\r\n'.repeat(49)}1\r\n\n\r\n`;
  const chunks = line.repeat(Math.ceil(size / 50)).slice(0, size * 6);
  return `${OK}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`;
}

export function extensionOf(size: number): string {
  return `${OK}Transfer-Encoding: chunked\r\n\r\n1;${'e'.repeat(size)}\r\nx\r\n0\r\n\r\n`;
}

export function trailersOf(size: number): string {
  return `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n${fieldLines(size)}\r\n`;
}

export function trailerLineOf(size: number): string {
  return `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\nField: ${'t'.repeat(size)}\r\n\r\n`;
}

export function fieldLines(size: number): string {
  let lines = '';
  for (let count = 0; count < size; count++) lines += `${fieldName(count)}: a value of some length\r\n`;
  return lines;
}

/** All names have the same length. */
export function fieldName(count: number): string {
  return `Field-${String(count).padStart(6, '0')}`;
}
