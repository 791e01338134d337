import { Readable } from 'node:stream';
import { runInNewContext } from 'node:vm';

import { decodeLatin1, encodeLatin1 } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { contentLength, encodeBody } from './encode.js';
import type { RequestBody } from './request-body.js';
import { blocksOf, stream, wrong } from './testdata/bodies.js';

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
  ])('%s is one block, none if empty', async (_, body, bytes) => {
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

  test('text above U+00FF is refused at once, and the message says how to send UTF-8', () => {
    expect(() => encodeBody('1 €')).toThrow(TypeError);
    expect(() => encodeBody('1 €')).toThrow(/body.*U\+20AC.*index 2.*TextEncoder/);
    expect(contentLength('1 €', 'GET')).toBe(3);
  });

  test('a Blob is read as a stream, although its size is known', async () => {
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
    // The reference compares in upper case.
    ['post', 0],
    ['Patch', 0],
    ['GET', undefined],
    ['HEAD', undefined],
    ['DELETE', undefined],
    ['OPTIONS', undefined],
    ['POSTER', undefined],
    ['PROPPATCH', undefined],
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
    // Even if there is a size: it may have changed when the file is read.
    ['a file handle', { fd: 3, read: () => Promise.resolve({ bytesRead: 0 }), size: 5 }],
    ['a Set', new Set()],
    ['what is not a body', {}],
    ['a number', 5],
  ])('of %s is unknown', (_, body) => {
    expect(contentLength(wrong(body), 'POST')).toBeUndefined();
  });
});

describe('a body with several forms', () => {
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
    // If it were read by its own methods, a Node stream would lose what it has not buffered yet.
    [
      'async iterator',
      { read: read(), [Symbol.asyncIterator]: asyncIterator, [Symbol.iterator]: iterator, fd: 3 },
    ],
    ['stream', { getReader, [Symbol.asyncIterator]: asyncIterator, read: read() }],
    ['file handle', { fd: 3, read: handle(), [Symbol.iterator]: iterator }],
    ['iterator', { read: read(), [Symbol.iterator]: iterator, get: () => null }],
    ['read', { read: read(), fd: 'three' }],
    ['read', { read: read(), size: 5 }],
    ['iterator', { [Symbol.iterator]: iterator, stream: () => stream(['stream']) }],
    ['stream', { size: 5, stream: () => stream(['stream']), [Symbol.iterator]: iterator }],
    ['a=b', Object.assign(new URLSearchParams('a=b'), { read: read() })],
    ['bytes', Object.assign(encodeLatin1('bytes'), { read: read() })],
  ])('is read by its %s', async (form, body) => {
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

  test.each([
    ['a Uint8Array', (buffer: ArrayBuffer) => new Uint8Array(buffer)],
    ['a DataView', (buffer: ArrayBuffer) => new DataView(buffer)],
    ['an ArrayBuffer', (buffer: ArrayBuffer) => buffer],
  ])('%s whose memory has been transferred is refused, as a body and as a block', async (_, make) => {
    const buffer = new ArrayBuffer(4);
    const body = make(buffer);
    structuredClone(buffer, { transfer: [buffer] });
    expect(() => encodeBody(body)).toThrow(TypeError);
    expect(() => contentLength(body, 'POST')).toThrow(TypeError);
    await expect(blocksOf([body] as never)).rejects.toThrow(TypeError);
  });

  test.each<[unknown, RegExp]>([
    [5, /^Cannot send block 1 of the body: a number is neither text nor bytes$/],
    [null, /^Cannot send block 1 of the body: null is/],
    [undefined, /^Cannot send block 1 of the body: undefined is/],
    [['a'], /^Cannot send block 1 of the body: an Array is/],
    [{}, /^Cannot send block 1 of the body: an Object is/],
    [new ArrayBuffer(1), /^Cannot send block 1 of the body: an ArrayBuffer is/],
    ['€', /^Cannot encode the body block 1 as ISO-8859-1: .*U\+20AC/],
  ])('%j as a block is refused with its index, and the source is closed', async (block, message) => {
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

  test('the error of a block is not hidden by one from closing', async () => {
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: false, value: 5 }),
        return: () => Promise.reject(new Error('closing')),
      }),
    };
    await expect(blocksOf(wrong(source))).rejects.toThrow('a number is neither');
  });
});
