import type { RequestBody } from '@http-client/body';
import { quote } from '@http-client/errors';
import { TOLERANCES, type HeadersInput, type Tolerance } from '@http-client/headers';
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

/** The defaults of the reference. */
const DEFAULTS = {
  blockSize: 8192,
  maxResponseHeaders: 100,
  maxInterimResponses: 100,
  continueTimeout: 1000,
};

/** Options that were looked at, with the defaults filled in. */
export type CheckedOptions = HTTPConnectionOptions &
  Required<Pick<HTTPConnectionOptions, keyof typeof DEFAULTS | 'strict' | 'tolerate'>>;

/**
 * Looks at the options once, when the connection is made.
 *
 * @throws RangeError for a number out of range, TypeError for what is no number.
 */
export function checkOptions(options: HTTPConnectionOptions): CheckedOptions {
  const checked = { ...DEFAULTS, strict: true, tolerate: [], ...definedOf(options) };
  checkTimeout('timeout', checked.timeout);
  checkTimeout('continueTimeout', checked.continueTimeout);
  checkCount('blockSize', checked.blockSize, 1);
  checkCount('maxResponseHeaders', checked.maxResponseHeaders, 0);
  checkCount('maxInterimResponses', checked.maxInterimResponses, 0);
  checkTolerances(checked.tolerate);
  for (const name of ['connector', 'onWire', 'onInformational'] as const) checkFunction(name, checked[name]);
  checkSourceAddress(checked.sourceAddress);
  return checked;
}

/**
 * Looks at an option that is a time in milliseconds.
 *
 * @throws RangeError, or TypeError for what is no number.
 * @internal
 */
export function checkTimeout(name: string, timeout: number | undefined): void {
  if (timeout === undefined) return;
  checkNumber(name, timeout);
  if (!(timeout > 0 && timeout < Infinity)) {
    throw new RangeError(`Cannot use ${timeout} as ${name}: expected milliseconds above 0, or none`);
  }
}

function checkCount(name: string, value: number, least: number): void {
  checkNumber(name, value);
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(`Cannot use ${value} as ${name}: expected a whole number from ${least} up`);
  }
}

function checkNumber(name: string, value: unknown): void {
  if (typeof value !== 'number')
    throw new TypeError(`Cannot use a ${typeof value} as ${name}: expected a number`);
}

function checkTolerances(rules: readonly string[]): void {
  if (!Array.isArray(rules))
    throw new TypeError(`Cannot use a ${typeof rules} as tolerate: expected an array`);
  for (const rule of rules as unknown[]) {
    if (!(TOLERANCES as readonly unknown[]).includes(rule)) {
      throw new TypeError(`Cannot tolerate ${quote(String(rule))}: expected one of ${TOLERANCES.join(', ')}`);
    }
  }
}

function checkFunction(name: string, value: unknown): void {
  if (value === undefined || typeof value === 'function') return;
  throw new TypeError(`Cannot use a ${typeof value} as ${name}: expected a function`);
}

function checkSourceAddress(address: unknown): void {
  if (address === undefined) return;
  const [host, port] = Array.isArray(address) ? (address as unknown[]) : [];
  if (typeof host !== 'string' || typeof port !== 'number') {
    throw new TypeError('Cannot use the sourceAddress: expected an array of an address and a port');
  }
}

/** An option that is given as undefined is not given. */
function definedOf(options: HTTPConnectionOptions): HTTPConnectionOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
