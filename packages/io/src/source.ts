import { readFrom } from './any-transport.js';
import { nameOf } from './kind.js';
import type { Transport } from './transport.js';

/** The part of the web's `ReadableStream` that a reader needs; Node and every browser have it. */
export interface ReadableStreamLike<T> {
  /** Locks the stream to a reader, whose `read` returns block after block, and then `done`. */
  getReader(): { read(): Promise<{ done: boolean; value?: T | undefined }> };
}

/** Everything that a {@link ByteReader} can read from. */
export type ByteSource =
  | Uint8Array
  | Iterable<Uint8Array>
  | AsyncIterable<Uint8Array>
  | ReadableStreamLike<Uint8Array>
  | Pick<Transport, 'read'>;

/** A source in the form that the reader works with. */
export interface Blocks {
  /** What the source returns next, not validated; `null` at its end. */
  next(): unknown;
  /** Whether the blocks are given away. If not, their owner may still use them, and they are copied. */
  readonly given: boolean;
}

/**
 * Opens a source by the first of these that it has: an asynchronous iterator (so a Node `Readable`, whose `read` means
 * something else, is iterated), a `getReader`, an iterator, a `read`.
 */
export function openSource(source: ByteSource): Blocks {
  if (offers(source, Symbol.asyncIterator)) {
    const iterator = (source as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    return { given: true, next: async () => blockOf(await iterator.next()) };
  }
  if (offers(source, 'getReader')) {
    const reader = (source as ReadableStreamLike<unknown>).getReader();
    return { given: true, next: async () => blockOf(await reader.read()) };
  }
  if (offers(source, Symbol.iterator)) {
    const iterator = (source as Iterable<unknown>)[Symbol.iterator]();
    return { given: false, next: () => blockOf(iterator.next()) };
  }
  if (offers(source, 'read')) {
    return { given: true, next: () => readFrom(source as Pick<Transport, 'read'>) };
  }
  throw new TypeError(
    `Cannot read from ${nameOf(source)}: expected a Uint8Array, an iterable of them, ` +
      'a ReadableStream or an object with a read method',
  );
}

/** Strings and typed arrays are iterable too, but do not yield blocks of bytes. */
function offers(source: unknown, method: PropertyKey): boolean {
  if (typeof source !== 'object' || source === null || ArrayBuffer.isView(source)) return false;
  return typeof (source as Record<PropertyKey, unknown>)[method] === 'function';
}

function blockOf(result: { done?: boolean | undefined; value?: unknown }): unknown {
  if (result.done === true) return null;
  const { value } = result;
  // Only a transport ends with null: here, it would end the stream early.
  if (value === null) throw wrongBlock(value);
  return value;
}

/** The error for a block that is not bytes. */
export function wrongBlock(block: unknown): TypeError {
  return new TypeError(`Cannot read from the source: it gave ${nameOf(block)} instead of a Uint8Array`);
}
