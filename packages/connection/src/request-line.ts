import { cannotUse, InvalidURL, quote } from '@http-client/errors';
import { basePrototype, validateTarget } from '@http-client/headers';

const NOT_ASCII = /[\u0080-\uffff]/g;

/**
 * Refuses a target that could end the request line early: one with a control character or a space. Non-ASCII characters
 * pass here: `encodeRequestLine` refuses them, and a subclass may override only that.
 */
export function checkRequestTarget(target: unknown): void {
  if (typeof target !== 'string') validateTarget(target as string);
  else if (target === '' || !isWithin(target, 0x21, 0x7e)) validateTarget(target.replace(NOT_ASCII, '?'));
}

/** Whether all characters are in the range. A loop: a regular expression takes as long for one as for twenty. */
export function isWithin(text: string, low: number, high: number): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < low || code > high) return false;
  }
  return true;
}

/**
 * Refuses a request line that is not ASCII: the encoding by which the server would read it is unknown.
 *
 * @throws InvalidURL if it is not ASCII.
 */
export function checkASCII(line: string): void {
  const at = line.search(NOT_ASCII);
  if (at < 0) return;
  const why = `${quote(line[at]!)} is not ASCII (encodeURI() encodes it; RFC 3986, section 2.1)`;
  throw cannotUse(line, 'a request line', why, InvalidURL);
}

interface Encoder {
  readonly encodeRequestLine: unknown;
}

/** The connection's own method, once there is a connection. */
let own: unknown;

/**
 * Whether a subclass, or the caller, has replaced `encodeRequestLine`. The connection's own class is found at the top
 * of the hierarchy, not by its name: webpack keeps a class that a function names which it calls, in every bundle that
 * imports anything from this package, and esbuild renames one that names itself.
 */
export function replacesEncoding(connection: object): boolean {
  own ??= (basePrototype(connection) as Encoder).encodeRequestLine;
  return (connection as Encoder).encodeRequestLine !== own;
}
