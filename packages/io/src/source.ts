import type { Transport } from './transport.js';

/** The part of the web's `ReadableStream` that a reader needs: Node's and every browser's has it. */
export interface ReadableStreamLike<T> {
  /** Locks the stream to a reader, whose `read` gives block after block, and then `done`. */
  getReader(): { read(): Promise<{ done: boolean; value?: T | undefined }> };
}

/** All that a {@link ByteReader} reads from. */
export type ByteSource =
  | Uint8Array
  | Iterable<Uint8Array>
  | AsyncIterable<Uint8Array>
  | ReadableStreamLike<Uint8Array>
  | Pick<Transport, 'read'>;

/** One source in the form that the reader works with. */
export interface Blocks {
  /** What the source gives next, unjudged: `null` at its end. */
  next(): unknown;
  /** Whether the blocks are given away: if not, the giver may still look at them, and they are copied. */
  readonly given: boolean;
}

/**
 * Takes the source by the first of these that it has: an asynchronous iterator (so a Node `Readable`, which has a
 * `read` of another meaning, is iterated), a `getReader`, an iterator, a `read`.
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
    const transport = source as { read(): unknown };
    return { given: true, next: () => transport.read() };
  }
  throw new TypeError(
    `Cannot read from ${nameOf(source)}: expected a Uint8Array, an iterable of them, ` +
      'a ReadableStream or an object with a read method',
  );
}

/** Strings and arrays of larger elements are iterables, but not of blocks of bytes. */
function offers(source: unknown, method: PropertyKey): boolean {
  if (typeof source !== 'object' || source === null || ArrayBuffer.isView(source)) return false;
  return typeof (source as Record<PropertyKey, unknown>)[method] === 'function';
}

function blockOf(result: { done?: boolean | undefined; value?: unknown }): unknown {
  return result.done === true ? null : result.value;
}

/**
 * Whether a value is a `Uint8Array`, of this realm or another: an array of a `vm` context, or of Jest's environments, is
 * not an instance of this realm's class.
 *
 * @internal
 */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && (value as Partial<Uint8Array>)[Symbol.toStringTag] === 'Uint8Array';
}

/**
 * What something is, for a message: `a string`, `undefined`, `a DataView`.
 *
 * @internal
 */
export function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  const { constructor } = value as { constructor?: unknown };
  const name = typeof constructor === 'function' ? constructor.name : '';
  return name === '' ? 'an object' : `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`;
}
