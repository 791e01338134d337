import { HTTP_PORT, HTTPS_PORT } from '@http-client/client';

import { Failure } from '../failure.js';
import { basic } from './basic.js';

/** A proxy that tunnels are asked for. */
export interface Proxy {
  /** Whether TLS is spoken to the proxy itself: `https:`. */
  readonly secure: boolean;
  /** An IPv6 address stands in brackets. */
  readonly host: string;
  readonly port: number;
  /** What Proxy-Authorization says to it; undefined where its URL has no user. A secret: never printed. */
  readonly authorization: string | undefined;
}

const GOOD_ONE = 'http://proxy.example:3128';

/**
 * Takes the URL of a proxy apart. User and password may be percent-encoded (RFC 3986, section 2.1), and are sent as
 * UTF-8 (RFC 7617, section 2.1).
 *
 * @throws Failure, which repeats nothing of the URL: wherever the mistake is, a password may be near.
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
      throw refuse('its user or password is not well percent-encoded (% itself is %25)');
    }
  };
  return basic(decoded(username), decoded(password), refuse);
}
