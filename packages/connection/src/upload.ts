import { encodeBody, encodeChunk, encodeLastChunk, inMemory, type RequestBody } from '@http-client/body';
import type { HeadersInput } from '@http-client/headers';
import { checkLatin1, encodeLatin1, joined } from '@http-client/io';

/** A body as it goes out: whole, if it is in memory, else in blocks. */
export interface Upload {
  /** Text is sent as ISO-8859-1, and behind its head in one piece: to make bytes of it first takes as long as to send it. */
  readonly whole: string | Uint8Array | undefined;
  readonly blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array> | undefined;
  /** Whether it goes out in chunks, by this client's own encoding: a whole one has it already, each block is given it. */
  readonly chunked: boolean;
  /** What ends the chunks that blocks are sent in. */
  readonly lastChunk: () => Uint8Array;
  /** How many bytes the blocks must be, where a Content-Length says so: as many go out, or it is an error. */
  readonly promised: number | undefined;
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

export const NO_UPLOAD: Upload = {
  whole: undefined,
  blocks: undefined,
  chunked: false,
  lastChunk: () => encodeLastChunk(),
  promised: undefined,
};

/**
 * Prepares a body; nothing of a stream is read yet.
 *
 * @throws TypeError for what is not a body, RangeError where a body in memory does not keep its promised length.
 */
export function prepareUpload(body: RequestBody, rules: UploadRules): Upload {
  const { chunked, promised } = rules;
  const lastChunk = (): Uint8Array => encodeLastChunk(rules.trailers?.());
  const whole = inMemory(body);
  if (whole === undefined) {
    const blocks = encodeBody(body, { blockSize: rules.blockSize });
    return { whole, blocks, chunked, lastChunk, promised };
  }
  if (chunked) {
    const bytes = typeof whole === 'string' ? encodeLatin1(whole, 'body') : whole;
    return { ...NO_UPLOAD, whole: joined(...encodeChunk(bytes), lastChunk()), chunked };
  }
  if (typeof whole === 'string') checkLatin1(whole, 'body');
  checkPromise(promised, whole.length, true);
  return { ...NO_UPLOAD, whole };
}

/**
 * Throws where a body does not keep the length that was promised, as far as can be said: while it has not ended, it may
 * be too long already.
 */
export function checkPromise(promised: number | undefined, length: number, ended: boolean): void {
  if (promised === undefined || (ended ? length === promised : length <= promised)) return;
  throw new RangeError(
    `Cannot send the request: Content-Length promises ${promised} bytes, and the body has ${ended ? '' : 'at least '}${length}`,
  );
}
