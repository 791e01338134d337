import { HTTPConnection, HTTPS_PORT, type HTTPConnectionOptions } from '@http-client/connection';
import type { Transport } from '@http-client/io';

import { checkContext, startTLS, type TLSContext } from './connect-tls.js';

/** The options of an HTTPS connection. */
export interface HTTPSConnectionOptions extends HTTPConnectionOptions {
  /**
   * The TLS settings for the server. They are complete: no ALPN is added. By default: the platform's authorities, and
   * `http/1.1` by ALPN.
   */
  context?: TLSContext | undefined;
  /**
   * The TLS settings for the proxy itself, if there is a tunnel; TLS to the server runs within it. By default, the
   * proxy is spoken to without TLS.
   */
  proxyContext?: TLSContext | undefined;
}

/**
 * An {@link HTTPConnection} over TLS. The server's certificate and name are verified; with a tunnel, the server is the
 * tunnel's target.
 *
 * @example
 * const connection = new HTTPSConnection('www.example.org');
 * await connection.request('GET', '/');
 * const response = await connection.getResponse();
 * console.log(response.status, await response.text());
 * connection.close();
 */
export class HTTPSConnection extends HTTPConnection {
  /** The port if neither the argument nor the host contains one. */
  static override readonly defaultPort = HTTPS_PORT;

  readonly #context: TLSContext | undefined;
  readonly #proxyContext: TLSContext | undefined;

  /**
   * Creates a connection, without opening it.
   *
   * @throws the errors of `HTTPConnection`; TypeError for an invalid context.
   */
  constructor(host: string, port?: number, options: HTTPSConnectionOptions = {}) {
    super(host, port, options);
    this.#context = checkContext('context', options.context);
    this.#proxyContext = checkContext('proxyContext', options.proxyContext);
  }

  /** Adds the names of `context` and `proxyContext`. */
  protected override optionNames(
    names: Readonly<Record<keyof HTTPConnectionOptions, unknown>>,
  ): Readonly<Record<keyof HTTPSConnectionOptions, unknown>> {
    return { ...names, context: true, proxyContext: true };
  }

  /** Starts TLS with the server; with a tunnel, that is the tunnel's target. */
  protected override secure(
    transport: Transport,
    serverName: string,
    options: { port?: number | undefined; timeout?: number | undefined; signal?: AbortSignal | undefined },
  ): Promise<Transport> {
    return startTLS(transport, serverName, { ...options, context: this.#context });
  }

  /** Starts TLS with the proxy if there is a `proxyContext`; otherwise the tunnel is requested without. */
  protected override secureProxy(
    transport: Transport,
    serverName: string,
    options: { port?: number | undefined; signal?: AbortSignal | undefined },
  ): Promise<Transport> {
    const context = this.#proxyContext;
    return context === undefined
      ? Promise.resolve(transport)
      : startTLS(transport, serverName, { ...options, context });
  }
}
