import { hostToASCII, type HTTPMessage } from '@http-client/headers';
import {
  closeTransport,
  encodeLatin1,
  type ConnectTarget,
  type Connector,
  type Transport,
} from '@http-client/io';
import { openTunnel, type OpenTunnelOptions, type TunnelOptions } from '@http-client/tunnel';

import { CONNECT, SEND } from './diagnostics.js';
import { placeOf, type HostAndPort } from './host.js';
import { Opening, type OpeningOwner, type OpeningSteps } from './opening.js';
import type { CheckedOptions } from './options.js';
import { connectTCP, unixConnector } from './tcp.js';
import { WireTap } from './wire-tap.js';

/** The properties of the caller's connection, read whenever they are needed: the caller may change some of them. */
export interface Owner extends HostAndPort {
  readonly timeout: number | undefined;
  readonly debugLevel: number;
  readonly autoOpen: boolean;
}

/** The far end of the tunnel through a proxy; each transport of the connection opens its own tunnel to it. */
export interface TunnelEnd extends HostAndPort {
  readonly headers: HTTPMessage;
  readonly authenticate: TunnelOptions['authenticate'];
}

/** Makes a secure transport of a connected one. `serverName` and `port` are those at its far end. */
type Secure = (
  transport: Transport,
  serverName: string,
  options: { port?: number | undefined; timeout?: number | undefined; signal?: AbortSignal | undefined },
) => Promise<Transport>;

/** Return the functions that make a transport to the proxy, and one to the server, secure, if there are any. */
export interface Securing {
  readonly proxy: () => Secure | undefined;
  readonly server: () => Secure | undefined;
}

/** The route to a connection's peer: where to connect, where to tunnel from there, and how to secure the transport. */
export class Route {
  /** The far end of the tunnel, if the connection's host is a proxy. */
  tunnel: TunnelEnd | undefined;
  /** The fields of the last reply to a CONNECT. */
  proxyHeaders: HTTPMessage | undefined;

  readonly #owner: Owner;
  readonly #options: CheckedOptions;
  readonly #connector: Connector;
  readonly #securing: Securing;

  /** @throws as {@link unixConnector}. */
  constructor(owner: Owner, options: CheckedOptions, securing: Securing) {
    const { socketPath, connector } = options;
    this.#owner = owner;
    this.#options = options;
    this.#connector = connector ?? (socketPath === undefined ? connectTCP : unixConnector(socketPath));
    this.#securing = securing;
  }

  /** The peer, as it appears in errors. */
  get place(): string {
    const place = placeOf(this.#owner.host, this.#owner.port);
    return this.tunnel === undefined
      ? place
      : `${placeOf(this.tunnel.host, this.tunnel.port)} through ${place}`;
  }

  /** Prepares an attempt to open a transport to the peer. */
  open(link: OpeningOwner): Opening {
    const owner = this.#owner;
    const { host, port, timeout } = owner;
    const { sourceAddress, onWire } = this.#options;
    // One by one: spreading what may be absent takes longer than creating a promise.
    const target: ConnectTarget = { host, port };
    if (timeout !== undefined) target.timeout = timeout;
    if (sourceAddress !== undefined) target.sourceAddress = sourceAddress;
    const { tunnel } = this;
    // One for each channel: a body that was sent in part must not affect how the next channel's bytes are labelled.
    const tap = onWire === undefined ? undefined : new WireTap(onWire);
    const secureProxy = tunnel && this.#securing.proxy();
    const secure = this.#securing.server();
    const far = tunnel ?? owner;
    const steps: OpeningSteps = {
      announce: () => {
        if (CONNECT.hasSubscribers) CONNECT.publish({ connection: owner, host, port });
      },
      connector: secureProxy === undefined ? this.#connector : securely(this.#connector, secureProxy),
      isOwn: this.#options.connector === undefined,
      target,
      tunnel:
        tunnel && ((proxy, limits, reopen) => this.#openTunnel(proxy, tunnel, tap, { ...limits, reopen })),
      secure:
        secure &&
        ((transport, limits) => secure(transport, hostToASCII(far.host), { ...limits, port: far.port })),
    };
    return new Opening(steps, this.place, tap, link);
  }

  /** Opens the tunnel on a transport to the proxy; returns the transport to its far end. */
  async #openTunnel(
    proxy: Transport,
    target: TunnelEnd,
    tap: WireTap | undefined,
    terms: Pick<OpenTunnelOptions, 'timeout' | 'signal' | 'reopen'>,
  ): Promise<Transport> {
    const connection = this.#owner;
    const { strict, tolerate, maxResponseHeaders, maxInterimResponses } = this.#options;
    const { transport } = await openTunnel(proxy, target, {
      ...terms,
      strict,
      tolerate,
      maxResponseHeaders,
      maxInterimResponses,
      debugLevel: connection.debugLevel,
      authenticate: target.authenticate,
      onReply: ({ headers }) => {
        this.proxyHeaders = headers;
      },
      observer: {
        sentHead: (text) => {
          tap?.sentHead(text);
          if (SEND.hasSubscribers) SEND.publish({ connection, data: encodeLatin1(text) });
        },
        receivedHead: (bytes, start, end) => tap?.receivedHead(bytes, start, end),
        received: (part, bytes, start, end) => tap?.received(part, bytes, start, end),
      },
    });
    return transport;
  }
}

/** A connector to a proxy with which a secure transport is used. Its time limit is that of the whole attempt. */
function securely(connector: Connector, secure: Secure): Connector {
  return async (target) => {
    const { host, port, signal } = target;
    const transport = await connector(target);
    try {
      // Every attempt has a signal.
      return await secure(transport, hostToASCII(host), { port, signal: signal! });
    } catch (error) {
      closeTransport(transport);
      throw error;
    }
  };
}
