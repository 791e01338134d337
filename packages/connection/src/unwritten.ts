/**
 * An array that holds whatever its memory held before: for bytes that are all written before anybody is given them.
 * To zero it would cost a third as much as to fill it.
 */
export function unwritten(length: number): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
}

/**
 * The first `length` bytes of a block, as an array that pins no more than twice its size, and nothing that is not its
 * own: the rest of a block that was not `zeroed` may hold anything.
 */
export function trimmed(block: Uint8Array, length: number, zeroed = true): Uint8Array {
  // Of nothing there may be one array for all.
  if (length === 0) return new Uint8Array(0);
  if (length === block.length) return block;
  return zeroed && length * 2 >= block.length ? block.subarray(0, length) : block.slice(0, length);
}
