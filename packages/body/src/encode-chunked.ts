import { checkBytes, checkType, quote } from '@http-client/errors';
import { HTTPMessage, type HeadersInput } from '@http-client/headers';
import { encodeLatin1, joined, nameOf } from '@http-client/io';

import { Blocks } from './blocks.js';
import { offers } from './request-body.js';
import { openAsyncIterable, openIterable } from './sources.js';

/**
 * One chunk (RFC 9112, section 7.1) as parts to be written one after another: size line, the data itself, not copied,
 * and CRLF. No parts for empty data, since an empty chunk ends the body.
 *
 * @throws TypeError for anything but a `Uint8Array`.
 */
export function encodeChunk(data: Uint8Array): Uint8Array[] {
  checkBytes(data, 'the data of a chunk');
  return data.length === 0 ? [] : [encodeLatin1(chunkStart(data)), data, encodeLatin1('\r\n')];
}

/**
 * The last chunk, the trailer fields, and the blank line that ends the body.
 *
 * @throws TypeError for a trailer field that the recipient must know before the body: one for framing, routing,
 * authentication, request modifiers or the interpretation of the body (RFC 9110, section 6.5.1). Also for what
 * `HTTPMessage` rejects.
 */
export function encodeLastChunk(trailers?: HeadersInput): Uint8Array {
  let text = '0\r\n';
  // Copied, so that each name and value is validated: a received message may contain what must not be sent.
  for (const [name, value] of new HTTPMessage(trailers)) {
    if (NOT_IN_TRAILERS.has(name.toLowerCase())) {
      throw new TypeError(
        `Cannot send ${quote(name)} as a trailer: it must be known before the body (RFC 9110, section 6.5.1)`,
      );
    }
    text += `${name}: ${value}\r\n`;
  }
  return encodeLatin1(`${text}\r\n`, 'trailers');
}

/**
 * Fields that mean nothing, or something else, after the body: a proxy that merged them into the head would reframe or
 * redirect the message, unnoticed by whatever had checked the head.
 */
const NOT_IN_TRAILERS: ReadonlySet<string> = /* @__PURE__ */ new Set(
  // Marked by itself: a bundler keeps the arguments of what it drops, if they are calls.
  /* @__PURE__ */ (
    'content-length transfer-encoding trailer te connection keep-alive proxy-connection upgrade ' + // framing
    'host max-forwards expect cache-control pragma range ' + // routing and request modifiers
    'if-match if-none-match if-modified-since if-unmodified-since if-range ' + // conditions
    'authorization proxy-authorization www-authenticate proxy-authenticate cookie set-cookie ' + // authentication
    'content-encoding content-type content-range'
  ) // how to read the body
    .split(' '),
);

/**
 * The size line of a chunk.
 *
 * @internal
 */
export function chunkStart(data: Uint8Array): string {
  return `${data.length.toString(16).toUpperCase()}\r\n`;
}

/**
 * Chunks up to this size are copied into one block with their framing: two more writes, each perhaps a separate packet
 * or TLS record, cost more than the copy (2 µs at 16 KiB; at 64 KiB, 7 µs, they no longer do).
 */
const MAX_COPIED = 16_384;

/**
 * A body in the chunked transfer coding, with the last chunk and the trailers at the end; empty blocks are omitted.
 *
 * A chunk of up to 16 KiB is one block, a larger one three: size line, the data itself, CRLF. Each chunk is completed
 * before the next block is requested from the body, so that a peer that responds chunk by chunk is not kept waiting. If
 * several arrays can be written at once, {@link encodeChunk} is preferable: it never copies.
 *
 * @throws TypeError if the body is not iterable, or `trailers` is not a function.
 * @param trailers is called once, when the body has ended: they may depend on the whole body, such as a digest.
 */
export function encodeChunked(
  body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  trailers?: () => HTTPMessage | undefined,
): AsyncIterable<Uint8Array> {
  const isAsync = offers<AsyncIterable<Uint8Array>>(body, Symbol.asyncIterator);
  if (!isAsync && !offers<Iterable<Uint8Array>>(body, Symbol.iterator))
    throw new TypeError(`Cannot encode ${nameOf(body)} in chunks: expected an iterable of Uint8Arrays`);
  checkType(trailers, 'trailers', 'function');
  const blocks = new Blocks(() => (isAsync ? openAsyncIterable(body) : openIterable(body)));
  const ready: Uint8Array[] = [];
  let last: (() => Uint8Array) | undefined = () => encodeLastChunk(trailers?.());
  const iterator: AsyncIterableIterator<Uint8Array> = {
    [Symbol.asyncIterator]: () => iterator,
    async next() {
      if (ready.length === 0) {
        const block = await blocks.next().catch((error: unknown) => {
          // No last chunk after a failure: it would make half a body look complete.
          last = undefined;
          throw error;
        });
        if (block.done !== true) {
          ready.push(...frame(block.value));
        } else if (last !== undefined) {
          const encode = last;
          last = undefined;
          ready.push(encode());
        }
      }
      const value = ready.shift();
      return value === undefined ? { done: true, value } : { done: false, value };
    },
    return() {
      last = undefined;
      ready.length = 0;
      return blocks.return();
    },
  };
  return iterator;
}

function frame(data: Uint8Array): Uint8Array[] {
  const parts = encodeChunk(data);
  return data.length > MAX_COPIED ? parts : [joined(...parts)];
}
