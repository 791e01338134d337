import { countable } from './vectors-load.js';

// The framings as the reference reads them, told once more and plainly: what bytes are the body's, and what ends them.

/** What comes behind the bytes of a body that were received. */
export type Fate =
  /** Its end; `late` where only the end of the stream tells that it is one. */
  | { kind: 'complete'; late: boolean }
  /** The end of the stream, with so many bytes missing where the framing tells. */
  | { kind: 'missing'; expected: number | undefined }
  /** Framing that is refused, with an error of that class. */
  | { kind: 'refused'; error: string }
  /** Nothing yet: the peer is silent, and the stream open. */
  | { kind: 'silence' };

export interface Body {
  text: string;
  fate: Fate;
  /** How many bytes came behind the body's end. */
  stray: number;
}

const LONGEST_LINE = 65_536;
const MOST_TRAILERS = 100;

/** Where the body begins: behind the first empty line, and behind those of any 100 before. */
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

/** A body by its length, or to the end of the stream where that is undefined. */
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
    // With its end, one of that length would be longer than a line may be.
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
    // The reference reads "all there is" where it is told to read -1 bytes.
    const data = received.slice(at, size === -1 ? undefined : at + size);
    text += data;
    at += data.length;
    if (size === -1) return cutOff();
    if (data.length < size) return cutOff(countable(size - data.length));
    // Whatever two bytes these are.
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

/** As Python's `int(line, 16)` reads it, behind which extensions were cut off. */
function chunkSize(line: string): number | undefined {
  const text = line.split(';', 1)[0]!.replace(/^[\t-\r ]+|[\t-\r ]+$/g, '');
  const match = /^([+-]?)(?:0x_?)?([0-9a-f]+(?:_[0-9a-f]+)*)$/i.exec(text);
  return match === null
    ? undefined
    : Number(`${match[1] === '-' ? '-' : ''}${parseInt(match[2]!.replaceAll('_', ''), 16)}`);
}
