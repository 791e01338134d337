import { hostToASCII, type HTTPMessage } from '@http-client/headers';
import type { ConnectTarget, Connector } from '@http-client/io';

import type { Channel } from './channel.js';
import { CONNECT } from './diagnostics.js';
import { placeOf } from './host.js';
import { Opening, type Secure } from './opening.js';
import type { CheckedOptions } from './options.js';
import type { SessionOwner } from './session.js';
import { tunnelThrough, type TunnelTarget } from './tunnelling.js';
import { WireTap } from './wire-tap.js';

/** The way from here to a connection's peer: where to connect, where to tunnel from there, what to secure it with. */
export class Route {
  /** Where the connection's host, a proxy then, is to lead on to. */
  tunnel: TunnelTarget | undefined;
  /** The fields of the last reply to a CONNECT. */
  proxyHeaders: HTTPMessage | undefined;

  readonly #owner: SessionOwner;
  readonly #options: CheckedOptions;
  readonly #connector: Connector;
  readonly #isOwn: boolean;
  readonly #secure: () => Secure | undefined;

  /**
   * `isOwn` says that the connector is this package's. `secure` gives what makes a connected transport a secure one, where
   * there is such.
   */
  constructor(
    owner: SessionOwner,
    options: CheckedOptions,
    connector: Connector,
    isOwn: boolean,
    secure: () => Secure | undefined,
  ) {
    this.#owner = owner;
    this.#options = options;
    this.#connector = connector;
    this.#isOwn = isOwn;
    this.#secure = secure;
  }

  /** The peer, as errors name it. */
  get place(): string {
    const place = placeOf(this.#owner.host, this.#owner.port);
    return this.tunnel === undefined
      ? place
      : `${placeOf(this.tunnel.host, this.tunnel.port)} through ${place}`;
  }

  /** Begins to open a transport to the peer. */
  open(on: { opened: (channel: Channel) => void; ended: () => void }): Opening {
    const owner = this.#owner;
    const options = this.#options;
    const { host, port, timeout } = owner;
    const { sourceAddress, onWire } = options;
    if (CONNECT.hasSubscribers) CONNECT.publish({ connection: owner, host, port });
    // Step by step: to spread what may be absent takes longer than to make a promise.
    const target: ConnectTarget = { host, port };
    if (timeout !== undefined) target.timeout = timeout;
    if (sourceAddress !== undefined) target.sourceAddress = sourceAddress;
    const { tunnel } = this;
    // One for each channel: what has been shown of a body that was sent half is nothing to the next channel's.
    const tap = onWire === undefined ? undefined : new WireTap(onWire);
    const onReply = ({ headers }: { readonly headers: HTTPMessage }): void => {
      this.proxyHeaders = headers;
    };
    const legs = {
      connector: this.#connector,
      isOwn: this.#isOwn,
      target,
      tunnel:
        tunnel && ((proxy, terms) => tunnelThrough(proxy, tunnel, terms, { owner, options, tap, onReply })),
      secure: this.#secure(),
      serverName: hostToASCII(tunnel?.host ?? host),
    } satisfies ConstructorParameters<typeof Opening>[0];
    return new Opening(legs, this.place, tap, on);
  }
}
