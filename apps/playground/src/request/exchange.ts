import type { HTTPResponse, RequestBody } from '@http-client/client';

import { exchangeFailure, handshakeFailure } from '../failure.js';
import type { Address } from './address.js';
import { connectionTo, placeOf, type ConnectionOptions } from './connection.js';

export interface ExchangeOptions extends ConnectionOptions {
  readonly headers: readonly (readonly [string, string])[];
  readonly body: RequestBody | undefined;
  /** Whether the client encodes the body in chunks if Transfer-Encoding is among the fields. */
  readonly encodeChunked: boolean;
  /** Aborts the exchange at once, with its reason, whatever it waits for. */
  readonly signal: AbortSignal;
  /** Called when the whole request has been sent. */
  readonly onSent?: () => void;
}

/**
 * Sends one request and passes the response to `use`. The connection is closed once that has ended or failed, or when
 * the signal is aborted.
 */
export async function exchange(
  address: Address,
  method: string,
  options: ExchangeOptions,
  use: (response: HTTPResponse) => Promise<void>,
): Promise<void> {
  const { signal, headers, body, encodeChunked, proxy, onSent } = options;
  signal.throwIfAborted();
  const connection = connectionTo(address, options);
  let response: HTTPResponse | undefined;

  const work = async (): Promise<void> => {
    const request = { headers, body: body ?? null, encodeChunked };
    const sent = settled(connection.request(method, address.target, request).then(onSent));
    // The response is awaited at once: a server may respond before it has received the whole body, to reject it, say.
    try {
      response = await connection.getResponse();
    } catch (error) {
      // If sending failed, that is why there is no response. A source that yields nothing may never settle.
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
    // A response that ends with its transport owns it: closing only the connection would leave it open.
    response?.close();
    connection.close();
  }
}

/** What a promise is rejected with; undefined if it is fulfilled. */
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
