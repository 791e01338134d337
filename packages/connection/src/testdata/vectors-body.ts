import { countable } from './vectors-load.js';

// A second, plain implementation of the framings as the reference reads them: which bytes belong to the body, and what
// ends them.

/** What follows the received bytes of a body. */
export type Fate =
  /** Its end; `late` if only the end of the stream shows that it is one. */
  | { kind: 'complete'; late: boolean }
  /** The end of the stream; `expected` bytes are missing, if the framing says so. */
  | { kind: 'missing'; expected: number | undefined }
  /** Framing that is rejected, with an error of that class. */
  | { kind: 'refused'; error: string }
  /** Nothing yet: the peer is silent, and the stream open. */
  | { kind: 'silence' };

export interface Body {
  text: string;
  fate: Fate;
  /** How many bytes followed the end of the body. */
  stray: number;
}

const LONGEST_LINE = 65_536;
const MOST_TRAILERS = 100;

/** Where the body begins: after the first empty line, and after those of any 100 before. */
export function bodyStart(answer: string): number {
  let at = 0;
  const line = (): string => {
    const end = answer.indexOf('\n', at) + 1 || answer.length;
    const text = answer.slice(at, end);
    at = end;
    return text;
  };
  for (let interim = true; interim;) {
    interim = /^\S+\s+100(?:\s|$)/.test(line());
    while (!['', '\n', '\r\n'].includes(line()));
  }
  return at;
}

/** A body by its length, or to the end of the stream if that is undefined. */
export function plainBody(received: string, length: number | undefined, ended: boolean): Body {
  const text = received.slice(0, length);
  const missing = length === undefined ? 0 : length - text.length;
  const complete = length === undefined ? ended : missing === 0;
  const fate: Fate = complete
    ? { kind: 'complete', late: length === undefined }
    : ended
      ? { kind: 'missing', expected: missing }
      : { kind: 'silence' };
  return { text, fate, stray: received.length - text.length };
}

/** A body in chunks. */
export function chunkedBody(received: string, ended: boolean): Body {
  let text = '';
  let at = 0;
  const stop = (fate: Fate): Body => ({ text, fate, stray: received.length - at });
  const cutOff = (expected?: number): Body =>
    stop(ended ? { kind: 'missing', expected } : { kind: 'silence' });
  let late = false;
  const line = (): string | undefined => {
    const end = received.indexOf('\n', at) + 1;
    late ||= end === 0;
    // Including its end, a line of that length would exceed the limit.
    if (end === 0 && !ended && received.length - at < LONGEST_LINE) return undefined;
    const found = received.slice(at, end === 0 ? received.length : end);
    at += found.length;
    return found;
  };
  const tooLong = (found: string): boolean => found.length + (found.endsWith('\n') ? 0 : 1) > LONGEST_LINE;
  for (;;) {
    const sizeLine = line();
    if (sizeLine === undefined) return cutOff();
    if (tooLong(sizeLine)) return stop({ kind: 'refused', error: 'LineTooLong' });
    const size = chunkSize(sizeLine);
    if (size === 0) break;
    if (size === undefined || size < -1) return stop({ kind: 'refused', error: 'IncompleteRead' });
    // The reference reads everything that is left if it is told to read -1 bytes.
    const data = received.slice(at, size === -1 ? undefined : at + size);
    text += data;
    at += data.length;
    if (size === -1) return cutOff();
    if (data.length < size) return cutOff(countable(size - data.length));
    // Whatever these two bytes are.
    at += 2;
    if (at > received.length) return cutOff();
  }
  for (let count = 0; ; count++) {
    const trailer = line();
    if (trailer === undefined) return cutOff();
    if (tooLong(trailer)) return stop({ kind: 'refused', error: 'LineTooLong' });
    if (['', '\n', '\r\n'].includes(trailer)) return stop({ kind: 'complete', late });
    if (count === MOST_TRAILERS) return stop({ kind: 'refused', error: 'TooManyHeaders' });
  }
}

/** As Python's `int(line, 16)` reads it, after extensions have been removed. */
function chunkSize(line: string): number | undefined {
  const text = line.split(';', 1)[0]!.replace(/^[\t-\r ]+|[\t-\r ]+$/g, '');
  const match = /^([+-]?)(?:0x_?)?([0-9a-f]+(?:_[0-9a-f]+)*)$/i.exec(text);
  return match === null
    ? undefined
    : Number(`${match[1] === '-' ? '-' : ''}${parseInt(match[2]!.replaceAll('_', ''), 16)}`);
}
