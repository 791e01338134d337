import { cannotUse, InvalidURL, quote } from '@http-client/errors';
import { validateTarget } from '@http-client/headers';

const NOT_ASCII = /[\u0080-\uffff]/;

/**
 * Refuses a target that could end the request line early: one with a control or a space in it. What is not ASCII passes
 * here: it is `encodeRequestLine` that refuses it, and a subclass may replace that alone.
 */
export function checkTarget(target: unknown): void {
  if (typeof target !== 'string') validateTarget(target as string);
  else if (target === '' || !isWithin(target, 0x21, 0x7e))
    validateTarget(target.replaceAll(/[\u0080-\uffff]/g, '?'));
}

/** Whether all characters are of that range. By a loop: a pattern takes as long for one character as for twenty. */
export function isWithin(text: string, low: number, high: number): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < low || code > high) return false;
  }
  return true;
}

/**
 * Refuses a request line that is not ASCII: nobody could say by what encoding the server would read it.
 *
 * @throws InvalidURL
 */
export function checkASCII(line: string): void {
  const at = line.search(NOT_ASCII);
  if (at < 0) return;
  const why = `${quote(line[at]!)} is not ASCII (encodeURI() encodes it; RFC 3986, section 2.1)`;
  throw new InvalidURL(cannotUse(line, 'a request line', why));
}
