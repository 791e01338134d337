import { cannotUse, InvalidURL, quote } from '@http-client/errors';
import { decodeLatin1, isBytes } from '@http-client/io';

const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
const SP = 0x20;

/** What makes a text no token: a character that is not a tchar, or that there is none. */
export const NO_TOKEN = /[^\w!#$%&'*+.^`|~-]|^$/;

/**
 * Of each byte 1 where it is part of a token, else 0 (RFC 9110, section 5.6.2):
 *
 *     token = 1*tchar
 *     tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "."
 *           / "^" / "_" / "`" / "|" / "~" / DIGIT / ALPHA
 *
 * A table, since a look-up per byte is several times as fast as a regular expression per name.
 */
export const TOKEN_BYTE: Uint8Array = /* @__PURE__ */ Uint8Array.from({ length: 256 }, (_, code) =>
  Number(!NO_TOKEN.test(String.fromCharCode(code))),
);

/** SP or HTAB: what OWS, BWS and RWS are made of (RFC 9110, section 5.6.3). */
export function isBlank(code: number): boolean {
  return code === SP || code === HTAB;
}

/** The text without the blanks before it. */
export function trimBlanksBefore(text: string): string {
  let from = 0;
  while (isBlank(text.charCodeAt(from))) from++;
  return text.slice(from);
}

/** The text without the blanks behind it. By a loop: a pattern takes quadratic time on long runs of blanks. */
export function trimBlanksBehind(text: string): string {
  let to = text.length;
  while (isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(0, to);
}

/** The text without the blanks around it: SP and HTAB, and nothing else, as `trim()` would take a no-break space. */
export function trimBlanks(text: string): string {
  return trimBlanksBehind(trimBlanksBefore(text));
}

/** What would end a field line, or cannot be written in one. */
const UNFIT = /[\0\n\r\u0100-\uffff]/;

/** What a caller may give as the value of a field; numbers are written in decimal, bytes are ISO-8859-1 text. */
export type HeaderValue = string | number | Uint8Array;

/**
 * Refuses what is not a token (RFC 9110, section 5.6.2), and so no field name.
 *
 * @throws TypeError
 */
export function validateHeaderName(name: string): void {
  validateToken(name, 'a field name');
}

/**
 * Refuses a value that would end its field line or cannot be written: CR, LF and NUL, and what is beyond U+00FF,
 * since field lines are ISO-8859-1; a number that is not finite.
 *
 * @param name is for the message alone.
 * @throws TypeError
 */
export function validateHeaderValue(name: string, value: HeaderValue): void {
  fieldValue(name, value);
}

/**
 * The value as the text that goes on the wire, validated as {@link validateHeaderValue} does it.
 *
 * @throws TypeError
 */
export function fieldValue(name: string, value: HeaderValue): string {
  let text: unknown = value;
  if (typeof value !== 'string') {
    if (Number.isFinite(value)) text = String(value);
    if (isBytes(value)) text = decodeLatin1(value);
  }
  let why = 'it is not a string, finite number or Uint8Array';
  if (typeof text === 'string') {
    const at = text.search(UNFIT);
    if (at < 0) return text;
    const character = text[at]!;
    why = `${quote(character)} ${character > '\xff' ? 'is beyond U+00FF; give new TextEncoder().encode(value)' : 'could end the field line'}`;
  }
  throw new TypeError(cannotUse(text, `the value of ${quote(name)}`, why));
}

/**
 * Refuses a request method that is not a token (RFC 9110, section 9.1).
 *
 * @throws TypeError
 */
export function validateMethod(method: string): void {
  validateToken(method, 'a method');
}

/**
 * Refuses a request target that could end the request line early: it is one or more visible ASCII characters.
 * Whether it is one of the four forms of RFC 9112, section 3.2, is not asked.
 *
 * @throws InvalidURL
 */
export function validateTarget(target: string): void {
  refuse(target, 'a request target', /[^!-~]|^$/, 'is not allowed there', InvalidURL);
}

/** Refuses what is not a token; the message says what it was to be. */
export function validateToken(text: string, what: string): void {
  if (!isToken(text))
    refuse(text, what, NO_TOKEN, 'is not a token character (RFC 9110, section 5.6.2)', TypeError);
}

/** Most methods and names are so short that a pattern takes several times as long. */
function isToken(text: unknown): boolean {
  if (typeof text !== 'string' || text === '') return false;
  for (let at = 0; at < text.length; at++) if (TOKEN_BYTE[text.charCodeAt(at)] !== 1) return false;
  return true;
}

/** Refuses a text with a character that is wrong in it; for callers without types, what is not text too. */
export function refuse(
  text: unknown,
  what: string,
  wrong: RegExp,
  why: string,
  Kind: new (message: string) => Error,
): void {
  if (typeof text !== 'string') throw new TypeError(cannotUse(text, what, 'it is not a string'));
  const match = wrong.exec(text);
  if (match === null) return;
  const [character] = match;
  const name = character === ' ' ? 'a space' : quote(character);
  throw new Kind(cannotUse(text, what, character === '' ? 'it is empty' : `${name} ${why}`));
}
