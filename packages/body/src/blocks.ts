import { encodeLatin1, nameOf } from '@http-client/io';

import { viewBytes } from './request-body.js';

/** A block, of whatever type, or that there is none left. */
export interface BlockResult {
  done?: boolean | undefined;
  value?: unknown;
}

export const END: BlockResult = { done: true };

/** Where the blocks of a body come from. */
export interface BlockSource {
  next(): PromiseLike<BlockResult> | BlockResult;
  /** Ends it early; `between` says that it has been asked before and has answered: no `next` is pending. */
  close?(between: boolean): unknown;
  /** After the end or a failure, and after `close`. */
  release?(): void;
}

/**
 * The blocks of a source as bytes, the empty ones left out: one of those would end a chunked body.
 *
 * Not an async generator: that would keep `return()` waiting for a block that is pending, perhaps for ever, and would
 * not pass it on at all before the first block. An upload that has failed must tell its source at once.
 */
export class Blocks implements AsyncIterableIterator<Uint8Array> {
  readonly #open: () => BlockSource;
  #source: BlockSource | undefined;
  #index = 0;
  #pending = false;
  #ended = false;

  /** @param open is called when the first block is asked for, or when the body is given up before that. */
  constructor(open: () => BlockSource) {
    this.#open = open;
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
        // Of a source that was given up, perhaps destroyed, while this block was pending, nobody wants to hear.
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
        // As the language does where a loop ends with an error: that error counts, not one of closing.
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

  /** Behind its last block or its error a source needs no closing. */
  #finish(source: BlockSource): void {
    this.#ended = true;
    source.release?.();
  }

  /** As a call: it may have been given up while a block was pending. */
  #isEnded(): boolean {
    return this.#ended;
  }
}

/**
 * One block of a body as bytes.
 *
 * @throws TypeError that says which block it is, and what is wrong with it.
 */
export function blockBytes(block: unknown, index: number): Uint8Array {
  if (typeof block === 'string') return encodeLatin1(block, `body block ${index}`);
  if (ArrayBuffer.isView(block)) return viewBytes(block);
  throw new TypeError(`Cannot send block ${index} of the body: ${nameOf(block)} is neither text nor bytes`);
}
