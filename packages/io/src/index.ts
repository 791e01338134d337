export { ByteReader } from './byte-reader.js';
export { decodeLatin1, encodeLatin1 } from './latin1.js';
export { ownBytes, type OwnBytes } from './own-bytes.js';
export type { ByteSource, ReadableStreamLike } from './source.js';
export type { AbortSignalLike, ConnectTarget, Connector, Transport } from './transport.js';

// For the packages above this one; not in the declarations.
/** @internal */
export {
  checkTransport,
  closeTransport,
  joined,
  readFrom,
  transportError,
  writeTo,
} from './any-transport.js';
/** @internal */
export { bytesOf } from './byte-reader.js';
/** @internal */
export { Input, NOTHING } from './input.js';
/** @internal */
export { checkLatin1 } from './latin1.js';
/** @internal */
export { isBytes, isError, nameOf, tagOf } from './kind.js';
