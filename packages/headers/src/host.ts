import { cannotUse, InvalidURL } from '@http-client/errors';

import { checkText, refuse } from './grammar.js';

/** The part of the web's `URL` that is used; browsers, workers and Node have it. */
declare const URL: new (url: string) => URL;
interface URL {
  readonly hostname: string;
}

/** Characters that end the host in a URL or begin another part of it (RFC 3986, section 3.2), and those of no URL. */
const DELIMITER = /["#/:<>?@[\\\]^`{|}]/;

/**
 * The zone of an IPv6 address, which names an interface of this machine (RFC 4007, section 11): the characters that it
 * may have in a URL (RFC 6874, section 2), and the colon of an alias.
 */
const ZONE = /%[\w%.:~-]+$/;

/**
 * Rejects a host that could end the Host field or the CONNECT line, or that is more than a host. A host is a name, an
 * IPv4 address, or an IPv6 address without brackets, optionally with a zone. Non-ASCII characters are left to IDNA.
 *
 *     host = IP-literal / IPv4address / reg-name      (RFC 3986, section 3.2.2)
 *
 * @throws InvalidURL; TypeError if it is not a string.
 */
export function validateHost(host: string): void {
  refuse(host, 'a host', /[\0- \x7f]|^$/, 'is not allowed there', InvalidURL);
  if (!host.includes(':')) {
    refuse(host, 'a host', DELIMITER, 'is not allowed in a name', InvalidURL);
    return;
  }
  const address = host.replace(ZONE, '');
  // The characters first: the URL parser would take a bracket for the end of the address, and the rest for a path.
  if (/^[\da-f.:]+$/i.test(address) && inURL(`[${address}]`)) return;
  let why = 'it is not an IPv6 address';
  if (host.includes('://')) why = 'it is a URL; give the host that it names';
  else if (/^[^:]+:\d*$/.test(host)) why = 'a port is not part of it';
  throw cannotUse(host, 'a host', why, InvalidURL);
}

/**
 * An address without the brackets that it has in a URL. Any other host is unchanged: a name in brackets is invalid.
 *
 * @throws TypeError if it is not a string.
 * @internal
 */
export function withoutBrackets(host: string): string {
  checkText(host, 'a host');
  return host.startsWith('[') && host.endsWith(']') && host.includes(':') ? host.slice(1, -1) : host;
}

/**
 * Rejects anything that is not a port: 1 to 65,535. Nothing can be reached at port 0, which is reserved (RFC 6335,
 * section 6).
 *
 * @throws InvalidURL
 * @internal
 */
export function validatePort(port: number): void {
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return;
  let why = typeof port === 'number' ? 'expected a whole number from 1 to 65535' : 'it is not a number';
  // The likeliest mistake of those who know other clients.
  if (typeof port === 'object') why += '; options are passed after it';
  throw cannotUse(port, 'a port', why, InvalidURL);
}

/**
 * A host in ASCII: converted by IDNA (UTS 46) if necessary, otherwise unchanged.
 *
 * @throws InvalidURL if it would have to be converted, but is not an internationalized domain name.
 * @internal
 */
export function hostToASCII(host: string): string {
  if (/^[ -~]*$/.test(host)) return host;
  // With a delimiter in it, the URL parser would take only a part of it for the host.
  const url = DELIMITER.test(host) ? undefined : inURL(host);
  if (url) return url.hostname;
  throw cannotUse(host, 'a host', 'it is not an internationalized domain name (UTS 46)', InvalidURL);
}

/**
 * A URL with this host, and a port perhaps; undefined if it is none. The jsdom of Jest 29 and the browsers before 2023
 * have no `URL.canParse`.
 *
 * @internal
 */
export function inURL(host: string): URL | undefined {
  try {
    return new URL(`http://${host}`);
  } catch {
    return undefined;
  }
}

/**
 * A host as it is written in messages (RFC 9110, section 4.2): IPv6 in brackets and without its zone, which means
 * nothing to the peer; a name in ASCII.
 *
 * @throws InvalidURL as {@link hostToASCII}.
 * @internal
 */
export function uriHost(host: string): string {
  return host.includes(':') ? `[${host.replace(ZONE, '')}]` : hostToASCII(host);
}
