import { blockBytes, END, type BlockSource } from './blocks.js';
import { markRead } from './read-once.js';
import type { FileHandleLike, BodyStream } from './request-body.js';

/** What a FileHandle is asked for at a time: as much as Node's own file streams take. */
const FILE_BLOCK = 65536;

/**
 * The blocks of an iterable as bytes, the empty ones left out. No generator: `return()` would not reach an iterator
 * before its first block, and a body that is given up must tell its source even then.
 */
export function iterateBlocks(body: Iterable<unknown>): IterableIterator<Uint8Array> {
  let index = 0;
  let iterator: Iterator<unknown, unknown> | undefined;
  /** Behind its end, and whatever it threw, the source is left alone: some engines close it once more. */
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

/** As the language does where a loop ends with an error: that error counts, not one of closing. */
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

/** A Node `Readable`, an async generator. */
export function openAsyncIterable(body: AsyncIterable<unknown>): BlockSource {
  const iterator = body[Symbol.asyncIterator]();
  return {
    next: () => iterator.next(),
    close(between) {
      // The iterator of a Node stream is a generator: its return() waits for the pending block, which may never come,
      // and does nothing before the first. Else it would destroy the stream; that is done at once.
      const { destroy } = body as { destroy?: () => unknown };
      return !between && typeof destroy === 'function' ? destroy.call(body) : iterator.return?.();
    },
  };
}

/** Any other iterable, where an async one is wanted. */
export function openIterable(body: Iterable<unknown>): BlockSource {
  const iterator = body[Symbol.iterator]();
  return {
    next: () => iterator.next(),
    close: () => iterator.return?.(),
  };
}

/** A web stream through its reader: the stream's own iterator is younger, and some browsers have none. */
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

/** A Node `FileHandle` from its current position. It is not closed: who opened it may want to go on. */
export function openFileHandle(file: FileHandleLike): BlockSource {
  return {
    async next() {
      // Fresh each time: whoever takes the block may keep it.
      const block = new Uint8Array(FILE_BLOCK);
      const { bytesRead } = await file.read(block, 0, FILE_BLOCK, null);
      return bytesRead === 0 ? END : { value: block.subarray(0, bytesRead) };
    },
  };
}

/** A file object, asked for `size` bytes at a time until it gives nothing. */
export function openFileLike(file: { read(size: number): unknown }, size: number): BlockSource {
  return {
    async next() {
      const value = await file.read(size);
      if (value === null || value === undefined || value === '') return END;
      return ArrayBuffer.isView(value) && value.byteLength === 0 ? END : { value };
    },
  };
}
