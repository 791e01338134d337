import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { runInNewContext } from 'node:vm';

import { decodeLatin1, encodeLatin1 } from '@http-client/io';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { contentLength, encodeBody } from './encode.js';
import type { RequestBody } from './request-body.js';

/** A body that no type allows, as a caller without types might give it. */
const wrong = (body: unknown): RequestBody => body as RequestBody;

async function blocksOf(body: RequestBody, options?: { blockSize?: number }): Promise<string[]> {
  const blocks: string[] = [];
  for await (const block of encodeBody(body, options)) {
    expect(block).toBeInstanceOf(Uint8Array);
    blocks.push(decodeLatin1(block));
  }
  return blocks;
}

/** A web stream of these blocks that notes how it is cancelled. */
function stream(blocks: unknown[]): ReadableStream<Uint8Array | string> & { cancelled: unknown[] } {
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

const text = new TextEncoder();
const numbers = new Float64Array([1.5, -2]);
const numberBytes = decodeLatin1(new Uint8Array(numbers.buffer));
const shared = new Uint8Array(new SharedArrayBuffer(4)).fill(0x61);

describe('bodies in memory', () => {
  const within = encodeLatin1('--hello--');
  test.each<[name: string, body: RequestBody, bytes: string]>([
    ['a string', 'hello', 'hello'],
    ['a string beyond ASCII', 'h\xe9llo\xff\0', 'h\xe9llo\xff\0'],
    ['an empty string', '', ''],
    ['a Uint8Array', encodeLatin1('hello'), 'hello'],
    ['a part of one', within.subarray(2, 7), 'hello'],
    ['a Buffer', Buffer.from('hello'), 'hello'],
    ['a DataView', new DataView(within.buffer, 2, 5), 'hello'],
    ['a Float64Array', numbers, numberBytes],
    ['a Uint16Array', new Uint16Array(new Uint8Array([1, 2, 3, 4]).buffer, 2), '\x03\x04'],
    ['an empty view', new Uint8Array(0), ''],
    ['an ArrayBuffer', encodeLatin1('hello').buffer, 'hello'],
    [
      'an ArrayBuffer of another realm',
      runInNewContext('new Uint8Array([104, 105]).buffer') as ArrayBuffer,
      'hi',
    ],
    ['a view of another realm', runInNewContext('new Uint16Array([0x6968])') as Uint16Array, 'hi'],
    ['a SharedArrayBuffer', shared.buffer, 'aaaa'],
    ['a view of a SharedArrayBuffer', shared.subarray(1), 'aaa'],
    ['URLSearchParams', new URLSearchParams({ q: 'a b', ü: '1&2' }), 'q=a+b&%C3%BC=1%262'],
    ['empty URLSearchParams', new URLSearchParams(), ''],
  ])('%s is one block, none where empty', async (_, body, bytes) => {
    const blocks = encodeBody(body);
    expect(Symbol.iterator in blocks).toBe(true);
    expect(await blocksOf(body)).toEqual(bytes === '' ? [] : [bytes]);
    expect(contentLength(body, 'GET')).toBe(bytes.length);
  });

  test('bytes are not copied', () => {
    const bytes = encodeLatin1('hello');
    expect([...(encodeBody(bytes) as Iterable<Uint8Array>)][0]).toBe(bytes);
    const [block] = encodeBody(new DataView(bytes.buffer)) as Iterable<Uint8Array>;
    expect(block!.buffer).toBe(bytes.buffer);
  });

  test('text beyond U+00FF is refused at once, and the message says how to send UTF-8', () => {
    expect(() => encodeBody('1 €')).toThrow(TypeError);
    expect(() => encodeBody('1 €')).toThrow(/body.*U\+20AC.*index 2.*TextEncoder/);
    expect(contentLength('1 €', 'GET')).toBe(3);
  });

  test('a Blob is read as a stream, though its size is known', async () => {
    const blob = new Blob(['hel', text.encode('lo')]);
    expect(contentLength(blob, 'PUT')).toBe(5);
    expect((await blocksOf(blob)).join('')).toBe('hello');
    expect(await blocksOf(new Blob([]))).toEqual([]);
    expect(contentLength(new Blob([]), 'PUT')).toBe(0);
  });
});

describe('contentLength', () => {
  test.each([
    ['POST', 0],
    ['PUT', 0],
    ['PATCH', 0],
    // The reference compares in capitals.
    ['post', 0],
    ['Patch', 0],
    ['GET', undefined],
    ['HEAD', undefined],
    ['DELETE', undefined],
    ['OPTIONS', undefined],
    ['POSTER', undefined],
    ['', undefined],
  ])('of no body with %s', (method, length) => {
    expect(contentLength(undefined, method)).toBe(length);
    expect(contentLength(null, method)).toBe(length);
  });

  test.each<[string, unknown]>([
    ['an array', ['hello']],
    ['a generator', (function* () {})()],
    ['a web stream', stream([])],
    ['a Readable', Readable.from([])],
    ['a file object', { read: () => null }],
    // Even where there is a size: it may be another one when it is read.
    ['a file handle', { fd: 3, read: () => Promise.resolve({ bytesRead: 0 }), size: 5 }],
    ['a Set', new Set()],
    ['what is no body', {}],
    ['a number', 5],
  ])('of %s is not known', (_, body) => {
    expect(contentLength(wrong(body), 'POST')).toBeUndefined();
  });
});

describe('bodies that are read', () => {
  let directory: string;
  let path: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'body-'));
    path = join(directory, 'file');
    await writeFile(path, 'x'.repeat(65_536) + 'y'.repeat(70_000));
  });
  afterAll(() => rm(directory, { recursive: true }));

  const mixed = [
    'a',
    '',
    encodeLatin1('bc'),
    new Uint8Array(0),
    new DataView(encodeLatin1('xdex').buffer, 1, 2),
    '\xff',
  ];
  const read = ['a', 'bc', 'de', '\xff'];
  test.each<[string, () => unknown]>([
    ['an array', () => mixed],
    ['a Set', () => new Set(mixed)],
    [
      'a generator',
      function* () {
        yield* mixed;
      },
    ],
    [
      'an async generator',
      async function* () {
        await Promise.resolve();
        yield* mixed;
      },
    ],
    ['a web stream', () => stream([...mixed])],
    [
      'an async iterable',
      () => ({ [Symbol.asyncIterator]: () => mixed.map((block) => Promise.resolve(block)).values() }),
    ],
  ])('%s, as text and views in any mixture; what is empty is left out', async (_, make) => {
    const body = make();
    if (_ === 'an async iterable') {
      // Its iterator gives promises, so the values are no blocks.
      await expect(blocksOf(wrong(body))).rejects.toThrow(/block 0 of the body: a Promise is neither/);
      return;
    }
    expect(await blocksOf(wrong(body))).toEqual(read);
  });

  test('a Readable', async () => {
    expect((await blocksOf(Readable.from(['a', Buffer.from('bc')]))).join('')).toBe('abc');
    // One that has been given an encoding gives text.
    expect((await blocksOf(Readable.from([Buffer.from('abc')]).setEncoding('latin1'))).join('')).toBe('abc');
    expect((await blocksOf(createReadStream(path, { start: 65_535, end: 65_537 }))).join('')).toBe('xyy');
  });

  test('a FileHandle, from where it stands, in blocks of 64 KiB, and it is not closed', async () => {
    const file = await open(path);
    await file.read(new Uint8Array(1), 0, 1, null);
    const blocks = await blocksOf(file, { blockSize: 10 });
    expect(blocks.map((block) => block.length)).toEqual([65_536, 65_536, 4463]);
    expect(blocks.join('')).toBe('x'.repeat(65_535) + 'y'.repeat(70_000));
    expect(await blocksOf(file)).toEqual([]);
    await file.close();
    await expect(blocksOf(file)).rejects.toMatchObject({ code: 'EBADF' });
  });

  test('a FileHandle’s blocks are the consumer’s to keep', async () => {
    const file = await open(path);
    const kept: Uint8Array[] = [];
    for await (const block of encodeBody(file)) kept.push(block);
    expect(decodeLatin1(kept[0]!)).toBe('x'.repeat(65_536));
    await file.close();
  });

  test.each([undefined, 1, 3, 8192])('a file object, asked for %s bytes at a time', async (blockSize) => {
    const asked: number[] = [];
    const results = ['abc', encodeLatin1('de'), Promise.resolve('f'), Promise.resolve(null), 'never'];
    const file = {
      results,
      read(size: number) {
        asked.push(size);
        return this.results.shift()!;
      },
    };
    expect(await blocksOf(file, blockSize === undefined ? {} : { blockSize })).toEqual(['abc', 'de', 'f']);
    expect(asked).toEqual(Array.from({ length: 4 }, () => blockSize ?? 8192));
  });

  test.each([[null], [undefined], [''], [new Uint8Array(0)]])('a file object ends with %j', async (end) => {
    const results = ['a', end, 'b'];
    expect(await blocksOf({ read: () => results.shift() })).toEqual(['a']);
  });

  test.each([0, -1, 1.5, NaN, Infinity, 2 ** 53])('a block size of %d is refused', (blockSize) => {
    expect(() => encodeBody('x', { blockSize })).toThrow(RangeError);
  });
});

