import type { Connector } from '@http-client/io';

import { connectTCP, type HTTPConnection, type HTTPConnectionOptions } from '../index.js';
import type { RequestOptions } from '../options.js';
import { scriptedConnector, STALL } from '../testing.js';
import type { Peer } from './faults-server.js';

/** What the client has come to, for a server that waits for it: what is in flight when a reset comes may be lost. */
export interface Client {
  readonly connection: HTTPConnection;
  /** The request has been sent, or has failed. */
  readonly requested: Promise<unknown>;
  /** An interim answer has come. */
  readonly informed: Promise<unknown>;
  /** The head of the answer has come. */
  readonly answered: Promise<unknown>;
}

/** How a fault comes about. */
export interface Scene {
  readonly options?: () => HTTPConnectionOptions;
  /** Nobody listens at the port. */
  readonly absent?: true;
  readonly method?: string;
  readonly request?: () => RequestOptions;
  /** What the server does on the first connection, from its first request on. */
  readonly serve?: (peer: Peer, client: Client) => Promise<void> | void;
  /** An exchange goes before it on the same connection; then comes `idle`, and only then the request. */
  readonly idle?: (peer: Peer, client: Client) => Promise<void> | void;
  /** `getResponse` is called without waiting for the request. */
  readonly together?: true;
  /** Waited for when all calls have settled. */
  readonly after?: (connection: HTTPConnection) => Promise<void>;
}

/** What a body's source throws in these tests. */
export const SOURCE_ERROR = new Error('the disk is full');

/** Milliseconds, where it is a timeout that is tested. */
export const TIMEOUT = 40;

/** Blocks without end. */
export function* endless(): Generator<Uint8Array, void, void> {
  const block = new Uint8Array(65_536);
  for (;;) yield block;
}

/** These blocks; an error is thrown. */
export function* texts(...blocks: unknown[]): Generator<string, void, void> {
  for (const block of blocks) {
    if (block instanceof Error) throw block;
    yield block as string;
  }
}

/** A block, and then none for ever. */
export function hanging(): ReadableStream<string> {
  return new ReadableStream<string>({
    start(controller) {
      controller.enqueue('some');
    },
    pull: () => new Promise(() => undefined),
  });
}

/** A POST of what `body` makes, with a Content-Length where one is given. */
export const upload = (body: () => RequestOptions['body'], length?: number) => (): RequestOptions => ({
  body: body()!,
  ...(length === undefined ? {} : { headers: { 'Content-Length': length } }),
});

/** A connector whose first attempt is another, and which then opens what it is asked for. */
export function firstly(attempt: Connector): () => HTTPConnectionOptions {
  return () => {
    let attempts = 0;
    return { connector: (target) => (attempts++ === 0 ? attempt(target) : connectTCP(target)) };
  };
}

/** An attempt that never comes to an end. */
export const hangingConnector: Connector = (target) => scriptedConnector([STALL])(target);
