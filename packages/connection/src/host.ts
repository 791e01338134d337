import { cannotUse, InvalidURL } from '@http-client/errors';
import { uriHost, validatePort, withoutBrackets } from '@http-client/headers';

/**
 * A host as a connection is made to it: an IPv6 address without brackets, and a port.
 *
 * @internal
 */
export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/**
 * Takes `host`, `host:port`, `[v6]` or `[v6]:port` apart; where `port` is given, the host has none in it. A host with
 * two colons or more and no brackets is an IPv6 address.
 *
 * @throws InvalidURL for a port that is not a number or out of range; TypeError for a host that is not a string. What may stand
 * in a host is for `validateHost`.
 * @internal
 */
export function splitHost(text: string, port: number | undefined, defaultPort: number): HostAndPort {
  const given: unknown = text;
  if (typeof given !== 'string') throw new TypeError(cannotUse(given, 'a host', 'it is not a string'));
  let host = text;
  let number = port;
  // A URL has no port where it seems to: it is refused whole.
  if (number === undefined && !text.includes('://')) {
    const colon = host.lastIndexOf(':');
    const bracketed = host.startsWith('[');
    // A port follows the bracket, or the only colon.
    if (colon >= 0 && (bracketed ? colon > host.lastIndexOf(']') : host.indexOf(':') === colon)) {
      number = parsePort(host.slice(colon + 1), defaultPort);
      host = host.slice(0, colon);
    }
  }
  number ??= defaultPort;
  validatePort(number);
  return { host: withoutBrackets(host), port: number };
}

/** An empty port is the default one, as in `http://example.org:/` (RFC 3986, section 3.2.3). */
function parsePort(text: string, defaultPort: number): number {
  if (text === '') return defaultPort;
  if (!/^[0-9]+$/.test(text)) throw new InvalidURL(cannotUse(text, 'a port', 'it is not a number'));
  return Number(text);
}

/** The value of the Host field (RFC 9110, section 7.2): the port only where it is not the default. */
export function hostField(host: string, port: number, defaultPort: number): string {
  return port === defaultPort ? uriHost(host) : `${uriHost(host)}:${port}`;
}

/**
 * The authority of an absolute-form target, without user information and zone; undefined for the other forms.
 *
 * @throws InvalidURL where it is open which host it is: brackets that hold no IPv6 address, a second port, or a backslash,
 * which the web's `URL` takes for a slash.
 */
export function authorityOf(target: string): string | undefined {
  // Nearly all targets end here. With the rest in the same function the engine never compiled it.
  return target[0] === '/' ? undefined : absoluteAuthority(target);
}

function absoluteAuthority(target: string): string | undefined {
  const match = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#\\]*@)?([^/?#@]*)/i.exec(target);
  if (match === null || match[1] === '') return undefined;
  const authority = match[1]!.replace(/^(\[[^\]%]*)%[^\]]*/, '$1');
  if (authority.includes('\\') || (/[[\]:]/.test(authority) && !URL.canParse(`http://${authority}`))) {
    throw new InvalidURL(cannotUse(target, 'a request target', 'its host and port are ambiguous'));
  }
  return authority;
}

/**
 * The peer, as errors name it.
 *
 * @internal
 */
export function placeOf(host: string, port: number | undefined): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === undefined ? name : `${name}:${port}`;
}
