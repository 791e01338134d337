import { cannotUse, InvalidURL } from '@http-client/errors';
import { inURL, uriHost, validatePort, withoutBrackets } from '@http-client/headers';

/** The host and port to connect to; an IPv6 address is without brackets. */
export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/**
 * Splits `host`, `host:port`, `[v6]` or `[v6]:port`. If `port` is given, the text is not searched for one. A host with
 * two or more colons and no brackets is an IPv6 address.
 *
 * @throws InvalidURL for a port that is not a number or out of range; TypeError for a host that is not a string. The
 * characters of the host are checked by `validateHost`.
 */
export function splitHost(text: string, port: number | undefined, defaultPort: number): HostAndPort {
  const given: unknown = text;
  if (typeof given !== 'string') throw cannotUse(given, 'a host', 'it is not a string');
  let host = text;
  let number = port;
  // Callers without types may pass null for none, as Python's callers pass None. In a URL the last colon need not
  // precede a port: it is left whole, for `validateHost` to refuse.
  if (number == null && !text.includes('://')) {
    const colon = host.lastIndexOf(':');
    // A port follows the closing bracket, or the only colon.
    if (colon >= 0 && (host.startsWith('[') ? host[colon - 1] === ']' : host.indexOf(':') === colon)) {
      number = parsePort(host.slice(colon + 1), defaultPort);
      host = host.slice(0, colon);
    }
  }
  number ??= defaultPort;
  validatePort(number);
  return { host: withoutBrackets(host), port: number };
}

/** Parses a port. An empty one is the default, as in `http://example.org:/` (RFC 3986, section 3.2.3). */
function parsePort(text: string, defaultPort: number): number {
  if (text === '') return defaultPort;
  if (!/^[0-9]+$/.test(text)) throw cannotUse(text, 'a port', 'it is not a number', InvalidURL);
  return Number(text);
}

/** The value of the Host field (RFC 9110, section 7.2), with the port only if it is not the default. */
export function hostField(host: string, port: number, defaultPort: number): string {
  return port === defaultPort ? uriHost(host) : `${uriHost(host)}:${port}`;
}

const ABSOLUTE = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#\\]*@)?([^/?#@]*)/i;
const AUTHORITY = /^(?:[^/?#\\]*@)?([^/?#@]*:[0-9]*)$/;
/** Characters of no URL (RFC 3986, section 2): the web's `URL` accepts some in a host, and a backslash as a slash. */
const NOT_OF_URLS = /["<>\\^`{|}]/;

/**
 * The authority of a target in absolute form, or in the authority form of a CONNECT (RFC 9112, section 3.2), without
 * user information and zone; undefined for all other targets.
 *
 * @throws InvalidURL if it is not one host with an optional port: an empty host, brackets without an IPv6 address, a
 * second port, or a character that is not allowed there.
 */
export function authorityOf(target: string, method?: string): string | undefined {
  if (target[0] === '/') return undefined;
  const match = ABSOLUTE.exec(target) ?? (method === 'CONNECT' ? AUTHORITY.exec(target) : null);
  if (match === null) return undefined;
  const authority = match[1]!.replace(/^(\[[^\]%]*)%[^\]]*/, '$1');
  if (authority === '') throw cannotUse(target, 'a request target', 'it names no host', InvalidURL);
  if (NOT_OF_URLS.test(authority) || (/[[\]:]/.test(authority) && !inURL(authority))) {
    throw cannotUse(target, 'a request target', 'its host and port are ambiguous', InvalidURL);
  }
  return authority;
}

/**
 * The peer, as it appears in errors.
 *
 * @internal
 */
export function placeOf(host: string, port: number | undefined): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === undefined ? name : `${name}:${port}`;
}
