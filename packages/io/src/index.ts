export {
  checkTransport,
  closeTransport,
  joined,
  readFrom,
  transportError,
  writeTo,
} from './any-transport.js';
export { ByteReader } from './byte-reader.js';
export { Input, NOTHING } from './input.js';
export { checkLatin1, decodeLatin1, encodeLatin1 } from './latin1.js';
export { ownBytes } from './own-bytes.js';
export { isBytes, nameOf } from './source.js';
export type { ByteSource, ReadableStreamLike } from './source.js';
export type { AbortSignalLike, ConnectTarget, Connector, Transport } from './transport.js';
