import type { HTTPResponse, RequestBody } from '@http-client/client';

import { exchangeFailure, handshakeFailure } from '../failure.js';
import type { Address } from './address.js';
import { connectionTo, placeOf, type ConnectionOptions } from './connection.js';

export interface ExchangeOptions extends ConnectionOptions {
  readonly headers: readonly (readonly [string, string])[];
  readonly body: RequestBody | undefined;
  /** Whether a body whose Transfer-Encoding is among the fields is still to be put into chunks. */
  readonly encodeChunked: boolean;
  /** Ends the exchange at once, with its reason, whatever it waits for. */
  readonly signal: AbortSignal;
  /** Called when the request has been sent whole. */
  readonly onSent?: () => void;
}

/**
 * Sends one request and hands the response to `use`; the connection is closed when that is done, or has failed, or
 * the signal is aborted.
 */
export async function exchange(
  address: Address,
  method: string,
  options: ExchangeOptions,
  use: (response: HTTPResponse) => Promise<void>,
): Promise<void> {
  const { settings, signal, headers, body, encodeChunked, proxy, onSent } = options;
  signal.throwIfAborted();
  const connection = connectionTo(address, options);
  let response: HTTPResponse | undefined;

  const work = async (): Promise<void> => {
    const request = { headers, body: body ?? null, encodeChunked };
    const sent = settled(connection.request(method, address.target, request).then(onSent));
    // A server may answer, and refuse, before it has the whole body: the answer is waited for at once. Not where
    // waits are bounded, though: the wait for an answer would then bound the whole upload.
    if (settings.timeout !== undefined) await sent;
    try {
      response = await connection.getResponse();
    } catch (error) {
      // What went wrong in sending is why there is no answer. A source that gives nothing may never settle.
      throw (await Promise.race([sent, nextTurn()])) ?? error;
    }
    await use(response);
  };

  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort);
  });
  try {
    await Promise.race([work(), aborted]);
  } catch (error) {
    const failure = handshakeFailure(error, `${address.host}:${address.port}`);
    throw failure ?? exchangeFailure(error, placeOf(proxy, address), (proxy ?? address).host);
  } finally {
    if (abort !== undefined) signal.removeEventListener('abort', abort);
    // An answer that ends with its connection owns it: closing the connection alone would not end that.
    response?.close();
    connection.close();
  }
}

/** What a promise is rejected with; undefined where it is fulfilled. */
function settled(promise: Promise<unknown>): Promise<Error | undefined> {
  return promise.then(
    () => undefined,
    (error: unknown) => error as Error,
  );
}

function nextTurn(): Promise<undefined> {
  return new Promise((resolve) => {
    setImmediate(resolve, undefined);
  });
}
