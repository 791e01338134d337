import { HTTPMessage, type HeaderValue } from '@http-client/headers';
import { decodeLatin1, encodeLatin1 } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { encodeChunk, encodeChunked, encodeLastChunk } from './encode-chunked.js';
import { encodeBody } from './encode.js';

const blocksOf = async (body: AsyncIterable<Uint8Array>): Promise<string[]> => {
  const blocks: string[] = [];
  for await (const block of body) blocks.push(decodeLatin1(block));
  return blocks;
};
const bytes = (...blocks: string[]): Uint8Array[] => blocks.map((block) => encodeLatin1(block));

describe('encodeChunk', () => {
  test.each([
    [1, '1'],
    [9, '9'],
    [10, 'A'],
    [255, 'FF'],
    [256, '100'],
    [65_536, '10000'],
    [1_048_575, 'FFFFF'],
  ])('of %i bytes', (size, digits) => {
    const data = new Uint8Array(size).fill(0x61);
    const parts = encodeChunk(data);
    expect(parts.map((part) => part.length)).toEqual([digits.length + 2, size, 2]);
    expect(parts[1]).toBe(data);
    expect(decodeLatin1(parts[0]!)).toBe(`${digits}\r\n`);
    expect(decodeLatin1(parts[2]!)).toBe('\r\n');
  });

  test('of no bytes is nothing: it would end the body', () => {
    expect(encodeChunk(new Uint8Array(0))).toEqual([]);
  });
});

describe('encodeLastChunk', () => {
  test.each<[fields: [string, HeaderValue][] | undefined, text: string]>([
    [undefined, '0\r\n\r\n'],
    [[], '0\r\n\r\n'],
    [[['Digest', 'x=y']], '0\r\nDigest: x=y\r\n\r\n'],
    [
      [
        ['a', ''],
        ['A', '\xff'],
        ['x-count', 5],
      ],
      '0\r\na: \r\nA: \xff\r\nx-count: 5\r\n\r\n',
    ],
  ])('with %j', (fields, text) => {
    expect(decodeLatin1(encodeLastChunk(fields && new HTTPMessage(fields)))).toBe(text);
  });

  test.each([
    'Content-Length',
    'content-length',
    'Transfer-Encoding',
    'Trailer',
    'TE',
    'Connection',
    'Keep-Alive',
    'Proxy-Connection',
    'Upgrade',
    'Host',
    'HOST',
    'Max-Forwards',
    'Expect',
    'Cache-Control',
    'Pragma',
    'Range',
    'If-Match',
    'If-None-Match',
    'If-Modified-Since',
    'If-Unmodified-Since',
    'If-Range',
    'Authorization',
    'Proxy-Authorization',
    'WWW-Authenticate',
    'Proxy-Authenticate',
    'Cookie',
    'Set-Cookie',
    'Content-Type',
    'Content-Encoding',
    'Content-Range',
  ])('refuses %s, which must be known before the body', (name) => {
    const trailers = new HTTPMessage([
      ['Digest', 'x'],
      [name, '5'],
    ]);
    expect(() => encodeLastChunk(trailers)).toThrow(TypeError);
    expect(() => encodeLastChunk(trailers)).toThrow(`Cannot send "${name}" as a trailer`);
  });

  test.each([
    ['X', 'a\r\nInjected: b'],
    ['X', 'a\nb'],
    ['X', 'a\0'],
    ['X\r\nInjected', 'a'],
    ['', 'a'],
    ['X ', 'a'],
  ])('refuses what could forge a line, whatever its source: %j: %j', (name, value) => {
    // A message that was received leniently may contain such fields.
    const forged = Object.assign(new HTTPMessage(), { [Symbol.iterator]: () => [[name, value]].values() });
    expect(() => encodeLastChunk(forged)).toThrow(TypeError);
  });
});

