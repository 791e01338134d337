import { encodeLatin1 } from '@http-client/io';

import { Blocks } from './blocks.js';
import { classify, nameOf, type RequestBody } from './request-body.js';
import { iterateBlocks, openAsyncIterable, openFileHandle, openFileLike, openStream } from './sources.js';

/** What a {@link FileLike} is asked for at a time, as in the reference. */
const DEFAULT_BLOCK_SIZE = 8192;

/** Methods that say what they are about in a body: without one, the server is told that there is none. */
const EXPECTS_BODY: ReadonlySet<string> = /* @__PURE__ */ new Set(['POST', 'PUT', 'PATCH']);

/**
 * The number of bytes of a body where it is known beforehand: of text, bytes, a `Blob`, `URLSearchParams`.
 *
 * For no body it is 0 with POST, PUT and PATCH (in any case of letters), and `undefined` with other methods. For what
 * must be read to be counted it is `undefined`, and the body is sent chunked.
 */
export function contentLength(body: RequestBody | null | undefined, method: string): number | undefined {
  if (body === null || body === undefined) return EXPECTS_BODY.has(method.toUpperCase()) ? 0 : undefined;
  const known = classify(body);
  if (known?.form === 'blob') return known.body.size;
  return known?.form === 'text' || known?.form === 'bytes' ? known.body.length : undefined;
}

/**
 * A body as blocks of bytes, none of them empty: one at most for text and bytes, which are not copied; else as the
 * source gives them. Nothing is read before the first block is asked for; an error of the source comes through as it
 * is, and giving up early (`break`, `return()`) closes the source, or cancels it.
 *
 * @param options.blockSize what a file object's `read` is asked for, 8192 bytes.
 * @throws TypeError where it is no {@link RequestBody}, or is text with a character beyond U+00FF.
 */
export function encodeBody(
  body: RequestBody,
  options: { blockSize?: number } = {},
): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  const { blockSize = DEFAULT_BLOCK_SIZE } = options;
  if (!Number.isSafeInteger(blockSize) || blockSize <= 0) {
    throw new RangeError(`Cannot read blocks of ${blockSize} bytes: the size must be a positive integer`);
  }
  const known = classify(body);
  switch (known?.form) {
    case 'text':
      return inOneBlock(encodeLatin1(known.body, 'body'));
    case 'bytes':
      return inOneBlock(known.body);
    case 'blob':
      return new Blocks(() => openStream(known.body.stream()));
    case 'stream':
      return new Blocks(() => openStream(known.body));
    case 'asyncIterable':
      return new Blocks(() => openAsyncIterable(known.body));
    case 'fileHandle':
      return new Blocks(() => openFileHandle(known.body));
    case 'iterable':
      return iterateBlocks(known.body);
    case 'fileLike':
      return new Blocks(() => openFileLike(known.body, blockSize));
    case undefined:
      throw new TypeError(
        `Cannot send ${nameOf(body)} as a body: it is no string, ArrayBuffer or view of one, Blob, URLSearchParams, ` +
          'ReadableStream, FileHandle, iterable of strings and bytes, or object with a read method',
      );
  }
}

function inOneBlock(bytes: Uint8Array): Iterable<Uint8Array> {
  return bytes.length === 0 ? [] : [bytes];
}
