import {
  checkObject,
  checkOptionNames,
  checkSignal,
  checkTimeout,
  checkType,
  type OptionNames,
  type TunnelError,
} from '@http-client/errors';
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

/** The options of a tunnel, for every connection through it. */
export interface TunnelOptions {
  /** Fields for the proxy only, sent with CONNECT in order. A `Host` among them replaces the automatic one. */
  headers?: HeadersInput | undefined;
  /**
   * Called when the proxy answers 407 (Proxy Authentication Required), once per challenge. It returns the fields to
   * send CONNECT with again, which replace those of the same names, or nothing to give up. `round` is 1 at the first
   * challenge of an opening, and 2 if the answer to that was refused or led to another challenge. A function that wraps
   * another one must pass it on: without it, that one would never answer the first challenge.
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
  /** The status code: 101, or 200 to 999. */
  readonly status: number;
  /** The reason phrase; `''` if there is none. */
  readonly reason: string;
  /** The header fields. */
  readonly headers: HTTPMessage;
}

/** How a tunnel is opened, and how the proxy's replies are validated. Times are in milliseconds. */
export interface OpenTunnelOptions {
  /** Limits the time for each of the proxy's replies, from the CONNECT on; no limit by default. */
  timeout?: number | undefined;
  /** Cancels the opening at once, with its own reason. */
  signal?: Signal | undefined;
  /** Above 0, what is sent and received is printed to standard output. Default: 0. */
  debugLevel?: number | undefined;
  /** Whether replies are validated against RFC 9110 and 9112 (default), or as leniently as in the reference. */
  strict?: boolean | undefined;
  /** Called at each 407 for the fields to send CONNECT with again: see {@link TunnelOptions.authenticate}. */
  authenticate?: TunnelOptions['authenticate'];
  /** Single rules of `strict` to relax; none by default. */
  tolerate?: readonly Tolerance[] | undefined;
  /** The maximum number of field lines in a reply: 100. More is `TooManyHeaders`. */
  maxResponseHeaders?: number | undefined;
  /** The maximum number of interim responses before a reply: 100. */
  maxInterimResponses?: number | undefined;
  /** Opens another transport to the proxy, if the proxy asks for authentication and closes the current one. */
  reopen?: (() => Promise<Transport>) | undefined;
  /** Called with each final reply to a CONNECT, as soon as its head has arrived. */
  onReply?: ((reply: TunnelReply) => void) | undefined;
  /** Receives every byte that is sent and received. */
  observer?: TunnelObserver | undefined;
}

/** Validated options, with the defaults filled in. */
export type CheckedOptions = OpenTunnelOptions & HeadRules & { readonly debugLevel: number };

/** @throws RangeError for a number out of range, TypeError for a value of the wrong type and for an unknown option. */
export function checkOptions(options: OpenTunnelOptions): CheckedOptions {
  checkObject(options);
  const { timeout, signal, debugLevel = 0, authenticate, reopen, onReply, observer } = options;
  const checked: CheckedOptions & OptionNames<OpenTunnelOptions> = {
    timeout,
    signal,
    debugLevel,
    authenticate,
    reopen,
    onReply,
    observer,
    ...checkHeadRules(options),
  };
  checkOptionNames(options, 'openTunnel', checked);
  checkTimeout(timeout, 'timeout');
  checkSignal(signal);
  checkType(debugLevel, 'debugLevel', 'number');
  for (const name of ['authenticate', 'reopen', 'onReply'] as const)
    checkType(checked[name], name, 'function');
  return checked;
}
