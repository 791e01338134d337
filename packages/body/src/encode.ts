import { checkInteger, checkOptionNames } from '@http-client/errors';
import { encodeLatin1 } from '@http-client/io';

import { Blocks } from './blocks.js';
import {
  cannotSend,
  inMemory,
  isBlob,
  offers,
  type BodyStream,
  type FileHandleLike,
  type FileLike,
  type RequestBody,
} from './request-body.js';
import { checkUnread, hold, markRead } from './read-once.js';
import { iterateBlocks, openAsyncIterable, openFileHandle, openFileLike, openStream } from './sources.js';

/** How many bytes are requested from a {@link FileLike} at a time, as in the reference. */
const DEFAULT_BLOCK_SIZE = 8192;

/** Methods for which a body is expected: without one, the server is told that there is none. */
const EXPECTS_BODY = /^(?:POST|PUT|PATCH)$/i;

/**
 * The length of a body in bytes, if it is known beforehand: of text, bytes, a `Blob`, `URLSearchParams`.
 *
 * Without a body it is 0 for POST, PUT and PATCH (whatever their case), and `undefined` for other methods. For a body
 * that must be read to be counted it is `undefined`, and the body is sent chunked; also for what is not a body, which
 * {@link encodeBody} rejects.
 */
export function contentLength(body: RequestBody | null | undefined, method: string): number | undefined {
  if (body === null || body === undefined) {
    // Most have none: a regular expression takes long for so little text.
    return method !== 'GET' && EXPECTS_BODY.test(method) ? 0 : undefined;
  }
  return inMemory(body)?.length ?? (isBlob(body) ? body.size : undefined);
}

/**
 * A body as non-empty blocks of bytes: at most one for text and for bytes, which are not copied; otherwise as the
 * source returns them. Nothing is read before the first block is requested. An error of the source is passed on
 * unchanged, and stopping early (`break`, `return()`) closes or cancels the source.
 *
 * @param options.blockSize how many bytes are requested from a file object's `read`, 8192 by default.
 * @throws RangeError for a block size that is not a whole number from 1 up. TypeError if it is not a number, for other
 * options, and if the body is not a {@link RequestBody}, is text with a character above U+00FF, a locked stream, a
 * `ReadableStream` or generator that was read through this package before, or a Node stream that was read to its end,
 * is being read by a listener, or was destroyed. The error of a Node stream that has failed.
 */
export function encodeBody(
  body: RequestBody,
  options: { blockSize?: number | undefined } = {},
): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  checkOptionNames(options, 'encodeBody', { blockSize: true });
  const { blockSize = DEFAULT_BLOCK_SIZE } = options;
  checkInteger(blockSize, 'blockSize', 1);
  const whole = inMemory(body);
  if (whole !== undefined) {
    const bytes = typeof whole === 'string' ? encodeLatin1(whole, 'body') : whole;
    return bytes.length === 0 ? [] : [bytes];
  }
  return bodyBlocks(body, blockSize);
}

/**
 * The blocks of a body that is not in memory, as from {@link encodeBody}; ending them closes or cancels the source,
 * even before the first. A Node stream is held until then, or until `letGo` is called.
 *
 * @throws as {@link encodeBody}.
 * @internal
 */
export function bodyBlocks(
  body: RequestBody,
  blockSize: number,
): (IterableIterator<Uint8Array> | AsyncIterableIterator<Uint8Array>) & Pick<Partial<Blocks>, 'letGo'> {
  // The order matters if an object has several forms. What the platform defines comes first, then the protocols of the
  // language, before mere names: a Node `Readable` has both an async iterator and a `read` with another meaning, and an
  // `fs.ReadStream` also an `fd`. `read` comes last, unlike in Python, where every file has it, with the same meaning.
  if (isBlob(body)) return new Blocks(() => openStream(body.stream()));
  if (offers<BodyStream<unknown>>(body, 'getReader')) {
    // Reported at once, and not by the first read: by then, the request's head would have been sent.
    if (body.locked === true) throw cannotSend(body, 'it is locked to another reader');
    checkUnread(body);
    return new Blocks(() => openStream(markRead(body)));
  }
  // FormData, Headers and maps are iterable too, but yield pairs: the error for the first of those would come after the
  // request's head.
  if (offers<{ entries: unknown; get: unknown }>(body, 'entries', 'get'))
    throw cannotSend(
      body,
      'it consists of pairs (for a FormData, give the body of a Response made of it, and its Content-Type)',
    );
  if (offers<AsyncIterable<unknown>>(body, Symbol.asyncIterator)) {
    checkUnread(body);
    return new Blocks(() => openAsyncIterable(markRead(body)), hold(body));
  }
  if (offers<FileHandleLike>(body, 'read') && typeof body.fd === 'number')
    return new Blocks(() => openFileHandle(body));
  if (offers<Iterable<unknown>>(body, Symbol.iterator)) {
    checkUnread(body);
    return iterateBlocks(body);
  }
  // A stream from before async iterators is not a file: while nothing has arrived, its `read` returns what ends a file.
  if (offers<FileLike>(body, 'read') && !offers<{ pipe: unknown }>(body, 'pipe'))
    return new Blocks(() => openFileLike(body, blockSize));
  throw cannotSend(
    body,
    'it is not a string, ArrayBuffer or view of one, Blob, URLSearchParams, ' +
      'ReadableStream, FileHandle, iterable of strings and bytes, or object with a read method',
  );
}
