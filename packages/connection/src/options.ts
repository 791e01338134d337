import type { RequestBody } from '@http-client/body';
import {
  cannotUse,
  checkInteger,
  checkObject,
  checkOptionNames,
  checkSignal,
  checkTimeout,
  checkType,
  type OptionNames,
} from '@http-client/errors';
import {
  checkHeadRules,
  type HeadersInput,
  type HeadRules,
  type Tolerance,
  validateHost,
  validatePort,
} from '@http-client/headers';
import type { ConnectTarget, Connector } from '@http-client/io';

import type { InterimResponse } from './response.js';
import type { WireEvent } from './wire-tap.js';

/** How a connection is opened, and how its peer is validated. Times are in milliseconds, sizes in bytes. */
export interface HTTPConnectionOptions {
  /** Limits each wait: for the connection, for room to send, for the next bytes of a response. No limit if absent. */
  timeout?: number | undefined;
  /** The local address and port to connect from; `''` and 0 leave them to the system. */
  sourceAddress?: readonly [host: string, port: number] | undefined;
  /** The number of bytes requested from the `read` of a file-like body. Default: 8192. */
  blockSize?: number | undefined;
  /** The most field lines in a head, and in a trailer section; more are `TooManyHeaders`. Default: 100. */
  maxResponseHeaders?: number | undefined;
  /** The most interim responses before the final one. Default: 100. */
  maxInterimResponses?: number | undefined;
  /** Whether responses are validated against RFC 9110 and 9112 (default), or read as leniently as by the reference. */
  strict?: boolean | undefined;
  /** Single rules of `strict` to relax; each use is listed in `violations` of the response. Default: none. */
  tolerate?: readonly Tolerance[] | undefined;
  /** How long a body waits for the 100 (Continue) that its request expects, before it is sent anyway. Default: 1000. */
  continueTimeout?: number | undefined;
  /** Whether a request opens a connection if there is none. Default: true. */
  autoOpen?: boolean | undefined;
  /** Above 0, what is sent and received is printed to standard output. Default: 0. */
  debugLevel?: number | undefined;
  /** A Unix domain socket to connect to; the host is still sent in the Host field. Not together with a `connector`. */
  socketPath?: string | undefined;
  /** Opens the transport. Default: TCP, or a Unix domain socket if `socketPath` is given. */
  connector?: Connector | undefined;
  /**
   * Called with every byte on the wire, in both directions, labelled by its part. Costs nothing if absent. An error that
   * it throws leaves the exchange alone, and becomes an uncaught exception.
   */
  onWire?: ((event: WireEvent) => void) | undefined;
  /**
   * Called for each interim response, when it arrives. An error that it throws rejects the call that is waiting:
   * `getResponse`, or the sending of a body that waits for a 100 (Continue).
   */
  onInformational?: ((interim: InterimResponse) => void) | undefined;
}

/** The parts of a request besides its method and target. */
export interface RequestOptions {
  /**
   * Text is sent as ISO-8859-1. Text, bytes, `Blob` and `URLSearchParams` get a Content-Length, others are chunked. Bytes
   * are not copied: until the request has been sent, they must not be changed, nor their memory transferred.
   */
  body?: RequestBody | null | undefined;
  /** Sent unchanged and in order, after the automatic fields. */
  headers?: HeadersInput | undefined;
  /** Only with the caller's own Transfer-Encoding: whether the body is still to be chunk-encoded. Default: false. */
  encodeChunked?: boolean | undefined;
  /** The fields to send after the body, which is then chunked. Called after a streamed body, before one in memory. */
  trailers?: (() => HeadersInput | undefined) | undefined;
  /** Aborts the request, with its reason; the connection is closed, since its place in the exchange is lost. */
  signal?: AbortSignal | undefined;
}

/** The names of the options of a request. */
export const REQUEST_OPTIONS: OptionNames<RequestOptions> = {
  body: true,
  headers: true,
  encodeChunked: true,
  trailers: true,
  signal: true,
};

/** The names of the options of a call that has no others. */
const SIGNAL_ONLY = { signal: true };

/** Validated options, with the defaults filled in. */
export type CheckedOptions = HeadRules & {
  readonly [Name in keyof HTTPConnectionOptions]-?: HTTPConnectionOptions[Name] | undefined;
} & {
  readonly [Name in 'autoOpen' | 'blockSize' | 'continueTimeout' | 'debugLevel']: NonNullable<
    HTTPConnectionOptions[Name]
  >;
};

