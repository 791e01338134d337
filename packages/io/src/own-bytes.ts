/**
 * Bytes in memory that is not shared: what `crypto.subtle`, `Blob`, `Response` and the web's streams take. It is
 * `Uint8Array<ArrayBuffer>`, written in a way that compilers before 5.7 understand, to which it is a `Uint8Array`.
 */
export type OwnBytes = ReturnType<Uint8Array['slice']>;

/**
 * The bytes from `start` up to `end` as an array that may be kept: a view if the underlying `ArrayBuffer` is at most
 * twice its size, otherwise a copy.
 *
 * A view shares its memory with `bytes`: only the owner of the whole buffer may hand one out.
 *
 * @throws RangeError if the range is not within `bytes`.
 */
export function ownBytes(bytes: Uint8Array, start = 0, end = bytes.length): OwnBytes {
  if (!(0 <= start && start <= end && end <= bytes.length)) {
    throw new RangeError(`Cannot take bytes ${start} to ${end}: there are ${bytes.length}`);
  }
  return 2 * (end - start) >= bytes.buffer.byteLength
    ? (new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start) as OwnBytes)
    : copyBytes(bytes, start, end);
}

/** A copy of the bytes from `start` up to `end`, at the beginning of a new array of `capacity` bytes. */
export function copyBytes(bytes: Uint8Array, start: number, end: number, capacity = end - start): OwnBytes {
  // The fastest way, but the `slice` of Node's `Buffer` returns a view.
  if (capacity === end - start && bytes.constructor === Uint8Array) return bytes.slice(start, end);
  const copy = new Uint8Array(capacity);
  copy.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end));
  return copy;
}