describe('what has several forms', () => {
  const asyncIterator = async function* (): AsyncGenerator<string> {
    await Promise.resolve();
    yield 'async iterator';
  };
  const iterator = function* (): Generator<string> {
    yield 'iterator';
  };
  const read = (): (() => string | null) => {
    const results = ['read'];
    return () => results.shift() ?? null;
  };
  const handle = (): ((buffer: Uint8Array) => Promise<{ bytesRead: number }>) => {
    const results = ['file handle'];
    return (buffer) => {
      const block = results.shift() ?? '';
      buffer.set(encodeLatin1(block));
      return Promise.resolve({ bytesRead: block.length });
    };
  };
  const getReader = (): unknown => stream(['stream']).getReader();
  test.each<[string, object]>([
    // Read by its own methods, a Node stream would lose what it has not buffered yet.
    [
      'async iterator',
      { read: read(), [Symbol.asyncIterator]: asyncIterator, [Symbol.iterator]: iterator, fd: 3 },
    ],
    ['stream', { getReader, [Symbol.asyncIterator]: asyncIterator, read: read() }],
    ['file handle', { fd: 3, read: handle(), [Symbol.iterator]: iterator }],
    ['iterator', { read: read(), [Symbol.iterator]: iterator }],
    ['read', { read: read(), fd: 'three' }],
    ['read', { read: read(), size: 5 }],
    ['iterator', { [Symbol.iterator]: iterator, stream: () => stream(['stream']) }],
    ['stream', { size: 5, stream: () => stream(['stream']), [Symbol.iterator]: iterator }],
    ['a=b', Object.assign(new URLSearchParams('a=b'), { read: read() })],
    ['bytes', Object.assign(encodeLatin1('bytes'), { read: read() })],
  ])('is taken by its %s', async (form, body) => {
    expect(await blocksOf(wrong(body))).toEqual([form]);
  });
});

