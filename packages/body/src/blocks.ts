import { encodeLatin1, nameOf } from '@http-client/io';

import { viewBytes } from './request-body.js';

/** A block of any type, or the information that there are no more. */
interface BlockResult {
  done?: boolean | undefined;
  value?: unknown;
}

export const END: BlockResult = { done: true };

/** Where the blocks of a body come from. */
export interface BlockSource {
  next(): PromiseLike<BlockResult> | BlockResult;
  /** Ends it early; `between` tells that a block has been requested before, and no `next` is pending. */
  close?(between: boolean): unknown;
  /** Called after the end or a failure, and after `close`. */
  release?(): void;
}

/**
 * The non-empty blocks of a source as bytes: an empty one would end a chunked body.
 *
 * Not an async generator, whose `return()` would wait for a pending block, perhaps forever, and would not be passed on
 * at all before the first block. The source of a failed upload must be notified at once.
 */
export class Blocks implements AsyncIterableIterator<Uint8Array> {
  readonly #open: () => BlockSource;
  /** Lets go of a source that is held until it is opened; to be called if it never will be. */
  readonly letGo: (() => void) | undefined;
  #source: BlockSource | undefined;
  #index = 0;
  #pending = false;
  #ended = false;

  /** @param open is called when the first block is requested, or when the body is abandoned before that. */
  constructor(open: () => BlockSource, letGo?: () => void) {
    this.#open = () => {
      letGo?.();
      return open();
    };
    this.letGo = letGo;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    while (!this.#ended) {
      const source = (this.#source ??= this.#open());
      let result: BlockResult;
      this.#pending = true;
      try {
        result = await source.next();
      } catch (error) {
        // An error of a source that was abandoned, perhaps destroyed, while this block was pending is of no interest.
        if (this.#isEnded()) break;
        this.#finish(source);
        throw error;
      } finally {
        this.#pending = false;
      }
      if (this.#isEnded()) break;
      if (result.done === true) {
        this.#finish(source);
        break;
      }
      let bytes: Uint8Array;
      try {
        bytes = blockBytes(result.value, this.#index++);
      } catch (error) {
        // As in a `for` loop that ends with an error: that error is thrown, not one from closing the iterator.
        await this.return().catch(() => undefined);
        throw error;
      }
      if (bytes.length > 0) return { done: false, value: bytes };
    }
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (!this.#ended) {
      this.#ended = true;
      const between = this.#source !== undefined && !this.#pending;
      const source = (this.#source ??= this.#open());
      try {
        await source.close?.(between);
      } finally {
        source.release?.();
      }
    }
    return { done: true, value: undefined };
  }

  /** After its last block or an error, a source need not be closed. */
  #finish(source: BlockSource): void {
    this.#ended = true;
    source.release?.();
  }

  /** A method, since the compiler would assume the field unchanged: it may be abandoned while a block is pending. */
  #isEnded(): boolean {
    return this.#ended;
  }
}

/**
 * One block of a body as bytes.
 *
 * @throws TypeError that names the block, and what is wrong with it.
 */
export function blockBytes(block: unknown, index: number): Uint8Array {
  if (typeof block === 'string') return encodeLatin1(block, `body block ${index}`);
  if (ArrayBuffer.isView(block)) return viewBytes(block);
  throw new TypeError(`Cannot send block ${index} of the body: ${nameOf(block)} is neither text nor bytes`);
}
