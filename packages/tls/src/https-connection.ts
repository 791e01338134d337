import {
  connectTCP,
  HTTPConnection,
  HTTPS_PORT,
  splitHost,
  unixConnector,
  type HTTPConnectionOptions,
  type TunnelOptions,
} from '@http-client/connection';
import { checkObject } from '@http-client/errors';
import type { Connector, Transport } from '@http-client/io';

import { checkContext, startTLS, type TLSContext } from './connect-tls.js';

/** How a secure connection is made. */
export interface HTTPSConnectionOptions extends HTTPConnectionOptions {
  /** How TLS is spoken to the server. It says all there is to say: no ALPN is added to it. */
  context?: TLSContext;
  /** How TLS is spoken to the proxy itself, where there is a tunnel; TLS to the server runs within it. */
  proxyContext?: TLSContext;
}

/** Where the connection's host leads, if it is a proxy. */
interface Way {
  tunnelPort: number | undefined;
}

/**
 * An {@link HTTPConnection} over TLS. The server's certificate and name are checked; behind a tunnel, the server is the
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
  /** The port where neither the argument nor the host names one. */
  static override readonly defaultPort = HTTPS_PORT;

  readonly #context: TLSContext | undefined;
  readonly #way: Way;

  /**
   * Nothing is opened yet.
   *
   * @throws what `HTTPConnection` throws; TypeError for a context that is none.
   */
  constructor(host: string, port?: number, options: HTTPSConnectionOptions = {}) {
    checkObject(options);
    const { context, proxyContext } = options;
    checkContext('context', context);
    checkContext('proxyContext', proxyContext);
    const way: Way = { tunnelPort: undefined };
    super(
      host,
      port,
      proxyContext === undefined ? options : { ...options, connector: toProxy(proxyContext, options, way) },
    );
    this.#context = context;
    this.#way = way;
  }

  /** As that of `HTTPConnection`: TLS is spoken to the tunnel's far end then, and its certificate is checked. */
  override setTunnel(host: string, port?: number, options: TunnelOptions = {}): void {
    super.setTunnel(host, port, options);
    this.#way.tunnelPort = splitHost(host, port, HTTPS_PORT).port;
  }

  protected override secure(
    transport: Transport,
    serverName: string,
    options: { timeout?: number; signal?: AbortSignal },
  ): Promise<Transport> {
    const context = this.#context;
    return startTLS(transport, serverName, {
      ...options,
      port: this.#way.tunnelPort ?? this.port,
      ...(context === undefined ? {} : { context }),
    });
  }
}

/** Opens the transport to the proxy over TLS. Where there is no tunnel there is no proxy, and TLS is spoken once. */
function toProxy(
  proxyContext: TLSContext,
  { connector, socketPath }: HTTPConnectionOptions,
  way: Way,
): Connector {
  const plain = connector ?? (socketPath === undefined ? connectTCP : unixConnector(socketPath));
  return async (target) => {
    const transport = await plain(target);
    if (way.tunnelPort === undefined) return transport;
    // Without a timeout of its own: the connection has one for all of this.
    const { host, port, signal } = target;
    return startTLS(transport, host, {
      port,
      context: proxyContext,
      ...(signal === undefined ? {} : { signal }),
    });
  };
}
