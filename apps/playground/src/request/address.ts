import { HTTP_PORT, HTTPS_PORT, quote } from '@http-client/client';

import { Failure } from '../failure.js';

/** Where a request goes: what a URL says, taken apart. */
export interface Address {
  /** Whether TLS is spoken: `https:`. */
  readonly secure: boolean;
  /** An IPv6 address stands in brackets. */
  readonly host: string;
  readonly port: number;
  /** Path and query, as the request line has them. */
  readonly target: string;
}

const GOOD_ONE = 'http://example.org:8080/path?query';

/** What a good URL looks like, as the end of a sentence. */
export const GOOD_URL = `a good one looks like ${GOOD_ONE}`;

/**
 * Takes an `http:` or `https:` URL apart. It is normalized as browsers do: dot segments resolved, spaces and non-ASCII characters
 * percent-encoded, the host in IDNA, the fragment left out.
 *
 * @throws Failure, which says what a good one looks like. `credentials` are how a user and a password are sent.
 */
export function parseAddress(text: string, credentials = '--user name:password is'): Address {
  const shown = withoutUser(text);
  const refuse = (why: string, good = GOOD_ONE): Failure =>
    new Failure(`Cannot use ${quote(shown)} as a URL: ${why}; a good one looks like ${good}`);

  // The platform's parser drops tabs and line ends silently: what was typed is not what would be asked for.
  if (/\p{Cc}/u.test(text)) throw refuse('it has a control character in it');
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== 'http' && scheme !== 'https') {
    const rest = shown.replace(/^(?:[a-z][a-z0-9+.-]*:\/\/|https?:)?\/*/i, '');
    const guess = `${/^https:/i.test(text) ? 'https' : 'http'}://${rest}`;
    const why =
      scheme === undefined
        ? 'it does not begin with http:// or https://'
        : `${scheme}:// is not spoken here, http:// and https:// are`;
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

/** What is before an @ may be a password, however wrong the rest is: it is not repeated in an error. */
function withoutUser(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1');
}