describe('what cannot be sent', () => {
  test.each<[unknown, RegExp]>([
    [{}, /^Cannot send an Object as a body: .* read method$/],
    [Object.create(null), /^Cannot send an object/],
    [{ constructor: 5 }, /^Cannot send an object/],
    [
      { a: 'b' },
      /string, ArrayBuffer or view of one, Blob, URLSearchParams, ReadableStream, FileHandle, iterable/,
    ],
    [new Date(0), /^Cannot send a Date/],
    [5, /^Cannot send a number/],
    [true, /^Cannot send a boolean/],
    [10n, /^Cannot send a bigint/],
    [Symbol('x'), /^Cannot send a symbol/],
    [() => 'x', /^Cannot send a function/],
    [Object.assign(() => 'x', { read: () => null }), /^Cannot send a function/],
    [null, /^Cannot send null/],
    [undefined, /^Cannot send undefined/],
    [{ read: 'x', fd: 3 }, /^Cannot send an Object/],
  ])('%s is refused at the call', (body, message) => {
    expect(() => encodeBody(wrong(body))).toThrow(TypeError);
    expect(() => encodeBody(wrong(body))).toThrow(message);
  });

  test.each<[unknown, RegExp]>([
    [5, /^Cannot send block 1 of the body: a number is neither text nor bytes$/],
    [null, /^Cannot send block 1 of the body: null is/],
    [undefined, /^Cannot send block 1 of the body: undefined is/],
    [['a'], /^Cannot send block 1 of the body: an Array is/],
    [{}, /^Cannot send block 1 of the body: an Object is/],
    [new ArrayBuffer(1), /^Cannot send block 1 of the body: an ArrayBuffer is/],
    ['€', /^Cannot encode the body block 1 as ISO-8859-1: .*U\+20AC/],
  ])('%j inside of one is refused with its index, and the source is closed', async (block, message) => {
    let closed = 0;
    const make = [
      function* () {
        try {
          yield 'a';
          yield block;
        } finally {
          closed++;
        }
      },
      async function* () {
        await Promise.resolve();
        try {
          yield 'a';
          yield block;
        } finally {
          closed++;
        }
      },
    ];
    for (const source of make) {
      const failed = await blocksOf(wrong(source())).catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(TypeError);
      expect(String(failed)).toMatch(new RegExp(message.source.replace('^', '^TypeError: ')));
    }
    expect(closed).toBe(2);
    const web = stream(['a', block]);
    await expect(blocksOf(web)).rejects.toThrow(message);
    expect(web.cancelled).toEqual([undefined]);
    expect(web.locked).toBe(false);
  });

  test('the fault of a block is not covered by one of closing', async () => {
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: false, value: 5 }),
        return: () => Promise.reject(new Error('closing')),
      }),
    };
    await expect(blocksOf(wrong(source))).rejects.toThrow('a number is neither');
  });
});

