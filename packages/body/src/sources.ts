import { blockBytes, END, type BlockSource } from './blocks.js';
import { markRead } from './read-once.js';
import type { FileHandleLike, BodyStream } from './request-body.js';

/** How many bytes are requested from a FileHandle at a time: as many as by Node's own file streams. */
const FILE_BLOCK = 65536;

/**
 * The non-empty blocks of an iterable as bytes. Not a generator, whose `return()` would not reach the iterator before
 * the first block: the source of an abandoned body must be notified even then.
 */
export function iterateBlocks(body: Iterable<unknown>): IterableIterator<Uint8Array> {
  let index = 0;
  let iterator: Iterator<unknown, unknown> | undefined;
  /** Whether the source has ended or thrown: then it is not closed, although some engines call `return()` even so. */
  let over = false;
  const blocks: IterableIterator<Uint8Array> = {
    [Symbol.iterator]: () => blocks,
    next() {
      while (!over) {
        over = true;
        iterator ??= markRead(body)[Symbol.iterator]();
        const result = iterator.next();
        if (result.done === true) break;
        const bytes = bytesOrClose(iterator, result.value, index++);
        over = false;
        if (bytes.length > 0) return { done: false, value: bytes };
      }
      return { done: true, value: undefined };
    },
    return() {
      if (!over) {
        over = true;
        iterator ??= markRead(body)[Symbol.iterator]();
        iterator.return?.();
      }
      return { done: true, value: undefined };
    },
  };
  return blocks;
}

/** As in a `for` loop that ends with an error: that error is thrown, not one from closing the iterator. */
function bytesOrClose(iterator: Iterator<unknown, unknown>, block: unknown, index: number): Uint8Array {
  try {
    return blockBytes(block, index);
  } catch (error) {
    try {
      iterator.return?.();
    } catch {
      // The first error says what is wrong.
    }
    throw error;
  }
}

/** An async iterable, such as a Node `Readable` or an async generator. */
export function openAsyncIterable(body: AsyncIterable<unknown>): BlockSource {
  const iterator = body[Symbol.asyncIterator]();
  return {
    next: () => iterator.next(),
    close(between) {
      // The iterator of a Node stream is a generator: its return() waits for the pending block, which may never arrive,
      // and does nothing before the first. Otherwise it would destroy the stream, so that is done here at once. Between
      // blocks it is called: a caller's own generator may have more to clean up than its `destroy` does.
      const { destroy } = body as { destroy?: () => unknown };
      return !between && typeof destroy === 'function' ? destroy.call(body) : iterator.return?.();
    },
  };
}

/** Any other iterable, where an async one is needed. */
export function openIterable(body: Iterable<unknown>): BlockSource {
  const iterator = body[Symbol.iterator]();
  return {
    next: () => iterator.next(),
    close: () => iterator.return?.(),
  };
}

/** A web stream, through its reader: the stream's own iterator is newer, and some browsers have none. */
export function openStream(stream: BodyStream<unknown>): BlockSource {
  const reader = stream.getReader();
  return {
    next: () => reader.read(),
    close: () => reader.cancel(),
    release() {
      reader.releaseLock();
    },
  };
}

/** A Node `FileHandle`, from its current position. It is not closed: its owner may want to continue. */
export function openFileHandle(file: FileHandleLike): BlockSource {
  return {
    async next() {
      // A new array each time, since the recipient may keep the block.
      const block = new Uint8Array(FILE_BLOCK);
      const { bytesRead } = await file.read(block, 0, FILE_BLOCK, null);
      return bytesRead === 0 ? END : { value: block.subarray(0, bytesRead) };
    },
  };
}

/** A file object, from which `size` bytes are requested at a time until it returns nothing. */
export function openFileLike(file: { read(size: number): unknown }, size: number): BlockSource {
  return {
    async next() {
      const value = await file.read(size);
      if (value === null || value === undefined || value === '') return END;
      return ArrayBuffer.isView(value) && value.byteLength === 0 ? END : { value };
    },
  };
}
