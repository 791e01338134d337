// Makes a request through a proxy that requires authentication.
//
//     node examples/dist/tunnel.js http://user:password@proxy.example:3128 https://example.org/
//
// The proxy opens a tunnel (CONNECT; RFC 9110, section 9.3.6), and forwards everything after it between this program
// and the server. With https the proxy cannot read any of it. The password is sent only to the proxy, and only once it
// asks.

import { fileURLToPath } from 'node:url';

import {
  connectTLS,
  createDefaultContext,
  HTTP_PORT,
  HTTPConnection,
  HTTPS_PORT,
  HTTPSConnection,
  quote,
  TunnelError,
  type TunnelOptions,
} from '@http-client/client';

/** Milliseconds to wait for the next bytes of the proxy or the server. */
const TIMEOUT = 30_000;

/** A connection to the server of `url`, through the proxy. Nothing is opened yet. */
export function throughProxy(proxy: URL, url: URL): HTTPConnection {
  const secure = proxy.protocol === 'https:';
  // The connection's default port would be that of the server's scheme, not the proxy's.
  const port = proxy.port === '' ? (secure ? HTTPS_PORT : HTTP_PORT) : Number(proxy.port);
  const connection =
    url.protocol === 'https:'
      ? new HTTPSConnection(proxy.hostname, port, {
          timeout: TIMEOUT,
          // TLS to the proxy, and within it TLS to the server.
          ...(secure && { proxyContext: createDefaultContext() }),
        })
      : new HTTPConnection(proxy.hostname, port, {
          timeout: TIMEOUT,
          ...(secure && { connector: connectTLS(createDefaultContext()) }),
        });
  connection.setTunnel(url.host, undefined, { authenticate: basic(proxy) });
  return connection;
}

/** Answers a proxy that asks for a password in the Basic scheme (RFC 7617). */
function basic(proxy: URL): NonNullable<TunnelOptions['authenticate']> {
  return ({ headers }, round) => {
    // If asked again, the credentials were wrong: sending them again would not help, and might lock the account.
    if (round > 1 || proxy.username === '') return undefined;
    // Several challenges may share a field, and there may be several fields (RFC 9110, section 11.7.1).
    const challenges = headers.getAll('Proxy-Authenticate');
    if (!challenges.some((value) => /(^|,)\s*basic(\s|,|$)/i.test(value))) return undefined;
    const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
    return { 'Proxy-Authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
  };
}

/**
 * The URL from the command line; throws unless its scheme is supported. It may hold a password, so it is not quoted.
 */
function urlOf(text: string, of: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new TypeError(`Cannot use the URL of the ${of}: expected http://HOST/ or https://HOST/`);
}

async function main([proxy, url]: readonly string[]): Promise<number> {
  if (proxy === undefined || url === undefined) {
    console.error('usage: tunnel http://[USER:PASSWORD@]PROXY[:PORT] URL');
    return 2;
  }
  const target = urlOf(url, 'server');
  const connection = throughProxy(urlOf(proxy, 'proxy'), target);
  try {
    await connection.request('GET', `${target.pathname}${target.search}`);
    const response = await connection.getResponse();
    console.log(`${response.status} ${quote(response.reason)}`);
    console.log(quote(new TextDecoder().decode(await response.read(65_536)), 1000));
    // The last response on a connection is not closed with it.
    response.close();
    return 0;
  } catch (error) {
    // The proxy refused, not the server: nothing has reached the server.
    if (error instanceof TunnelError && error.status === 407) {
      throw new Error('the proxy requires authentication and rejected the credentials', { cause: error });
    }
    throw error;
  } finally {
    connection.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`tunnel: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  });
}
