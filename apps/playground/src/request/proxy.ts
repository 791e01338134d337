import { HTTP_PORT, HTTPS_PORT } from '@http-client/client';

import { Failure } from '../failure.js';
import { basic } from './basic.js';

/** A proxy that opens tunnels. */
export interface Proxy {
  /** Whether TLS is used to the proxy itself: `https:`. */
  readonly secure: boolean;
  /** An IPv6 address is in brackets. */
  readonly host: string;
  readonly port: number;
  /** The value of Proxy-Authorization; undefined if the URL has no user. A secret, which must not be printed. */
  readonly authorization: string | undefined;
}

const GOOD_ONE = 'http://proxy.example:3128';

/**
 * Parses the URL of a proxy. User and password may be percent-encoded (RFC 3986, section 2.1), and are sent as UTF-8
 * (RFC 7617, section 2.1).
 *
 * @throws Failure, which repeats nothing of the URL, any part of which may be the password.
 */
export function parseProxy(text: string): Proxy {
  const refuse = (why: string): Failure =>
    new Failure(`Cannot use the URL of the proxy: ${why}; a good one looks like ${GOOD_ONE}`);

  if (/\p{Cc}/u.test(text)) throw refuse('it has a control character in it');
  if (!/^https?:\/\//i.test(text)) throw refuse('it does not begin with http:// or https://');
  if (!/^[^:]*:\/\/[^/\\?#]/.test(text) || !URL.canParse(text)) throw refuse('its host or port is wrong');
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text);
  if (pathname + search + hash !== '/') throw refuse('something follows its host and port');
  const secure = protocol === 'https:';
  const defaultPort = secure ? HTTPS_PORT : HTTP_PORT;
  return {
    secure,
    host: hostname,
    port: port === '' ? defaultPort : Number(port),
    authorization: username === '' && password === '' ? undefined : authorization(username, password, refuse),
  };
}

function authorization(username: string, password: string, refuse: (why: string) => Failure): string {
  const decoded = (part: string): string => {
    try {
      return decodeURIComponent(part);
    } catch {
      throw refuse('its user or password is not valid percent-encoding (% itself is %25)');
    }
  };
  return basic(decoded(username), decoded(password), refuse);
}
