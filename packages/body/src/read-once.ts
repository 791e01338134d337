import { nameOf } from '@http-client/io';

import { offers } from './request-body.js';

/** What is used of a Node stream beside its iterator. */
interface NodeStream {
  on(event: 'error', listener: () => void): unknown;
  destroy(): unknown;
  readonly readableEnded?: boolean;
  readonly destroyed?: boolean;
  readonly errored?: unknown;
}

/** Bodies that have been asked for a block, or given up. */
const READ = new WeakSet<object>();
/** Node streams that are listened to: one may be sent again where no connection could be opened for it. */
const HEARD = new WeakSet<object>();

/** To be called when the first block is asked for. Until then, a body may be given once more. */
export function markRead<T extends object>(body: T): T {
  READ.add(body);
  return body;
}

/**
 * A stream or a generator that was sent once, by a request that is repeated now, would be sent as an empty body; so would
 * a Node stream that a parser has read.
 *
 * @throws TypeError where nothing is left of it; the error that a Node stream has failed with.
 */
export function checkUnread(body: unknown): void {
  const isGone = isReadOnce(body) && READ.has(body);
  const why = isNodeStream(body) ? goneOf(body) : isGone ? READ_ALREADY : undefined;
  if (why !== undefined) throw new TypeError(`Cannot send ${nameOf(body)} as a body: ${why}`);
}

const READ_ALREADY = 'it has been read already';

function goneOf({ readableEnded, destroyed, errored }: NodeStream): string | undefined {
  // It would tell of that by itself where it is read, but behind the request's head.
  if (errored instanceof Error) throw errored;
  if (readableEnded === true) return READ_ALREADY;
  return destroyed === true ? 'it has been destroyed' : undefined;
}

/** Other iterators of their own may begin anew each time. */
function isReadOnce(body: unknown): body is object {
  return (
    offers<{ getReader: unknown }>(body, 'getReader') ||
    /^\[object (Async)?Generator\]$/.test(Object.prototype.toString.call(body))
  );
}

/**
 * A Node stream tells of an error as soon as it knows, as of a file that is not there, and an error that nobody listens
 * to ends the process. Its iterator listens from the first block on; before that the connection is opened, perhaps a
 * 100 waited for. The iterator tells of the error all the same, so that nothing is lost here.
 */
export function hearErrors(body: unknown): void {
  if (!isNodeStream(body) || HEARD.has(body)) return;
  HEARD.add(body);
  body.on('error', () => undefined);
}

function isNodeStream(body: unknown): body is NodeStream {
  return offers<NodeStream>(body, 'on', 'destroy');
}
