import { checkInteger } from '@http-client/errors';
import { encodeLatin1, nameOf } from '@http-client/io';

import { Blocks } from './blocks.js';
import {
  inMemory,
  isBlob,
  offers,
  type BodyStream,
  type FileHandleLike,
  type FileLike,
  type RequestBody,
} from './request-body.js';
import { checkUnread, hearErrors, markRead } from './read-once.js';
import { iterateBlocks, openAsyncIterable, openFileHandle, openFileLike, openStream } from './sources.js';

/** What a {@link FileLike} is asked for at a time, as in the reference. */
const DEFAULT_BLOCK_SIZE = 8192;

/** Methods that say what they are about in a body: without one, the server is told that there is none. */
const EXPECTS_BODY = /^(?:POST|PUT|PATCH)$/i;

/**
 * The number of bytes of a body where it is known beforehand: of text, bytes, a `Blob`, `URLSearchParams`.
 *
 * For no body it is 0 with POST, PUT and PATCH (in any case of letters), and `undefined` with other methods. For what
 * must be read to be counted it is `undefined`, and the body is sent chunked.
 */
export function contentLength(body: RequestBody | null | undefined, method: string): number | undefined {
  if (body === null || body === undefined) return EXPECTS_BODY.test(method) ? 0 : undefined;
  return inMemory(body)?.length ?? (isBlob(body) ? body.size : undefined);
}

/**
 * A body as blocks of bytes, none of them empty: one at most for text and bytes, which are not copied; else as the
 * source gives them. Nothing is read before the first block is asked for; an error of the source comes through as it
 * is, and giving up early (`break`, `return()`) closes the source, or cancels it.
 *
 * @param options.blockSize what a file object's `read` is asked for, 8192 bytes.
 * @throws RangeError for a block size below 1. TypeError where it is no {@link RequestBody}, or is text with a character beyond U+00FF,
 * or a stream that is locked, or of which nothing is left. The error of a Node stream that has failed.
 */
export function encodeBody(
  body: RequestBody,
  options: { blockSize?: number } = {},
): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  const { blockSize = DEFAULT_BLOCK_SIZE } = options;
  checkInteger(blockSize, 'blockSize', 1);
  const whole = inMemory(body);
  if (whole !== undefined) {
    const bytes = typeof whole === 'string' ? encodeLatin1(whole, 'body') : whole;
    return bytes.length === 0 ? [] : [bytes];
  }
  // The order matters where an object has several forms. What the platform defines comes first; then the language's own
  // protocols, before mere names: a Node `Readable` has both an async iterator and a `read` of another meaning, an
  // `fs.ReadStream` an `fd` besides. `read` comes last, unlike in Python, where every file has it and means the same.
  if (isBlob(body)) return new Blocks(() => openStream(body.stream()));
  if (offers<BodyStream<unknown>>(body, 'getReader')) {
    // Told at once, and not by the first read: a request's head would have gone out by then.
    if (body.locked === true)
      throw new TypeError(`Cannot send ${nameOf(body)} as a body: it is locked to another reader`);
    checkUnread(body);
    return new Blocks(() => openStream(markRead(body)));
  }
  // An iterable, too, but of pairs: what is said of a block that is none would come behind the request's head.
  if (offers<{ getAll: unknown }>(body, 'getAll'))
    throw new TypeError(
      `Cannot send ${nameOf(body)} as a body: give the body of a Response made of it, and its Content-Type`,
    );
  if (offers<AsyncIterable<unknown>>(body, Symbol.asyncIterator)) {
    checkUnread(body);
    hearErrors(body);
    return new Blocks(() => openAsyncIterable(markRead(body)));
  }
  if (offers<FileHandleLike>(body, 'read') && typeof body.fd === 'number')
    return new Blocks(() => openFileHandle(body));
  if (offers<Iterable<unknown>>(body, Symbol.iterator)) {
    checkUnread(body);
    return iterateBlocks(body);
  }
  // A stream from before async iterators is none: where nothing has come yet, its `read` gives what ends a file.
  if (offers<FileLike>(body, 'read') && !offers<{ pipe: unknown }>(body, 'pipe'))
    return new Blocks(() => openFileLike(body, blockSize));
  throw new TypeError(
    `Cannot send ${nameOf(body)} as a body: it is not a string, ArrayBuffer or view of one, Blob, URLSearchParams, ` +
      'ReadableStream, FileHandle, iterable of strings and bytes, or object with a read method',
  );
}