/**
 * Validates the options, once per connection. The reference's options default to the reference's values.
 *
 * @throws RangeError for a number out of range, TypeError for a value of the wrong type.
 */
export function checkOptions(options: HTTPConnectionOptions): CheckedOptions {
  checkObject(options);
  const { autoOpen = true, blockSize = 8192, continueTimeout = 1000, debugLevel = 0 } = options;
  const { timeout, sourceAddress, socketPath, connector, onWire, onInformational } = options;
  checkTimeout(timeout, 'timeout');
  checkTimeout(continueTimeout, 'continueTimeout');
  checkInteger(blockSize, 'blockSize', 1);
  const { strict, tolerate, maxResponseHeaders, maxInterimResponses } = checkHeadRules(options);
  checkType(autoOpen, 'autoOpen', 'boolean');
  checkType(debugLevel, 'debugLevel', 'number');
  for (const name of ['connector', 'onWire', 'onInformational'] as const)
    checkType(options[name], name, 'function');
  if (socketPath !== undefined && connector !== undefined) {
    const why = 'there is a connector, which decides by itself what it connects to';
    throw cannotUse(socketPath, 'socketPath', why);
  }
  checkSourceAddress(sourceAddress, connector);
  // One by one: spreading the two objects takes ten times as long as the rest of creating a connection.
  return {
    timeout,
    sourceAddress,
    blockSize,
    maxResponseHeaders,
    maxInterimResponses,
    strict,
    tolerate,
    continueTimeout,
    autoOpen,
    debugLevel,
    socketPath,
    connector,
    onWire,
    onInformational,
  };
}

/**
 * The options of a call without any, which need not be validated: they do not even have what every object has. Not by
 * `Object.create(null)`, whose result V8 looks up as a dictionary: that takes 2 % of a small GET.
 */
export const NO_OPTIONS = /* @__PURE__ */ Object.freeze(
  /* @__PURE__ */ Object.setPrototypeOf({}, null) as Readonly<Record<string, never>>,
);

/**
 * The signal of a call, if it has one.
 *
 * @throws TypeError if the options are not an object, or there are others than these, or the signal is not a signal.
 */
export function signalIn(
  options: { readonly signal?: AbortSignal | undefined },
  call: string,
  names: object = SIGNAL_ONLY,
): AbortSignal | undefined {
  if (options === NO_OPTIONS) return undefined;
  checkOptionNames(options, call, names);
  const { signal } = options;
  checkSignal(signal);
  return signal;
}

/**
 * The signal of a call that starts something, if it has one.
 *
 * @throws as {@link signalIn}; the signal's reason if it has been aborted already.
 */
export function signalOf(...call: Parameters<typeof signalIn>): AbortSignal | undefined {
  const signal = signalIn(...call);
  signal?.throwIfAborted();
  return signal;
}

/**
 * A flag among the options of a call.
 *
 * @throws TypeError if it is neither a boolean nor absent: what is not quite true would change the framing.
 */
export function flag<Name extends string>(
  options: { readonly [_ in Name]?: boolean | undefined },
  name: Name,
): boolean {
  checkType(options[name], name, 'boolean');
  return options[name] === true;
}

/**
 * Validates what a connector is called with. Node would take an empty host, or none, for this machine.
 *
 * @throws InvalidURL for an invalid host or port; TypeError or RangeError for anything else that is wrong.
 */
export function checkTarget(target: ConnectTarget): void {
  checkTerms(target);
  validateHost(target.host);
  validatePort(target.port);
  checkSourceAddress(target.sourceAddress);
}

/**
 * Validates what a connector is called with, except where to connect.
 *
 * @throws TypeError or RangeError.
 */
export function checkTerms(target: ConnectTarget): void {
  checkObject(target, 'a target', 'host and port');
  checkTimeout(target.timeout, 'timeout');
  checkSignal(target.signal);
}

/** What only `connector` interprets may also be a name, which the reference looks up, and Node does not. */
function checkSourceAddress(address: unknown, connector?: Connector): void {
  if (address === undefined) return;
  const [host, port] = Array.isArray(address) ? (address as unknown[]) : [];
  if (typeof host !== 'string' || (connector === undefined && !/^[\d.]*$|:/.test(host)))
    throw cannotUse(address, 'sourceAddress', 'expected an array of an IP address and a port');
  // The system would take 65,536 as 0.
  checkInteger(port, 'the port of sourceAddress', 0, 65_535);
}
