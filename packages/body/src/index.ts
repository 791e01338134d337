export { encodeLatin1 } from '@http-client/io';

export { ChunkedDecoder } from './chunked.js';
export type { ChunkedDecoderOptions } from './chunked.js';
export { encodeChunk, encodeChunked, encodeLastChunk } from './encode-chunked.js';
export { contentLength, encodeBody } from './encode.js';
export { responseFraming } from './framing.js';
export type { Framing, FramingInput, FramingKind, FramingViolation } from './framing.js';
export { persists } from './persistence.js';
export type { BlobLike, FileHandleLike, FileLike, RequestBody, URLSearchParamsLike } from './request-body.js';
export type { ChunkedPart, OnPart } from './trailer-section.js';

// For the packages above this one; not in the declarations.
/** @internal */
export { bodySource, incompleteBody } from './body-source.js';
/** @internal */
export type { BodySource, BodyTap, Shortfall } from './body-source.js';
/** @internal */
export { chunkStart } from './encode-chunked.js';
/** @internal */
export { bodyBlocks } from './encode.js';
/** @internal */
export { framingOf } from './framing.js';
/** @internal */
export { inMemory } from './request-body.js';