describe('errors of the source come through as they are', () => {
  const failure = new Error('of the source');
  const fail = (): never => {
    throw failure;
  };
  test.each<[string, unknown]>([
    [
      'a generator',
      (function* () {
        yield 'a';
        fail();
      })(),
    ],
    [
      'an async generator',
      (async function* () {
        yield 'a';
        await Promise.reject(failure);
      })(),
    ],
    ['a file object', { read: () => Promise.reject(failure) }],
    ['a file object that throws', { read: fail }],
    ['a FileHandle', { fd: 3, read: () => Promise.reject(failure) }],
    ['a web stream', new ReadableStream({ pull: fail })],
    ['what gives no iterator', { [Symbol.asyncIterator]: fail }],
    ['a Readable', new Readable({ read: fail })],
  ])('%s', async (_, body) => {
    const blocks = encodeBody(wrong(body)) as AsyncIterable<Uint8Array>;
    const iterate = async (): Promise<void> => {
      for await (const block of blocks) expect(decodeLatin1(block)).toBe('a');
    };
    expect(await iterate().catch((error: unknown) => error)).toBe(failure);
  });

  test('a locked web stream is the platform’s error', async () => {
    const web = stream(['a']);
    web.getReader();
    await expect(blocksOf(web)).rejects.toThrow(TypeError);
  });

  test('after an error, as after the end, there is nothing more', async () => {
    const iterator = (encodeBody({ read: () => Promise.reject(failure) }) as AsyncIterable<Uint8Array>)[
      Symbol.asyncIterator
    ]();
    await expect(iterator.next()).rejects.toBe(failure);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
  });
});

