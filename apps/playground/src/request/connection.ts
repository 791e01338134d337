import {
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
  /** The connection's own options. Their connector opens the TCP connection under everything else. */
  readonly settings: HTTPConnectionOptions;
  /** The proxy whose tunnel is used; undefined for none. */
  readonly proxy?: Proxy | undefined;
  /** The TLS options for the server; undefined for the defaults. */
  readonly context?: TLSContext | undefined;
  /** The TLS options for the proxy itself, likewise. */
  readonly proxyContext?: TLSContext | undefined;
}

/** The peer of the first connection, for errors. */
export function placeOf(proxy: Proxy | undefined, address: Address): string {
  const { host, port } = proxy ?? address;
  return `${proxy === undefined ? '' : 'the proxy '}${host}:${port}`;
}

/** Makes a connection to the address, through the proxy if there is one. Nothing is opened yet. */
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

/** Uses TLS to the proxy itself. Only here is it known that a rejected certificate is the proxy's, not the server's. */
function toSecure(place: string, context: TLSContext | undefined, over?: Connector): Connector {
  const connect = connectTLS(context, over);
  return async (target) => {
    try {
      return await connect(target);
    } catch (error) {
      throw handshakeFailure(error, place, '--proxy-') ?? error;
    }
  };
}
