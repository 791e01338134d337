import { checkObject, checkSignal, checkTimeout, checkType, type TunnelError } from '@http-client/errors';
import {
  checkHeadRules,
  type HeadersInput,
  type HeadRules,
  type HTTPMessage,
  type Tolerance,
} from '@http-client/headers';
import type { Transport } from '@http-client/io';

import type { TunnelObserver } from './observer.js';
import type { Signal } from './within.js';

/** What goes with a tunnel, on every connection through it. */
export interface TunnelOptions {
  /** Fields for the proxy alone, sent with CONNECT in their order. A `Host` among them replaces the automatic one. */
  headers?: HeadersInput | undefined;
  /**
   * Asked when the proxy answers 407 (Proxy Authentication Required), once for each challenge: the fields to send
   * CONNECT with again, in the place of those of the same names. Without any the tunnel is given up. `round` is 1 at the
   * first challenge of an opening, 2 where the answer to that was refused or led to another one.
   *
   * @example
   * authenticate: (refusal, round) =>
   *   round === 1 && refusal.headers.get('proxy-authenticate')?.startsWith('Basic')
   *     ? { 'Proxy-Authorization': `Basic ${btoa('user:password')}` }
   *     : undefined
   */
  authenticate?:
    | ((refusal: TunnelError, round: number) => HeadersInput | undefined | Promise<HeadersInput | undefined>)
    | undefined;
}

/** A proxy's reply to CONNECT. */
export interface TunnelReply {
  /** The status code, 200 to 999. */
  readonly status: number;
  /** The reason phrase; `''` where there is none. */
  readonly reason: string;
  /** The header fields. */
  readonly headers: HTTPMessage;
}

/** How a tunnel is opened, and how the proxy is judged. Times are milliseconds. */
export interface OpenTunnelOptions {
  /** Bounds the time for each of the proxy's replies, from the CONNECT on; none where absent. */
  timeout?: number | undefined;
  /** Gives the tunnel up at once, with its own reason. */
  signal?: Signal | undefined;
  /** Above 0, what is sent and received is printed to standard output. */
  debugLevel?: number | undefined;
  /** Whether replies are judged by RFC 9110 and 9112 (true), or as leniently as the reference does. */
  strict?: boolean | undefined;
  /** Asked at each 407 for the fields to send CONNECT with again: see {@link TunnelOptions.authenticate}. */
  authenticate?: TunnelOptions['authenticate'];
  /** Single rules of `strict` to relax. */
  tolerate?: readonly Tolerance[] | undefined;
  /** Field lines in a reply: 100. More is `TooManyHeaders`. */
  maxResponseHeaders?: number | undefined;
  /** Interim responses before a reply: 100. */
  maxInterimResponses?: number | undefined;
  /** Opens another transport to the proxy, where that asks for authentication and closes the one that there is. */
  reopen?: (() => Promise<Transport>) | undefined;
  /** Called with each final reply to a CONNECT, as soon as its head has come. */
  onReply?: ((reply: TunnelReply) => void) | undefined;
  /** Is shown every byte that is sent and received. */
  observer?: TunnelObserver | undefined;
}

/** Options that were looked at, with the defaults filled in. */
export type CheckedOptions = OpenTunnelOptions & HeadRules & { readonly debugLevel: number };

/** @throws RangeError for a number out of range, TypeError for what is of another type than it must be. */
export function checkOptions(options: OpenTunnelOptions): CheckedOptions {
  checkObject(options);
  checkTimeout(options.timeout, 'timeout');
  checkSignal(options.signal);
  checkType(options.debugLevel, 'debugLevel', 'number');
  for (const name of ['authenticate', 'reopen', 'onReply'] as const)
    checkType(options[name], name, 'function');
  return { ...options, ...checkHeadRules(options), debugLevel: options.debugLevel ?? 0 };
}
