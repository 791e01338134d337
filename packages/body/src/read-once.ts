import { isError, tagOf } from '@http-client/io';

import { cannotSend, offers } from './request-body.js';

/** What is used of a Node stream besides its iterator. */
interface NodeStream {
  on(event: 'error' | 'resume' | 'readable', listener: () => void): unknown;
  off(event: 'resume' | 'readable', listener: () => void): unknown;
  destroy(): unknown;
  readonly readableFlowing?: boolean | null;
  readonly readableDidRead?: boolean;
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

function whyUsedUp({
  readableEnded,
  readableFlowing,
  readableDidRead,
  destroyed,
  errored,
}: NodeStream): string | undefined {
  // Reading the stream would throw it too, but only after the request's head had been sent.
  if (isError(errored)) throw errored;
  if (readableEnded === true) return READ_ALREADY;
  // The rest would be taken for the whole.
  if (readableFlowing === true && readableDidRead === true) return 'it is being read';
  return destroyed === true ? 'it has been destroyed' : undefined;
}

/** Whether a body can be read only once. Other iterables may begin again each time. */
function isReadOnce(body: unknown): body is object {
  return offers<{ getReader: unknown }>(body, 'getReader') || /^(Async)?Generator$/.test(tagOf(body));
}

/**
 * Keeps a Node stream as it is until its first block is requested: before that, the connection is opened, and a 100 may
 * be awaited. Its iterator, which listens only from then on, must still find everything:
 *
 * - An early error, such as for a missing file: without a listener it would end the process. The iterator throws it.
 * - Data: a stream that is resumed drops what nobody takes. Node resumes the output of a child process that has exited,
 *   and a listener for its data, such as one that counts, resumes any stream.
 *
 * @returns what lets go of it again.
 */
export function hold(body: unknown): (() => void) | undefined {
  if (!isNodeStream(body)) return undefined;
  if (!LISTENED.has(body)) {
    LISTENED.add(body);
    body.on('error', nothing);
  }
  let isKept = false;
  // While it has this listener, a stream does not flow. In Deno, a socket that is paused would never be read again.
  const keep = (): void => {
    if (!isKept) body.on('readable', nothing);
    isKept = true;
  };
  if (body.readableFlowing === true) keep();
  body.on('resume', keep);
  return () => {
    body.off('resume', keep);
    if (isKept) body.off('readable', nothing);
  };
}

const nothing = (): void => undefined;

function isNodeStream(body: unknown): body is NodeStream {
  return offers<NodeStream>(body, 'on', 'off', 'destroy');
}
