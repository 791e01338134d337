import type { HTTPMessage } from '@http-client/headers';
import { encodeLatin1, type Transport } from '@http-client/io';
import {
  openTunnel,
  type OpenTunnelOptions,
  type TunnelOptions,
  type TunnelReply,
} from '@http-client/tunnel';

import { SEND } from './diagnostics.js';
import type { HostAndPort } from './host.js';
import type { CheckedOptions } from './options.js';
import type { Owner } from './route.js';
import type { WireTap } from './wire-tap.js';

/** The far end of the tunnel through a proxy; each transport of the connection opens its own tunnel to it. */
export interface TunnelTarget extends HostAndPort {
  readonly headers: HTTPMessage;
  readonly authenticate: TunnelOptions['authenticate'];
}

/** The limits of one attempt, and how it opens another transport to the proxy. */
export type TunnelTerms = Pick<OpenTunnelOptions, 'timeout' | 'signal' | 'reopen'>;

/** The connection that requests the tunnel, and the observers. */
export interface TunnelParty {
  readonly owner: Owner;
  readonly options: CheckedOptions;
  readonly tap: WireTap | undefined;
  readonly onReply: (reply: TunnelReply) => void;
}

/** Opens the tunnel on a transport to the proxy; returns the transport to its far end. */
export async function tunnelThrough(
  proxy: Transport,
  target: TunnelTarget,
  terms: TunnelTerms,
  { owner, options, tap, onReply }: TunnelParty,
): Promise<Transport> {
  const { strict, tolerate, maxResponseHeaders, maxInterimResponses } = options;
  const { transport } = await openTunnel(proxy, target, {
    ...terms,
    strict,
    tolerate,
    maxResponseHeaders,
    maxInterimResponses,
    debugLevel: owner.debugLevel,
    authenticate: target.authenticate,
    onReply,
    observer: {
      sentHead: (text) => {
        tap?.sentHead(text);
        if (SEND.hasSubscribers) SEND.publish({ connection: owner, data: encodeLatin1(text) });
      },
      receivedHead: (bytes, start, end) => tap?.receivedHead(bytes, start, end),
      received: (part, bytes, start, end) => tap?.received(part, bytes, start, end),
    },
  });
  return transport;
}
