import { HTTPConnection, type HTTPResponse, type RequestBody } from '@http-client/client';

import { exchangeFailure } from '../failure.js';
import type { Address } from './address.js';

export interface ExchangeOptions {
  readonly headers: readonly (readonly [string, string])[];
  readonly body: RequestBody | undefined;
  /** Milliseconds that each wait may take; none where undefined. */
  readonly timeout: number | undefined;
  readonly debug: boolean;
  /** Ends the exchange at once, with its reason, whatever it waits for. */
  readonly signal: AbortSignal;
}

/**
 * Sends one request and hands the response to `use`; the connection is closed when that is done, or has failed, or
 * the signal is aborted.
 */
export async function exchange(
  { host, port, target }: Address,
  method: string,
  options: ExchangeOptions,
  use: (response: HTTPResponse) => Promise<void>,
): Promise<void> {
  const { timeout, debug, signal, headers, body } = options;
  signal.throwIfAborted();
  const connection = new HTTPConnection(host, port, {
    ...(timeout === undefined ? {} : { timeout }),
    debugLevel: debug ? 1 : 0,
  });
  let response: HTTPResponse | undefined;

  const work = async (): Promise<void> => {
    const sent = settled(connection.request(method, target, { headers, body: body ?? null }));
    // A server may answer, and refuse, before it has the whole body: the answer is waited for at once. Not where
    // waits are bounded, though: the wait for an answer would then bound the whole upload.
    if (timeout !== undefined) await sent;
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
    throw exchangeFailure(error, `${host}:${port}`, host);
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
