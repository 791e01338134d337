import type { OwnBytes } from '@http-client/io';

/**
 * An uninitialised array, for bytes that are all written before anyone else receives it. Zeroing it would cost a third
 * as much as filling it.
 */
export function uninitialised(length: number): OwnBytes {
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
}

/**
 * The first `length` bytes of a block, as an array that keeps at most twice its size alive, and never exposes foreign
 * data: the rest of a block that was not `zeroed` may hold anything.
 */
export function trimmed(block: OwnBytes, length: number, zeroed = true): OwnBytes {
  // An empty block may be a shared constant, which is not for callers.
  if (length === 0) return new Uint8Array(0);
  if (length === block.length) return block;
  return zeroed && length * 2 >= block.length ? block.subarray(0, length) : block.slice(0, length);
}
