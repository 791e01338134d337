export { encodeLatin1 } from '@http-client/io';

export { bodySource, incompleteBody } from './body-source.js';
export type { BodySource, BodyTap, Shortfall } from './body-source.js';
export { ChunkedDecoder } from './chunked.js';
export type { ChunkedDecoderOptions } from './chunked.js';
export { chunkStart, encodeChunk, encodeChunked, encodeLastChunk } from './encode-chunked.js';
export { bodyBlocks, contentLength, encodeBody } from './encode.js';
export { responseFraming } from './framing.js';
export type { Framing, FramingInput, FramingKind, FramingViolation } from './framing.js';
export { persists } from './persistence.js';
export { inMemory } from './request-body.js';
export type { BlobLike, FileHandleLike, FileLike, RequestBody, URLSearchParamsLike } from './request-body.js';
export type { ChunkedPart, OnPart } from './trailer-section.js';
