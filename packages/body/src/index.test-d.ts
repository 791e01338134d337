import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';

import type { HTTPMessage } from '@http-client/headers';
import type { OwnBytes } from '@http-client/io';
import { describe, expectTypeOf, test } from 'vitest';

import { ChunkedDecoder, contentLength, encodeBody, encodeChunked, responseFraming } from './index.js';
import type { FileLike, RequestBody } from './index.js';

describe('RequestBody', () => {
  test('is any of these', () => {
    expectTypeOf<string>().toExtend<RequestBody>();
    expectTypeOf<Uint8Array>().toExtend<RequestBody>();
    expectTypeOf<Buffer>().toExtend<RequestBody>();
    expectTypeOf<DataView>().toExtend<RequestBody>();
    expectTypeOf<Float64Array>().toExtend<RequestBody>();
    expectTypeOf<ArrayBuffer>().toExtend<RequestBody>();
    expectTypeOf<Blob>().toExtend<RequestBody>();
    expectTypeOf<URLSearchParams>().toExtend<RequestBody>();
    expectTypeOf<ReadableStream<Uint8Array>>().toExtend<RequestBody>();
    expectTypeOf<ReadableStream<string>>().toExtend<RequestBody>();
    expectTypeOf<NonNullable<Response['body']>>().toExtend<RequestBody>();
    expectTypeOf<(Uint8Array | string)[]>().toExtend<RequestBody>();
    expectTypeOf<Generator<string>>().toExtend<RequestBody>();
    expectTypeOf<AsyncGenerator<Uint8Array>>().toExtend<RequestBody>();
    expectTypeOf<Readable>().toExtend<RequestBody>();
    expectTypeOf<FileHandle>().toExtend<RequestBody>();
    expectTypeOf<{ read(size: number): Promise<Buffer | null> }>().toExtend<FileLike>();
    expectTypeOf<FileLike>().toExtend<RequestBody>();
  });

  test('is none of these', () => {
    expectTypeOf<number>().not.toExtend<RequestBody>();
    expectTypeOf<number[]>().not.toExtend<RequestBody>();
    expectTypeOf<{ a: number }>().not.toExtend<RequestBody>();
    expectTypeOf<ReadableStream<object>>().not.toExtend<RequestBody>();
    expectTypeOf<Promise<string>>().not.toExtend<RequestBody>();
    expectTypeOf<FormData>().not.toExtend<RequestBody>();
    expectTypeOf<{ read(): number }>().not.toExtend<RequestBody>();
  });

  test('is measured and split into blocks', () => {
    expectTypeOf(contentLength).toEqualTypeOf<
      (body: RequestBody | null | undefined, method: string) => number | undefined
    >();
    expectTypeOf(encodeBody('a')).toEqualTypeOf<Iterable<Uint8Array> | AsyncIterable<Uint8Array>>();
    expectTypeOf(encodeChunked(encodeBody('a'))).toEqualTypeOf<AsyncIterable<Uint8Array>>();
    // @ts-expect-error it is blockSize
    encodeBody('a', { blocksize: 1 });
    encodeBody('a', { blockSize: undefined });
  });
});

test('ChunkedDecoder returns bytes and trailers, and accepts no unknown rule', () => {
  const decoder = new ChunkedDecoder({ tolerate: ['invalid-chunk-size'] });
  expectTypeOf(decoder.decode(new Uint8Array())).toEqualTypeOf<OwnBytes>();
  expectTypeOf(decoder.trailers).toEqualTypeOf<HTTPMessage | undefined>();
  expectTypeOf(decoder.done).toEqualTypeOf<boolean>();
  // @ts-expect-error there is no such rule
  new ChunkedDecoder({ tolerate: ['invalid-chunk'] });
});

test('only framing by length has a length', () => {
  const framing = responseFraming({} as Parameters<typeof responseFraming>[0]);
  expectTypeOf(framing.willClose).toEqualTypeOf<boolean>();
  if (framing.kind === 'length') expectTypeOf(framing.length).toEqualTypeOf<number>();
  else expectTypeOf(framing).not.toHaveProperty('length');
});
