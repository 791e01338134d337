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

/** Those that have been listened to: a body may be sent again where no connection could be opened for it. */
const HEARD = new WeakSet<object>();

export function isNodeStream(body: unknown): body is NodeStream {
  return offers<NodeStream>(body, 'on', 'destroy');
}

/**
 * A stream that was sent once, or that a parser has read, would be sent as an empty body. One that has failed tells of
 * that by itself when it is read.
 *
 * @throws TypeError where nothing is left of it.
 */
export function checkUnread(stream: NodeStream): void {
  const { readableEnded, destroyed, errored } = stream;
  if (readableEnded !== true && (destroyed !== true || (errored ?? null) !== null)) return;
  const why = readableEnded === true ? 'it has been read to its end already' : 'it has been destroyed';
  throw new TypeError(`Cannot send ${nameOf(stream)} as a body: ${why}`);
}

/**
 * A Node stream tells of an error as soon as it knows, as of a file that is not there, and an error that nobody listens
 * to ends the process. Its iterator listens from the first block on; before that the connection is opened, perhaps a
 * 100 waited for. The iterator tells of the error all the same, so that nothing is lost here.
 */
export function hearErrors(stream: NodeStream): void {
  if (HEARD.has(stream)) return;
  HEARD.add(stream);
  stream.on('error', () => undefined);
}
