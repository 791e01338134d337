import { InvalidURL, quote } from '@http-client/errors';
import { decodeLatin1 } from '@http-client/io';

/** Bits of {@link BYTE_CLASS}. */
export const TOKEN = 1;
export const FIELD_BYTE = 2;

/**
 * What each byte may be part of (RFC 9110, sections 5.5 and 5.6.2):
 *
 *     token       = 1*tchar
 *     tchar       = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_" / "`" / "|" / "~" / DIGIT / ALPHA
 *     field-value = *field-content, which without its fine print is *( HTAB / SP / VCHAR / obs-text )
 *     VCHAR       = %x21-7E
 *     obs-text    = %x80-FF
 *
 * A table, since a look-up per byte is several times as fast as a regular expression per line.
 */
export const BYTE_CLASS: Uint8Array = /* @__PURE__ */ classify();

function classify(): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => {
    if (code === 0x09) return FIELD_BYTE;
    if (code < 0x20 || code === 0x7f) return 0;
    return /[\w!#$%&'*+.^`|~-]/.test(String.fromCharCode(code)) ? TOKEN | FIELD_BYTE : FIELD_BYTE;
  });
}

/** SP or HTAB: what OWS, BWS and RWS are made of (RFC 9110, section 5.6.3). */
export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** The text without the blanks before it. In loops: on long runs of blanks a pattern may take quadratic time. */
export function trimBlanksBefore(text: string): string {
  let from = 0;
  while (isBlank(text.charCodeAt(from))) from++;
  return text.slice(from);
}

/** The text without the blanks behind it. */
export function trimBlanksBehind(text: string): string {
  let to = text.length;
  while (isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(0, to);
}

/** The text without the blanks around it. */
export function trimBlanks(text: string): string {
  return trimBlanksBehind(trimBlanksBefore(text));
}

/** The index of the first character that is none of a token, or -1. */
export function findNonToken(text: string): number {
  for (let at = 0; at < text.length; at++) {
    // An index beyond the table gives undefined, which has no bits either.
    if ((BYTE_CLASS[text.charCodeAt(at)]! & TOKEN) === 0) return at;
  }
  return -1;
}

/** What a caller may give as the value of a field; numbers are written in decimal, bytes are ISO-8859-1 text. */
export type HeaderValue = string | number | Uint8Array;

/**
 * Refuses what is no token (RFC 9110, section 5.6.2), and so no field name.
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
 * Refuses a request method that is no token (RFC 9110, section 9.1).
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
  validateURLPart(target, 'a request target', 0x7e);
}

/**
 * Refuses a host with a control character or a space in it, which could end the Host field or the CONNECT line.
 * Other characters are left to IDNA.
 *
 * @throws InvalidURL
 */
export function validateHost(host: string): void {
  validateURLPart(host, 'a host', Infinity);
}

/** The value as the text that goes on the wire, validated. */
export function fieldValue(name: string, value: HeaderValue): string {
  const text =
    value instanceof Uint8Array ? decodeLatin1(value) : Number.isFinite(value) ? String(value) : value;
  if (typeof text !== 'string') {
    throw unusable(
      String(value),
      `the value of ${quote(name)}`,
      'it is no string, finite number or Uint8Array',
    );
  }
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0xff || code === CR || code === LF || code === 0) {
      const why =
        code > 0xff
          ? 'is beyond U+00FF; to send UTF-8, give new TextEncoder().encode(value)'
          : 'may not stand in a field line (RFC 9110, section 5.5)';
      throw unusable(text, `the value of ${quote(name)}`, `${quote(text.charAt(at))} at index ${at} ${why}`);
    }
  }
  return text;
}

export const LF = 0x0a;
export const CR = 0x0d;
export const COLON = 0x3a;

function validateToken(text: string, what: string): void {
  const at = findNonToken(text);
  if (at >= 0)
    throw unusable(text, what, `${nameCharacter(text, at)} is no token character (RFC 9110, section 5.6.2)`);
  if (text === '') throw unusable(text, what, 'it is empty');
}

function validateURLPart(text: string, what: string, last: number): void {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 0x20 || code === 0x7f || code > last) {
      const why = `${nameCharacter(text, at)} may not stand there (RFC 9112, section 3.2)`;
      throw new InvalidURL(refusal(text, what, why));
    }
  }
}

function nameCharacter(text: string, at: number): string {
  return text[at] === ' ' ? 'a space' : quote(text.charAt(at));
}

function refusal(text: string, what: string, why: string): string {
  return `Cannot use ${quote(text)} as ${what}: ${why}`;
}

function unusable(text: string, what: string, why: string): TypeError {
  return new TypeError(refusal(text, what, why));
}
