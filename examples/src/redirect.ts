// Follows redirects: what is sent again, where to, and what must not go there.
//
//     node examples/dist/redirect.js http://example.org/
//
// The client does not follow redirects: it is one connection, and a redirect may lead to any server. This goes no
// further than a browser does: from https never to http, with credentials never to another origin, and not without end.

import { fileURLToPath } from 'node:url';

import {
  HTTPConnection,
  HTTPMessage,
  HTTPSConnection,
  quote,
  type HeadersInput,
  type HTTPResponse,
  type RequestBody,
  type RequestOptions,
} from '@http-client/client';

/** Milliseconds to wait for the server's next bytes. */
const TIMEOUT = 30_000;
/** The most redirects, as in browsers (Fetch standard). */
const LIMIT = 20;
/** The longest body of a redirect that is read, in bytes: less effort than another connection. */
const SHORT = 65_536;
/** Statuses that redirect (RFC 9110, section 15.4); 300 and 304 do not ask for another request. */
const REDIRECTS = [301, 302, 303, 307, 308];
/** Fields that are meant for one origin. */
const CREDENTIALS = ['Authorization', 'Cookie'];
/** Fields that describe a body, and are dropped with it. */
const OF_BODY = [
  'Content-Type',
  'Content-Length',
  'Content-Encoding',
  'Content-Language',
  'Transfer-Encoding',
];

export interface FollowOptions {
  /** GET by default. */
  method?: string;
  /** Sent with each request, except for what must not follow a redirect. */
  headers?: HeadersInput;
  /** Called for each request that has the body: a stream cannot be sent twice. */
  body?: () => RequestBody;
  /** Aborts all requests, and the reading of the last response. */
  signal?: AbortSignal;
  /** Called for each redirect. */
  onRedirect?: (status: number, to: URL) => void;
}

/** The URL that the redirects led to, and what `use` returned for its response. */
export interface Followed<T> {
  readonly url: URL;
  readonly result: T;
}

/**
 * Sends a request, follows the redirects, and calls `use` with the response that is none. The connection is closed when
 * `use` has ended.
 */
export async function follow<T>(
  url: URL,
  use: (response: HTTPResponse) => Promise<T>,
  options: FollowOptions = {},
): Promise<Followed<T>> {
  const { signal = new AbortController().signal, onRedirect } = options;
  let { method = 'GET', body } = options;
  const headers = new HTTPMessage(options.headers);
  let connection = connect(url);
  let response: HTTPResponse | undefined;
  // Reading takes no signal. A response without a length is not closed with its connection.
  const abort = (): void => {
    connection.close();
    response?.close();
  };
  signal.addEventListener('abort', abort);
  try {
    for (let count = 0; ; count++) {
      signal.throwIfAborted();
      response = await exchange(connection, method, url, { headers, body: body?.() });
      const location = REDIRECTS.includes(response.status) ? response.headers.get('Location') : undefined;
      if (location === undefined) {
        const result = await use(response);
        signal.throwIfAborted(); // some methods return nothing after `close`
        return { url, result };
      }
      const next = target(location, url);
      if (count === LIMIT)
        throw new Error(`more than ${LIMIT} redirects, the last one to ${quote(next.href)}`);
      onRedirect?.(response.status, next);
      if (changesToGET(response.status, method)) {
        if (method !== 'HEAD') method = 'GET';
        body = undefined;
        for (const name of OF_BODY) headers.delete(name);
      }
      if (next.origin === url.origin) {
        // Read to its end, so that the connection can be used again; one that is closed reopens itself.
        await response.read(SHORT);
        response.close();
      } else {
        for (const name of CREDENTIALS) headers.delete(name);
        // The one of the server before.
        headers.delete('Host');
        abort();
        connection = connect(next);
      }
      url = next;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
    abort();
  }
}

/** Sends a request, and returns the response: one that redirects may arrive before the body has been sent. */
async function exchange(
  connection: HTTPConnection,
  method: string,
  url: URL,
  options: RequestOptions,
): Promise<HTTPResponse> {
  const sending = connection.request(method, `${url.pathname}${url.search}`, options);
  sending.catch(() => undefined); // its error counts only if there is no response
  try {
    return await connection.getResponse();
  } catch (error) {
    await sending;
    throw error;
  }
}

function connect(url: URL): HTTPConnection {
  const Connection = url.protocol === 'https:' ? HTTPSConnection : HTTPConnection;
  return new Connection(url.host, undefined, { timeout: TIMEOUT });
}

/** Whether the next request is a GET without the body, unless it is a HEAD (RFC 9110, sections 15.4.2 to 15.4.4). */
function changesToGET(status: number, method: string): boolean {
  return status === 303 || ((status === 301 || status === 302) && method === 'POST');
}

/** Where a response to `from` redirects to; throws if it must not be followed. */
function target(location: string, from: URL): URL {
  const url = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new Error(`Cannot follow the redirect to ${quote(location)}: it is not an HTTP URL`);
  }
  if (from.protocol === 'https:' && url.protocol === 'http:') {
    throw new Error(`Cannot follow the redirect to ${quote(url.href)}: it leads from https to http`);
  }
  return url;
}

/** The URL from the command line; throws unless its scheme is supported. */
function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new TypeError(`Cannot use ${quote(text)} as a URL: expected http://HOST/ or https://HOST/`);
}

async function main([text]: readonly string[]): Promise<number> {
  if (text === undefined) {
    console.error('usage: redirect URL');
    return 2;
  }
  const { result } = await follow(
    urlOf(text),
    async (response) => {
      console.log(`${response.status} ${quote(response.reason)}, ${(await response.read()).length} bytes`);
      return response.status;
    },
    {
      onRedirect: (status, to) => {
        console.log(`${status} to ${quote(to.href)}`);
      },
    },
  );
  return result < 400 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`redirect: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  });
}
