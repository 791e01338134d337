import { HTTP_PORT, HTTPS_PORT, quote } from '@http-client/client';

import { withoutUser } from '../credentials.js';
import { Failure } from '../failure.js';

/** Where a request goes: the parts of a URL. */
export interface Address {
  /** Whether TLS is used: `https:`. */
  readonly secure: boolean;
  /** An IPv6 address is in brackets. */
  readonly host: string;
  readonly port: number;
  /** Path and query, as in the request line. */
  readonly target: string;
}

const GOOD_ONE = 'http://example.org:8080/path?query';

/** What a good URL looks like, as the end of a sentence. */
export const GOOD_URL = `a good one looks like ${GOOD_ONE}`;

/**
 * Parses an `http:` or `https:` URL. It is normalized as in browsers: dot segments are resolved, spaces and non-ASCII
 * characters percent-encoded, the host is in IDNA, and the fragment is dropped.
 *
 * @param credentials how a user and a password can be sent instead, for the error.
 * @throws Failure, which says what a good one looks like.
 */
export function parseAddress(text: string, credentials = '--user name:password is'): Address {
  const shown = withoutUser(text);
  const refuse = (why: string, good = GOOD_ONE): Failure =>
    new Failure(`Cannot use ${quote(shown)} as a URL: ${why}; a good one looks like ${good}`);

  // The platform's parser silently drops tabs and line ends: the request would be for something else than was typed.
  if (/\p{Cc}/u.test(text)) throw refuse('it has a control character in it');
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== 'http' && scheme !== 'https') {
    const rest = shown.replace(/^(?:[a-z][a-z0-9+.-]*:\/\/|https?:)?\/*/i, '');
    const guess = `${/^https:/i.test(text) ? 'https' : 'http'}://${rest}`;
    const why =
      scheme === undefined
        ? 'it does not begin with http:// or https://'
        : `${scheme}:// is not supported, only http:// and https://`;
    throw refuse(why, URL.canParse(guess) ? guess : GOOD_ONE);
  }
  if (/^[^:]*:\/\/(?:[/\\?#]|$)/.test(text)) throw refuse('it names no host');
  if (!URL.canParse(text)) throw refuse('its host or port is wrong');
  const { hostname, port, username, password, pathname, search } = new URL(text);
  if (username !== '' || password !== '') {
    throw new Failure(
      `Cannot use this URL for ${quote(hostname)}: a name and password in it are not sent; ${credentials}`,
    );
  }
  const secure = scheme === 'https';
  const defaultPort = secure ? HTTPS_PORT : HTTP_PORT;
  return {
    secure,
    host: hostname,
    port: port === '' ? defaultPort : Number(port),
    target: pathname + search,
  };
}
