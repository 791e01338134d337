import {
  connectTCP,
  connectTLS,
  HTTPConnection,
  HTTPSConnection,
  type Connector,
  type HTTPResponse,
  type RequestBody,
  type TLSContext,
} from '@http-client/client';

import { exchangeFailure, handshakeFailure } from '../failure.js';
import type { Address } from './address.js';
import type { Proxy } from './proxy.js';

export interface ExchangeOptions {
  readonly headers: readonly (readonly [string, string])[];
  readonly body: RequestBody | undefined;
  /** Milliseconds that each wait may take; none where undefined. */
  readonly timeout: number | undefined;
  readonly debug: boolean;
  /** Where the tunnel is asked for that the exchange goes through; none where undefined. */
  readonly proxy?: Proxy | undefined;
  /** How TLS is spoken to the server, where it is; the defaults where undefined. */
  readonly context?: TLSContext | undefined;
  /** How TLS is spoken to the proxy itself, likewise. */
  readonly proxyContext?: TLSContext | undefined;
  /** Ends the exchange at once, with its reason, whatever it waits for. */
  readonly signal: AbortSignal;
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
  const { timeout, signal, headers, body, proxy } = options;
  signal.throwIfAborted();
  const connection = connectionTo(address, options);
  let response: HTTPResponse | undefined;

  const work = async (): Promise<void> => {
    if (proxy?.authorization !== undefined) await openQuietly(connection);
    const sent = settled(connection.request(method, address.target, { headers, body: body ?? null }));
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
    const failure = handshakeFailure(error, `${address.host}:${address.port}`);
    throw failure ?? exchangeFailure(error, placeOf(proxy, address), (proxy ?? address).host);
  } finally {
    if (abort !== undefined) signal.removeEventListener('abort', abort);
    // An answer that ends with its connection owns it: closing the connection alone would not end that.
    response?.close();
    connection.close();
  }
}

function placeOf(proxy: Proxy | undefined, address: Address): string {
  const { host, port } = proxy ?? address;
  return `${proxy === undefined ? '' : 'the proxy '}${host}:${port}`;
}

function connectionTo(address: Address, options: ExchangeOptions): HTTPConnection {
  const { secure, host, port } = address;
  const { timeout, debug, proxy, context, proxyContext } = options;
  const via = proxy ?? { host, port };
  const settings = {
    ...(timeout === undefined ? {} : { timeout }),
    ...(proxy?.secure === true ? { connector: toSecure(placeOf(proxy, address), proxyContext) } : {}),
    debugLevel: debug ? 1 : 0,
  };
  const connection = secure
    ? new HTTPSConnection(via.host, via.port, { ...settings, ...(context === undefined ? {} : { context }) })
    : new HTTPConnection(via.host, via.port, settings);
  if (proxy !== undefined) {
    const { authorization } = proxy;
    connection.setTunnel(
      host,
      port,
      authorization === undefined ? {} : { headers: { 'Proxy-Authorization': authorization } },
    );
  }
  return connection;
}

/** Speaks TLS to the proxy itself. Whose certificate is at fault can be told here alone, where there are two. */
function toSecure(place: string, context: TLSContext | undefined): Connector {
  const connect = connectTLS(context, connectTCP);
  return async (target) => {
    try {
      return await connect(target);
    } catch (error) {
      throw handshakeFailure(error, place, '--proxy-') ?? error;
    }
  };
}

/** Opens the connection with nothing printed of it: the CONNECT has a password in it. */
async function openQuietly(connection: HTTPConnection): Promise<void> {
  const level = connection.debugLevel;
  connection.setDebugLevel(0);
  await connection.connect();
  connection.setDebugLevel(level);
  // Another CONNECT, where the proxy closes this connection at once, would be printed.
  connection.autoOpen = false;
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
