import { decodeLatin1 } from '@http-client/io';

/**
 * What a script waits for. It is passed everything written since the last wait, again whenever there is more, and
 * returns how many of the bytes were waited for, or undefined while they are incomplete.
 */
export type Counter = (sent: Uint8Array) => number | undefined;

const CR = 0x0d;
const LF = 0x0a;

/** Waits for `length` bytes. */
export function lengthCounter(length: number): Counter {
  return (sent) => (sent.length >= length ? length : undefined);
}

/** Waits for one complete request (RFC 9112, section 6), examining no byte of its body twice. */
export function requestCounter(): Counter {
  /** How far the request is known to extend: to the end of its head, of its body, or of a chunk. */
  let end = 0;
  let part: 'head' | 'chunks' | 'trailers' | 'rest' = 'head';
  return (sent) => {
    if (part === 'head') {
      const headEnd = afterBlankLine(sent, 0);
      if (headEnd === undefined) return undefined;
      const head = decodeLatin1(sent, 0, headEnd);
      const length = /^content-length:[ \t]*([0-9]+)/im.exec(head)?.[1] ?? '0';
      part = /^transfer-encoding:.*chunked/im.test(head) ? 'chunks' : 'rest';
      end = headEnd + (part === 'rest' ? Number(length) : 0);
    }
    while (part === 'chunks') {
      const lineEnd = end < sent.length ? sent.indexOf(LF, end) + 1 : 0;
      if (lineEnd === 0) return undefined;
      const line = decodeLatin1(sent, end, lineEnd);
      const size = parseInt(line, 16);
      if (!(size >= 0))
        throw new TypeError(`Cannot read the request: ${JSON.stringify(line)} is not a chunk size`);
      if (size === 0) part = 'trailers';
      end = lineEnd + (size === 0 ? 0 : size + 2);
    }
    if (part === 'trailers') {
      const trailersEnd = afterBlankLine(sent, end);
      if (trailersEnd === undefined) return undefined;
      end = trailersEnd;
      part = 'rest';
    }
    return sent.length >= end ? end : undefined;
  };
}

/** The offset after the first empty line, for lines from `start` on. */
function afterBlankLine(bytes: Uint8Array, start: number): number | undefined {
  for (let lf = bytes.indexOf(LF, start); lf >= 0; lf = bytes.indexOf(LF, start)) {
    if (lf === start || (lf === start + 1 && bytes[start] === CR)) return lf + 1;
    start = lf + 1;
  }
  return undefined;
}
