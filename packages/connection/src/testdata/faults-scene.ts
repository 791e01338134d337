import type { Connector } from '@http-client/io';

import { connectTCP, type HTTPConnection, type HTTPConnectionOptions } from '../index.js';
import type { RequestOptions } from '../options.js';
import { scriptedConnector, STALL } from '../testing.js';
import type { Peer } from './faults-server.js';

/**
 * How far the client has got, for a server that waits for it: data that is in flight when a reset arrives may be lost.
 */
export interface Client {
  readonly connection: HTTPConnection;
  /** The request has been sent, or has failed. */
  readonly requested: Promise<unknown>;
  /** An interim response has arrived. */
  readonly informed: Promise<unknown>;
  /** The head of the response has arrived. */
  readonly answered: Promise<unknown>;
}

/** How a fault is brought about. */
export interface Scene {
  readonly options?: () => HTTPConnectionOptions;
  /** Nobody listens at the port. */
  readonly absent?: true;
  readonly method?: string;
  readonly request?: () => RequestOptions;
  /** What the server does on the first connection, from its first request on. */
  readonly serve?: (peer: Peer, client: Client) => Promise<void> | void;
  /**
   * If present, an exchange comes first on the same connection; then `idle` runs, and only then is the request sent.
   */
  readonly idle?: (peer: Peer, client: Client) => Promise<void> | void;
  /** `getResponse` is called without waiting for the request. */
  readonly together?: true;
  /** Awaited once all calls have settled. */
  readonly after?: (connection: HTTPConnection) => Promise<void>;
}

/** The error that a body's source throws in these tests. */
export const SOURCE_ERROR = new Error('the disk is full');

/** Milliseconds, for tests of a timeout. */
export const TIMEOUT = 40;

/** Endless blocks. */
export function* endless(): Generator<Uint8Array, void, void> {
  const block = new Uint8Array(65_536);
  for (;;) yield block;
}

/** Yields these blocks; an error is thrown. */
export function* texts(...blocks: unknown[]): Generator<string, void, void> {
  for (const block of blocks) {
    if (block instanceof Error) throw block;
    yield block as string;
  }
}

/** One block, and then none for ever. */
export function hanging(): ReadableStream<string> {
  return new ReadableStream<string>({
    start(controller) {
      controller.enqueue('some');
    },
    pull: () => new Promise(() => undefined),
  });
}

/** A POST of what `body` returns, with a Content-Length if `length` is given. */
export const upload = (body: () => RequestOptions['body'], length?: number) => (): RequestOptions => ({
  body: body()!,
  ...(length === undefined ? {} : { headers: { 'Content-Length': length } }),
});

/** A connector whose first attempt is `attempt`; later ones connect as usual. */
export function firstly(attempt: Connector): () => HTTPConnectionOptions {
  return () => {
    let attempts = 0;
    return { connector: (target) => (attempts++ === 0 ? attempt(target) : connectTCP(target)) };
  };
}

/** An attempt that never completes. */
export const hangingConnector: Connector = (target) => scriptedConnector([STALL])(target);
