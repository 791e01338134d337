import type { RequestBody } from '@http-client/body';
import {
  cannotUse,
  checkInteger,
  checkObject,
  checkSignal,
  checkTimeout,
  checkType,
} from '@http-client/errors';
import { checkHeadRules, type HeadersInput, type HeadRules, type Tolerance } from '@http-client/headers';
import type { Connector } from '@http-client/io';

import type { InterimResponse } from './response.js';
import type { WireEvent } from './wire-tap.js';

/** How a connection is made, and how its peer is judged. Times are milliseconds, sizes bytes. */
export interface HTTPConnectionOptions {
  /** Bounds each wait: for the connection, for room to send, for the next bytes of an answer. None where absent. */
  timeout?: number;
  /** The local address and port to connect from. */
  sourceAddress?: readonly [host: string, port: number];
  /** What the `read` of a file-like body is asked for: 8192. */
  blockSize?: number;
  /** Field lines in a head, and in trailers: 100. More is `TooManyHeaders`. */
  maxResponseHeaders?: number;
  /** Interim responses before the final one: 100. */
  maxInterimResponses?: number;
  /** Whether answers are judged by RFC 9110 and 9112 (true), or read as leniently as the reference does. */
  strict?: boolean;
  /** Single rules of `strict` to relax; each use is listed in `violations` of the response. */
  tolerate?: readonly Tolerance[];
  /** How long a body waits for the 100 (Continue) that its request expects, before it is sent all the same: 1000. */
  continueTimeout?: number;
  /** Whether a request opens a connection where there is none: true. */
  autoOpen?: boolean;
  /** Above 0, what is sent and received is printed to standard output. */
  debugLevel?: number;
  /** A Unix domain socket to connect to; the host still names the Host field. */
  socketPath?: string;
  /** What opens the transport: TCP, unless something else is given. */
  connector?: Connector;
  /** Called with every byte that goes over the wire, in both directions, by its part. Costs nothing where absent. */
  onWire?: (event: WireEvent) => void;
  /** Called for each interim response, when it comes. What it throws rejects `getResponse`. */
  onInformational?: (interim: InterimResponse) => void;
}

/** What a request has beside its method and target. */
export interface RequestOptions {
  /** Text is sent as ISO-8859-1. Text, bytes, `Blob` and `URLSearchParams` get a Content-Length, the rest is sent chunked. */
  body?: RequestBody | null;
  /** Sent as they are, in their order, behind the automatic fields. */
  headers?: HeadersInput;
  /** Only with a Transfer-Encoding of the caller's own: whether the body is still to be chunk-encoded. */
  encodeChunked?: boolean;
  /** Fields to send behind the body, asked for once it has been sent. The body is sent chunked. */
  trailers?: () => HeadersInput | undefined;
  /** Cancels the request, with its own reason; the connection is closed, since its place in the exchange is lost. */
  signal?: AbortSignal;
}

/** Options that were looked at, with the defaults filled in. */
export type CheckedOptions = HeadRules & {
  readonly [Name in keyof HTTPConnectionOptions]-?: HTTPConnectionOptions[Name] | undefined;
} & Required<Pick<HTTPConnectionOptions, 'autoOpen' | 'blockSize' | 'continueTimeout' | 'debugLevel'>>;

/**
 * Looks at the options once, when the connection is made. The defaults are those of the reference.
 *
 * @throws RangeError for a number out of range, TypeError for what is of another type than it must be.
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
  checkType(socketPath, 'socketPath', 'string');
  // Node would connect to a port of this machine.
  if (socketPath === '') throw new TypeError(cannotUse(socketPath, 'socketPath', 'it is empty'));
  for (const name of ['connector', 'onWire', 'onInformational'] as const)
    checkType(options[name], name, 'function');
  checkSourceAddress(sourceAddress);
  // One by one: to spread the two takes ten times as long as all the rest of making a connection.
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

/** The options of a call that is given none: they need not be looked at. */
export const NO_OPTIONS: { readonly signal?: never } = Object.freeze({});

/**
 * The signal of a call, where it has one.
 *
 * @throws TypeError for what is not a signal, or no options.
 */
export function signalIn(options: { readonly signal?: AbortSignal }): AbortSignal | undefined {
  if (options === NO_OPTIONS) return undefined;
  checkObject(options);
  const { signal } = options;
  checkSignal(signal);
  return signal;
}

/**
 * The signal of a call that begins something, where it has one.
 *
 * @throws as {@link signalIn}; the signal's reason where it has been aborted already.
 */
export function signalOf(options: { readonly signal?: AbortSignal }): AbortSignal | undefined {
  const signal = signalIn(options);
  signal?.throwIfAborted();
  return signal;
}

function checkSourceAddress(address: unknown): void {
  if (address === undefined) return;
  const [host, port] = Array.isArray(address) ? (address as unknown[]) : [];
  if (typeof host !== 'string')
    throw new TypeError(cannotUse(address, 'sourceAddress', 'expected an array of an address and a port'));
  // The system would take 65,536 for 0.
  checkInteger(port, 'the port of sourceAddress', 0, 65_535);
}
