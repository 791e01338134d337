import { bodyBlocks, encodeChunk, encodeLastChunk, inMemory, type RequestBody } from '@http-client/body';
import { checkInteger } from '@http-client/errors';
import type { HeadersInput } from '@http-client/headers';
import { checkLatin1, encodeLatin1, joined } from '@http-client/io';

/** A body as it is sent: whole if it is in memory, otherwise in blocks. */
export interface Upload {
  /** Text is sent as ISO-8859-1, in one string with its head: encoding it first takes as long as sending it. */
  readonly whole: string | Uint8Array | undefined;
  readonly blocks: ReturnType<typeof bodyBlocks> | undefined;
  /** Whether this client chunk-encodes it: a whole body has been encoded already, a block is encoded when sent. */
  readonly chunked: boolean;
  /** Returns the last chunk and the trailer section, for a chunked body in blocks. */
  readonly lastChunk: () => Uint8Array;
  /** The total length, if a Content-Length promises one; any other length is an error. */
  readonly promised: number | undefined;
}

/** How a body is sent. */
export interface UploadRules {
  readonly blockSize: number;
  readonly chunked: boolean;
  /** The fields to send after a chunked body. */
  readonly trailers?: (() => HeadersInput | undefined) | undefined;
  /** The Content-Length that was promised, if the body must match it. */
  readonly promised?: number | undefined;
}

export const NO_UPLOAD: Upload = {
  whole: undefined,
  blocks: undefined,
  chunked: false,
  lastChunk: encodeLastChunk,
  promised: undefined,
};

/**
 * Prepares a body for sending. Nothing is read from a stream yet.
 *
 * @throws TypeError for anything that is not a body, RangeError if a body in memory does not have its promised length.
 */
export function prepareUpload(body: RequestBody, rules: UploadRules): Upload {
  const { chunked, promised } = rules;
  const lastChunk = (): Uint8Array => encodeLastChunk(rules.trailers?.());
  const whole = inMemory(body);
  if (whole === undefined) {
    const blocks = bodyBlocks(body, checkInteger(rules.blockSize, 'blockSize', 1));
    return { whole, blocks, chunked, lastChunk, promised };
  }
  if (chunked) {
    const bytes = typeof whole === 'string' ? encodeLatin1(whole, 'body') : whole;
    return { ...NO_UPLOAD, whole: joined(...encodeChunk(bytes), lastChunk()), chunked };
  }
  if (typeof whole === 'string') checkLatin1(whole, 'body');
  checkLength(promised, whole.length, true);
  return { ...NO_UPLOAD, whole, promised };
}

/** To be called after a wait, in which a caller may have transferred or resized the memory of a body. */
export function checkWhole({ whole, promised }: Upload): void {
  if (whole !== undefined) checkLength(promised, whole.length, true);
}

/**
 * Throws if a body does not have the length that was promised. Before it has `ended`, only an excess can be detected.
 */
export function checkLength(promised: number | undefined, length: number, ended: boolean): void {
  if (promised === undefined || (ended ? length === promised : length <= promised)) return;
  throw new RangeError(
    `Cannot send the request: Content-Length promises ${promised} bytes, and the body has ${ended ? '' : 'at least '}${length}`,
  );
}
