import { decodeLatin1 } from '@http-client/io';
import { expect } from 'vitest';

import { encodeBody } from '../encode.js';
import type { RequestBody } from '../request-body.js';

/** A body that the types do not allow, as a caller without types might pass it. */
export const wrong = (body: unknown): RequestBody => body as RequestBody;

export const iteratorOf = (body: unknown): AsyncIterator<Uint8Array> =>
  (encodeBody(wrong(body)) as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();

export async function blocksOf(body: RequestBody, options?: { blockSize?: number }): Promise<string[]> {
  const blocks: string[] = [];
  for await (const block of encodeBody(body, options)) {
    expect(block).toBeInstanceOf(Uint8Array);
    blocks.push(decodeLatin1(block));
  }
  return blocks;
}

/** A web stream of these blocks that records how it is cancelled. */
export function stream(blocks: unknown[]): ReadableStream<Uint8Array | string> & { cancelled: unknown[] } {
  const cancelled: unknown[] = [];
  const readable = new ReadableStream<Uint8Array | string>(
    {
      pull(controller) {
        if (blocks.length === 0) controller.close();
        else controller.enqueue(blocks.shift() as string);
      },
      cancel: (reason) => void cancelled.push(reason),
    },
    { highWaterMark: 0 },
  );
  return Object.assign(readable, { cancelled });
}