describe('encodeChunked', () => {
  const later = async function* (blocks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for (const block of blocks) {
      await Promise.resolve();
      yield block;
    }
  };

  test.each([
    [[], ['0\r\n\r\n']],
    [['hello'], ['5\r\nhello\r\n', '0\r\n\r\n']],
    [
      ['', 'a', '', '', '0123456789', ''],
      ['1\r\na\r\n', 'A\r\n0123456789\r\n', '0\r\n\r\n'],
    ],
  ])('of %j', async (blocks, chunks) => {
    expect(await blocksOf(encodeChunked(bytes(...blocks)))).toEqual(chunks);
    expect(await blocksOf(encodeChunked(later(bytes(...blocks))))).toEqual(chunks);
    expect(await blocksOf(encodeChunked(encodeBody(blocks)))).toEqual(chunks);
  });

  test('small chunks are one block, large ones three without a copy', async () => {
    const data = new Uint8Array(16_385).fill(0x61);
    const blocks: Uint8Array[] = [];
    for await (const block of encodeChunked([data.subarray(1), data])) blocks.push(block);
    expect(blocks.map((block) => block.length)).toEqual([6 + 16_384 + 2, 6, 16_385, 2, 5]);
    expect(blocks[2]).toBe(data);
    expect(decodeLatin1(blocks[0]!).startsWith('4000\r\na')).toBe(true);
    expect(decodeLatin1(blocks[1]!)).toBe('4001\r\n');
  });

  test('every chunk is complete before the next block is requested', async () => {
    const written: string[] = [];
    const asked: string[] = [];
    const source = function* (): Generator<Uint8Array> {
      for (const block of bytes('a', 'b')) {
        asked.push(written.join(''));
        yield block;
      }
      asked.push(written.join(''));
    };
    for await (const block of encodeChunked(source())) written.push(decodeLatin1(block));
    expect(asked).toEqual(['', '1\r\na\r\n', '1\r\na\r\n1\r\nb\r\n']);

    // Also in three blocks.
    let taken = 0;
    const before: number[] = [];
    const large = function* (): Generator<Uint8Array> {
      for (let block = 0; block < 2; block++) {
        before.push(taken);
        yield new Uint8Array(20_000);
      }
      before.push(taken);
    };
    const iterator = encodeChunked(large())[Symbol.asyncIterator]();
    for (let result = await iterator.next(); result.done !== true; result = await iterator.next()) taken++;
    expect(before).toEqual([0, 3, 6]);
  });

  test('trailers are requested once, when the body has ended', async () => {
    let sent = 0;
    const source = function* (): Generator<Uint8Array> {
      for (const block of bytes('a', 'bc')) {
        sent += block.length;
        yield block;
      }
    };
    const asked: number[] = [];
    const body = encodeChunked(source(), () => {
      asked.push(sent);
      return new HTTPMessage([['X-Sent', sent]]);
    });
    expect((await blocksOf(body)).at(-1)).toBe('0\r\nX-Sent: 3\r\n\r\n');
    expect(await blocksOf(body)).toEqual([]);
    expect(asked).toEqual([3]);
    expect((await blocksOf(encodeChunked([], () => undefined))).join('')).toBe('0\r\n\r\n');
  });

  test('trailers that cannot be sent or determined end it with their error and no last chunk', async () => {
    const failure = new Error('of the trailers');
    const failing: [() => HTTPMessage, unknown][] = [
      [() => new HTTPMessage([['Host', 'x']]), expect.any(TypeError)],
      [
        () => {
          throw failure;
        },
        failure,
      ],
    ];
    for (const [trailers, expected] of failing) {
      const iterator = encodeChunked(bytes('a'), trailers)[Symbol.asyncIterator]();
      expect(decodeLatin1((await iterator.next()).value as Uint8Array)).toBe('1\r\na\r\n');
      await expect(iterator.next()).rejects.toEqual(expected);
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
    }
  });

  test('an error of the body is passed on without a last chunk, which would make it look complete', async () => {
    const failure = new Error('of the source');
    const source = function* (): Generator<Uint8Array> {
      yield* bytes('a');
      throw failure;
    };
    let asked = 0;
    const iterator = encodeChunked(source(), () => {
      asked++;
      return undefined;
    })[Symbol.asyncIterator]();
    await iterator.next();
    await expect(iterator.next()).rejects.toBe(failure);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(asked).toBe(0);
  });

  test('a block that is not bytes is refused with its index', async () => {
    const wrong = [encodeLatin1('a'), 5] as unknown as Uint8Array[];
    await expect(blocksOf(encodeChunked(wrong))).rejects.toThrow(/block 1 of the body: a number/);
  });

  describe('abandoned early', () => {
    test.each(['sync', 'async'])('closes its %s source, even within a chunk', async (kind) => {
      for (const taken of [1, 2, 3, 4]) {
        let closed = 0;
        const sync = function* (): Generator<Uint8Array> {
          try {
            yield new Uint8Array(20_000);
            yield new Uint8Array(20_000);
          } finally {
            closed++;
          }
        };
        const iterator = encodeChunked(kind === 'sync' ? sync() : later(sync()))[Symbol.asyncIterator]();
        for (let at = 0; at < taken; at++) await iterator.next();
        expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
        expect(closed).toBe(1);
        expect(await iterator.next()).toEqual({ done: true, value: undefined });
      }
    });

    test('ends an iterator that has no return()', async () => {
      const endless = {
        [Symbol.iterator]: () => ({ next: () => ({ done: false as const, value: new Uint8Array(1) }) }),
      };
      const iterator = encodeChunked(endless)[Symbol.asyncIterator]();
      await iterator.next();
      for (const end of [() => iterator.return?.(), () => iterator.next()])
        expect(await end()).toEqual({ done: true, value: undefined });
    });

    test('cancels its stream, before the first block and while one is pending', async () => {
      for (const started of [false, true]) {
        const cancelled: unknown[] = [];
        const stream = new ReadableStream<Uint8Array>({
          pull: () => new Promise(() => {}),
          cancel: (reason) => {
            cancelled.push(reason);
          },
        });
        const body = encodeChunked(encodeBody(stream) as AsyncIterable<Uint8Array>, () => {
          throw new Error('must not be asked');
        });
        const iterator = body[Symbol.asyncIterator]();
        const pending = started ? iterator.next() : undefined;
        await iterator.return?.();
        expect(cancelled).toEqual([undefined]);
        if (pending !== undefined) expect(await pending).toEqual({ done: true, value: undefined });
      }
    });
  });
});
