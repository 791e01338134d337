import {
  connectTCP,
  connectTLS,
  HTTPConnection,
  HTTPSConnection,
  type Connector,
  type HTTPConnectionOptions,
  type TLSContext,
} from '@http-client/client';

import { handshakeFailure } from '../failure.js';
import type { Address } from './address.js';
import type { Proxy } from './proxy.js';

/** How a connection to an address is made. */
export interface ConnectionOptions {
  /** What the connection itself is told. Its connector opens the TCP connection that all else runs on. */
  readonly settings: HTTPConnectionOptions;
  /** Where the tunnel is asked for that the exchange goes through; none where undefined. */
  readonly proxy?: Proxy | undefined;
  /** How TLS is spoken to the server, where it is; the defaults where undefined. */
  readonly context?: TLSContext | undefined;
  /** How TLS is spoken to the proxy itself, likewise. */
  readonly proxyContext?: TLSContext | undefined;
}

/** Where the first connection leads, for errors. */
export function placeOf(proxy: Proxy | undefined, address: Address): string {
  const { host, port } = proxy ?? address;
  return `${proxy === undefined ? '' : 'the proxy '}${host}:${port}`;
}

/** A connection to the address, through the proxy where there is one; nothing is opened yet. */
export function connectionTo(address: Address, options: ConnectionOptions): HTTPConnection {
  const { secure, host, port } = address;
  const { settings: given, proxy, context, proxyContext } = options;
  const via = proxy ?? { host, port };
  const settings =
    proxy?.secure === true
      ? { ...given, connector: toSecure(placeOf(proxy, address), proxyContext, given.connector) }
      : given;
  const connection = secure
    ? new HTTPSConnection(via.host, via.port, { ...settings, ...(context === undefined ? {} : { context }) })
    : new HTTPConnection(via.host, via.port, settings);
  if (proxy !== undefined) {
    const { authorization } = proxy;
    connection.setTunnel(
      host,
      port,
      authorization === undefined ? {} : { headers: { 'Proxy-Authorization': authorization } },
    );
  }
  return connection;
}

/** Speaks TLS to the proxy itself. Whose certificate is at fault can be told here alone, where there are two. */
function toSecure(place: string, context: TLSContext | undefined, over: Connector = connectTCP): Connector {
  const connect = connectTLS(context, over);
  return async (target) => {
    try {
      return await connect(target);
    } catch (error) {
      throw handshakeFailure(error, place, '--proxy-') ?? error;
    }
  };
}
