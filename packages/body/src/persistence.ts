import { cannotUse, checkType } from '@http-client/errors';
import { trimWhitespace, type HTTPMessage } from '@http-client/headers';
import { nameOf } from '@http-client/io';

/**
 * Whether the connection stays open after this message (RFC 9112, section 9.3): `close` ends it; otherwise HTTP/1.1
 * keeps it open, and HTTP/1.0 only with `keep-alive`.
 *
 * @param strict if false, as in the reference, which searches for the words anywhere in the first Connection field, and
 * for HTTP/1.0 also examines the Keep-Alive and Proxy-Connection fields.
 * @throws TypeError for an invalid argument.
 */
export function persists(version: 10 | 11, headers: HTTPMessage, strict = true): boolean {
  checkPersistence(version, headers, strict);
  return staysOpen(version, headers, strict);
}

/** Validates the arguments of {@link persists}: any other version would count as HTTP/1.0. */
export function checkPersistence(version: unknown, headers: unknown, strict: unknown): void {
  if (version !== 10 && version !== 11) throw cannotUse(version, 'version', 'expected 10 or 11');
  if (typeof (headers as Partial<HTTPMessage> | null | undefined)?.getAll !== 'function')
    throw new TypeError(`Cannot use ${nameOf(headers)} as headers: expected an HTTPMessage`);
  checkType(strict, 'strict', 'boolean');
}

/** The same for arguments that have been validated. */
export function staysOpen(version: 10 | 11, headers: HTTPMessage, strict: boolean): boolean {
  if (!strict) {
    const mentions = (name: string, word: string): boolean =>
      headers.get(name, '').toLowerCase().includes(word);
    return version === 11
      ? !mentions('Connection', 'close')
      : headers.get('Keep-Alive', '') !== '' ||
          mentions('Connection', 'keep-alive') ||
          mentions('Proxy-Connection', 'keep-alive');
  }
  // The usual case, in which nothing is allocated.
  if (!headers.has('Connection')) return version === 11;
  const options = listElements(headers.getAll('Connection')).map((option) => option.toLowerCase());
  return !options.includes('close') && (version === 11 || options.includes('keep-alive'));
}

/**
 * The elements of a list field, without surrounding whitespace; the values of several fields form one list (RFC 9110,
 * sections 5.3 and 5.6.1). Empty elements are kept: in a field that determines the framing, they are a fault.
 */
export function listElements(values: readonly string[]): string[] {
  const elements: string[] = [];
  for (const value of values) {
    if (!value.includes(',')) elements.push(trimWhitespace(value));
    else for (const element of value.split(',')) elements.push(trimWhitespace(element));
  }
  return elements;
}
