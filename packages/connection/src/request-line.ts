import { InvalidURL, quote } from '@http-client/errors';
import { validateTarget } from '@http-client/headers';
import { encodeLatin1 } from '@http-client/io';

const NOT_ASCII = /[\u0080-\uffff]/g;

/**
 * Refuses a target that could end the request line early: one with a control or a space in it. What is not ASCII passes
 * here: it is `encodeRequestLine` that refuses it, and a subclass may replace that alone.
 */
export function checkTarget(target: unknown): void {
  validateTarget((typeof target === 'string' ? target.replace(NOT_ASCII, '?') : target) as string);
}

/**
 * The request line as bytes.
 *
 * @throws InvalidURL where it is not ASCII: nobody could say by what encoding the server would read it.
 */
export function encodeASCII(line: string): Uint8Array {
  const [character] = line.match(NOT_ASCII) ?? [];
  if (character !== undefined) {
    throw new InvalidURL(
      `Cannot use ${quote(line)} as a request line: ${quote(character)} is not ASCII (encodeURI() encodes it; RFC 3986, section 2.1)`,
    );
  }
  return encodeLatin1(line);
}