describe('giving up early', () => {
  const iteratorOf = (body: unknown): AsyncIterator<Uint8Array> =>
    (encodeBody(wrong(body)) as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();

  test('closes an iterator', async () => {
    let closed = 0;
    const sync = function* (): Generator<string> {
      try {
        yield 'a';
        yield 'b';
      } finally {
        closed++;
      }
    };
    const later = async function* (): AsyncGenerator<string> {
      await Promise.resolve();
      yield* sync();
    };
    for (const body of [sync(), later()]) {
      for await (const block of encodeBody(body)) {
        expect(decodeLatin1(block)).toBe('a');
        break;
      }
    }
    expect(closed).toBe(2);
  });

  test('cancels a web stream and gives its lock back', async () => {
    const web = stream(['a', 'b']);
    for await (const block of encodeBody(web)) {
      expect(decodeLatin1(block)).toBe('a');
      break;
    }
    expect(web.cancelled).toEqual([undefined]);
    expect(web.locked).toBe(false);
  });

  test('gives the lock of a web stream back at its end too, and at its error', async () => {
    const whole = stream(['a']);
    await blocksOf(whole);
    expect(whole.locked).toBe(false);
    const broken = new ReadableStream({ pull: () => Promise.reject(new Error('x')) });
    await expect(blocksOf(broken)).rejects.toThrow('x');
    expect(broken.locked).toBe(false);
  });

  test('cancels a web stream before its first block', async () => {
    const web = stream(['a']);
    const iterator = iteratorOf(web);
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(web.cancelled).toEqual([undefined]);
    expect(web.locked).toBe(false);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  test('cancels a web stream while a block is pending', async () => {
    const cancelled: unknown[] = [];
    const web = new ReadableStream({
      pull: () => new Promise(() => {}),
      cancel: (reason) => void cancelled.push(reason),
    });
    const iterator = iteratorOf(web);
    const pending = iterator.next();
    await iterator.return?.();
    expect(cancelled).toEqual([undefined]);
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(web.locked).toBe(false);
  });

  test('a web stream that cannot be cancelled gives its lock back all the same', async () => {
    const failure = new Error('of cancelling');
    const web = new ReadableStream({
      pull: (controller) => {
        controller.enqueue('a');
      },
      cancel: () => Promise.reject(failure),
    });
    const iterator = iteratorOf(web);
    await iterator.next();
    await expect(iterator.return?.()).rejects.toBe(failure);
    expect(web.locked).toBe(false);
  });

  test('destroys a Readable, also while a block is pending', async () => {
    const silent = new Readable({ read: () => undefined });
    const iterator = iteratorOf(silent);
    const pending = iterator.next();
    await iterator.return?.();
    expect(silent.destroyed).toBe(true);
    expect(await pending).toEqual({ done: true, value: undefined });

    const busy = new Readable({ read: () => undefined });
    busy.push('a');
    const second = iteratorOf(busy);
    await second.next();
    await second.return?.();
    expect(busy.destroyed).toBe(true);
  });

  test('leaves a FileHandle and a file object as they are', async () => {
    for (const body of [{ fd: 3, read: () => Promise.resolve({ bytesRead: 1 }) }, { read: () => 'a' }]) {
      for await (const block of encodeBody(wrong(body))) {
        expect(block).toHaveLength(1);
        break;
      }
      expect(Object.keys(body)).toContain('read');
    }
  });

  test('of an iterator that cannot be told', async () => {
    const endless = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: false, value: 'a' }) }),
    };
    const iterator = iteratorOf(endless);
    await iterator.next();
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  test('a block that comes after it is dropped', async () => {
    let give: (result: { done: boolean; value: string }) => void = () => undefined;
    const late = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<{ done: boolean; value: string }>((done) => (give = done)),
      }),
    };
    for (const done of [true, false]) {
      const iterator = iteratorOf(late);
      const pending = iterator.next();
      await iterator.return?.();
      give({ done, value: 'late' });
      expect(await pending).toEqual({ done: true, value: undefined });
    }
  });
});
