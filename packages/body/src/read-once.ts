import { isError, tagOf } from '@http-client/io';

import { cannotSend, offers } from './request-body.js';

/** What is used of a Node stream besides its iterator. */
interface NodeStream {
  on(event: 'error', listener: () => void): unknown;
  destroy(): unknown;
  readonly readableEnded?: boolean;
  readonly destroyed?: boolean;
  readonly errored?: unknown;
}

/** Bodies from which a block has been requested, or that have been abandoned. */
const READ = new WeakSet<object>();
/** Node streams that have a listener already: one may be sent again if no connection could be opened for it. */
const LISTENED = new WeakSet<object>();

/** To be called when the first block is requested. Until then, a body may be sent again. */
export function markRead<T extends object>(body: T): T {
  READ.add(body);
  return body;
}

/**
 * Rejects a stream or generator that has been sent already: if a request is repeated, its body would be empty. So would
 * a Node stream that a parser has read.
 *
 * @throws TypeError if nothing is left of it; the error with which a Node stream has failed.
 */
export function checkUnread(body: unknown): void {
  const isUsedUp = isReadOnce(body) && READ.has(body);
  const why = isNodeStream(body) ? whyUsedUp(body) : isUsedUp ? READ_ALREADY : undefined;
  if (why !== undefined) throw cannotSend(body, why);
}

const READ_ALREADY = 'it has been read already';

function whyUsedUp({ readableEnded, destroyed, errored }: NodeStream): string | undefined {
  // Reading the stream would throw it too, but only after the request's head had been sent.
  if (isError(errored)) throw errored;
  if (readableEnded === true) return READ_ALREADY;
  return destroyed === true ? 'it has been destroyed' : undefined;
}

/** Whether a body can be read only once. Other iterables may begin again each time. */
function isReadOnce(body: unknown): body is object {
  return offers<{ getReader: unknown }>(body, 'getReader') || /^(Async)?Generator$/.test(tagOf(body));
}

/**
 * Keeps an early error of a Node stream from ending the process: the stream emits it as soon as it occurs, such as for
 * a missing file, and one without a listener is fatal. The iterator listens only from the first block on; before that,
 * the connection is opened, and a 100 may be awaited. The iterator still throws the error, so nothing is lost here.
 */
export function ignoreEarlyErrors(body: unknown): void {
  if (!isNodeStream(body) || LISTENED.has(body)) return;
  LISTENED.add(body);
  body.on('error', () => undefined);
}

function isNodeStream(body: unknown): body is NodeStream {
  return offers<NodeStream>(body, 'on', 'destroy');
}
