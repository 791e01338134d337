import { encodeBody, encodeChunk, encodeChunked, encodeLastChunk, type RequestBody } from '@http-client/body';
import { HTTPMessage, type HeadersInput } from '@http-client/headers';

import { joined } from './wire.js';

/** A body as it goes out: whole, if it is in memory, else in blocks. */
export interface Upload {
  readonly bytes: Uint8Array | undefined;
  readonly blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array> | undefined;
  /** Whether these are chunks, by this client's own encoding. */
  readonly chunked: boolean;
}

/** How a body is put on the wire. */
export interface UploadRules {
  readonly blockSize: number;
  readonly chunked: boolean;
  /** The fields to send behind a chunked body. */
  readonly trailers?: (() => HeadersInput | undefined) | undefined;
  /** The Content-Length that the caller has promised, where the body must keep it. */
  readonly promised: number | undefined;
}

export const NO_UPLOAD: Upload = { bytes: undefined, blocks: undefined, chunked: false };

/**
 * Prepares a body; nothing of a stream is read yet.
 *
 * @throws TypeError for what is no body, RangeError where a body in memory does not keep its promised length.
 */
export function prepareUpload(body: RequestBody, rules: UploadRules): Upload {
  const blocks = encodeBody(body, { blockSize: rules.blockSize });
  // What is in memory comes as an array of one block, or none.
  const { chunked } = rules;
  if (!Array.isArray(blocks)) return { bytes: undefined, blocks: framed(blocks, rules), chunked };
  const bytes = (blocks as Uint8Array[])[0] ?? new Uint8Array(0);
  if (chunked) {
    const whole = joined(...encodeChunk(bytes), encodeLastChunk(trailersOf(rules)));
    return { bytes: whole, blocks: undefined, chunked };
  }
  if (rules.promised !== undefined && rules.promised !== bytes.length)
    throw brokenPromise(rules.promised, bytes.length);
  return { bytes, blocks: undefined, chunked };
}

function framed(
  blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  rules: UploadRules,
): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  if (rules.chunked) return encodeChunked(blocks, () => trailersOf(rules));
  return rules.promised === undefined ? blocks : keepingPromise(blocks, rules.promised);
}

function trailersOf({ trailers }: UploadRules): HTTPMessage | undefined {
  const fields = trailers?.();
  return fields === undefined ? undefined : new HTTPMessage(fields);
}

/**
 * The blocks, counted: one too many is not sent, and an end that comes too early is an error. No generator: that
 * would keep `return` waiting for a block that is pending.
 */
function keepingPromise(
  blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  promised: number,
): AsyncIterable<Uint8Array> {
  const source = Symbol.asyncIterator in blocks ? blocks[Symbol.asyncIterator]() : blocks[Symbol.iterator]();
  let sent = 0;
  const iterator: AsyncIterableIterator<Uint8Array> = {
    [Symbol.asyncIterator]: () => iterator,
    async next() {
      const result = await source.next();
      sent += result.done === true ? 0 : result.value.length;
      if (sent > promised || (result.done === true && sent < promised)) throw brokenPromise(promised, sent);
      return result;
    },
    async return() {
      await source.return?.();
      return { done: true, value: undefined };
    },
  };
  return iterator;
}

function brokenPromise(promised: number, length: number): RangeError {
  return new RangeError(
    `Cannot send the request: Content-Length promises ${promised} bytes, and the body has ${length > promised ? 'at least ' : ''}${length}`,
  );
}
