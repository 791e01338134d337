import { cannotUse, InvalidURL, quote, quoteValue } from '@http-client/errors';
import { decodeLatin1, isBytes, nameOf } from '@http-client/io';

const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
const SP = 0x20;

/** Matches text that is not a token: a character that is not a tchar, or the empty string. */
export const NOT_A_TOKEN = /[^\w!#$%&'*+.^`|~-]|^$/;

/**
 * For each byte, 1 if it may be part of a token, otherwise 0 (RFC 9110, section 5.6.2):
 *
 *     token = 1*tchar
 *     tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "."
 *           / "^" / "_" / "`" / "|" / "~" / DIGIT / ALPHA
 *
 * A table, since a look-up per byte is several times as fast as a regular expression per name.
 */
export const TOKEN_BYTE: Uint8Array = /* @__PURE__ */ Uint8Array.from({ length: 256 }, (_, code) =>
  Number(!NOT_A_TOKEN.test(String.fromCharCode(code))),
);

/** Whether the character at an index is SP or HTAB: what OWS, BWS and RWS consist of (RFC 9110, section 5.6.3). */
export function isWhitespace(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === SP || code === HTAB;
}

/** The text without leading whitespace. */
export function trimLeadingWhitespace(text: string): string {
  let from = 0;
  while (isWhitespace(text, from)) from++;
  return text.slice(from);
}

/** The text without trailing whitespace. A loop, since a regular expression takes quadratic time on long runs of it. */
export function trimTrailingWhitespace(text: string): string {
  let to = text.length;
  while (isWhitespace(text, to - 1)) to--;
  return text.slice(0, to);
}

/**
 * The text without surrounding whitespace: only SP and HTAB, whereas `trim()` would also remove a no-break space.
 *
 * @internal
 */
export function trimWhitespace(text: string): string {
  return trimTrailingWhitespace(trimLeadingWhitespace(text));
}

/** Characters that would end a field line, or cannot be written in one. */
const INVALID_IN_VALUE = /[\0\n\r\u0100-\uffff]/;

/** What a caller may pass as the value of a field; numbers are written as by `String`, bytes are ISO-8859-1 text. */
export type HeaderValue = string | number | Uint8Array;

/**
 * Rejects a field name that is not a token (RFC 9110, section 5.6.2).
 *
 * @throws TypeError
 */
export function validateHeaderName(name: string): void {
  validateToken(name, 'a field name');
}

/**
 * Rejects a value that would end its field line or cannot be written: with CR, LF or NUL, or with characters above
 * U+00FF, since field lines are ISO-8859-1. Also a number that is not finite.
 *
 * @param name is only for the message.
 * @throws TypeError
 */
export function validateHeaderValue(name: string, value: HeaderValue): void {
  fieldValue(name, value);
}

/**
 * The value as the text that is sent, validated as by {@link validateHeaderValue}.
 *
 * @throws TypeError
 */
export function fieldValue(name: string, value: HeaderValue): string {
  let text: unknown = value;
  if (Number.isFinite(value)) text = String(value);
  else if (isBytes(value)) text = decodeLatin1(value);
  if (typeof text !== 'string') {
    const kind = typeof text === 'number' ? text : nameOf(text);
    throw unusableValue(name, `it is ${kind}, not a string, finite number or Uint8Array`);
  }
  const at = text.search(INVALID_IN_VALUE);
  if (at < 0) return text;
  const character = text[at]!;
  const why =
    character > '\xff'
      ? 'is beyond U+00FF; give new TextEncoder().encode(value)'
      : 'could end the field line';
  throw unusableValue(name, `${quote(character)} at index ${at} ${why}`);
}

/** Without the value: often it is a secret, read from a file together with a line end, and messages are logged. */
function unusableValue(name: string, why: string): TypeError {
  return new TypeError(`Cannot use the value of ${quoteValue(name)}: ${why}`);
}

/**
 * Rejects a request method that is not a token (RFC 9110, section 9.1).
 *
 * @throws TypeError
 */
export function validateMethod(method: string): void {
  validateToken(method, 'a method');
}

/**
 * Rejects a target that could end the request line early: anything but one or more visible ASCII characters.
 * Whether it is in one of the four forms of RFC 9112, section 3.2, is not checked.
 *
 * @throws InvalidURL; TypeError if it is not a string.
 */
export function validateTarget(target: string): void {
  refuse(target, 'a request target', /[^!-~]|^$/, 'is not allowed there', InvalidURL);
}

/** Rejects text that is not a token; the message calls it `what`. */
export function validateToken(text: string, what: string): void {
  if (!isToken(text)) refuse(text, what, NOT_A_TOKEN, 'is not a token character (RFC 9110, section 5.6.2)');
}

/** Most methods and names are so short that a regular expression takes several times as long. */
function isToken(text: unknown): boolean {
  if (typeof text !== 'string' || text === '') return false;
  for (let at = 0; at < text.length; at++) if (TOKEN_BYTE[text.charCodeAt(at)] !== 1) return false;
  return true;
}

/** Rejects text that contains a wrong character, and anything that is not text, for callers without types. */
export function refuse(
  text: unknown,
  what: string,
  wrong: RegExp,
  why: string,
  Kind?: new (message: string) => Error,
): void {
  checkText(text, what);
  const match = wrong.exec(text);
  if (match === null) return;
  const [character] = match;
  const name = character === ' ' ? 'a space' : quote(character);
  throw cannotUse(text, what, character === '' ? 'it is empty' : `${name} ${why}`, Kind);
}

/** Rejects anything that is not text, for callers without types: a look-up would find nothing. */
export function checkText(value: unknown, as: string): asserts value is string {
  if (typeof value !== 'string') throw cannotUse(value, as, 'it is not a string');
}
