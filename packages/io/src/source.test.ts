import { Readable } from 'node:stream';
import { runInNewContext } from 'node:vm';

import { describe, expect, test } from 'vitest';

import { ByteReader, type ByteSource, decodeLatin1, encodeLatin1 } from './index.js';

async function* each<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}

function transport(blocks: Iterable<unknown>): { read(): Promise<Uint8Array | null> } {
  const left = [...blocks];
  return { read: () => Promise.resolve((left.length === 0 ? null : left.shift()) as Uint8Array | null) };
}

/** A web stream as in an engine that cannot iterate over streams. */
function withoutIterator(stream: ReadableStream<Uint8Array>): ByteSource {
  return { getReader: () => stream.getReader() };
}

/** Every kind of source, made of blocks. */
const kinds: Record<string, (blocks: Uint8Array[]) => ByteSource> = {
  'an array': (blocks) => blocks,
  'a generator': (blocks) => blocks.values(),
  'an asynchronous generator': (blocks) => each(blocks),
  'a Node Readable': (blocks) => Readable.from(blocks),
  'a ReadableStream': (blocks) => ReadableStream.from(blocks),
  'a ReadableStream that cannot be iterated': (blocks) => withoutIterator(ReadableStream.from(blocks)),
  'a transport': (blocks) => transport(blocks),
};

describe.each(Object.entries(kinds))('%s', (kind, open) => {
  test.each([
    ['no blocks', []],
    ['one block', ['abc']],
    ['several', ['a', 'bcd', 'ef']],
  ])('%s', async (_name, texts) => {
    const reader = new ByteReader(open(texts.map((text) => encodeLatin1(text))));
    expect(decodeLatin1(await reader.read())).toBe(texts.join(''));
    expect(await reader.read()).toHaveLength(0);
    expect(await reader.read1()).toHaveLength(0);
  });

  test('blocks of a subclass and of another realm come out as plain arrays', async () => {
    const foreign = runInNewContext('new Uint8Array([97, 98])') as Uint8Array;
    expect(foreign).not.toBeInstanceOf(Uint8Array);
    const reader = new ByteReader(open([foreign, Buffer.from('cd')]));
    for (const text of ['ab', 'cd']) {
      const block = await reader.read1();
      expect(Object.getPrototypeOf(block)).toBe(Uint8Array.prototype);
      expect(decodeLatin1(block)).toBe(text);
    }
  });

  test.each([
    ['a string', 'text'],
    ['a number', 7],
    ['undefined', undefined],
    ['a DataView', new DataView(new ArrayBuffer(1))],
    ['a Uint16Array', new Uint16Array(1)],
    ['an ArrayBuffer', new ArrayBuffer(1)],
    ['an object', Object.create(null)],
  ])('refuses %s as a block', async (name, block) => {
    const reader = new ByteReader(open([encodeLatin1('ab'), block as Uint8Array]));
    const failure = new TypeError(
      kind === 'a transport'
        ? `Cannot read from the transport: it gave ${name} instead of a Uint8Array (null is its end)`
        : `Cannot read from the source: it gave ${name} instead of a Uint8Array`,
    );
    await expect(reader.read()).rejects.toThrow(failure);
    expect(decodeLatin1(await reader.read(2))).toBe('ab');
    await expect(reader.read1()).rejects.toThrow(failure);
  });
});

test.each(['an array', 'a generator', 'an asynchronous generator', 'a ReadableStream'])(
  '%s does not end with null, unlike a transport',
  async (kind) => {
    const reader = new ByteReader(kinds[kind]!([encodeLatin1('ab'), null as never, encodeLatin1('cd')]));
    await expect(reader.read()).rejects.toThrow(
      new TypeError('Cannot read from the source: it gave null instead of a Uint8Array'),
    );
    expect(decodeLatin1(await reader.read(2))).toBe('ab');
  },
);

test.each(Object.entries(kinds).filter(([kind]) => kind !== 'a transport'))(
  'empty blocks of %s are skipped',
  async (_kind, open) => {
    const reader = new ByteReader(open(['', 'a', '', '', 'bc', ''].map((text) => encodeLatin1(text))));
    expect(decodeLatin1(await reader.read())).toBe('abc');
    expect(await reader.read()).toHaveLength(0);
  },
);

test('a transport gives no empty array: one that does at its end would be read again forever', async () => {
  const reader = new ByteReader({ read: () => Promise.resolve(new Uint8Array(0)) });
  await expect(reader.read()).rejects.toThrow(
    new TypeError('Cannot read from the transport: it gave an empty array (null is its end)'),
  );
});

test('a Uint8Array is the bytes, not an iterable of them', async () => {
  for (const bytes of [encodeLatin1('abc'), Buffer.from('abc'), encodeLatin1('xabcx').subarray(1, 4)]) {
    const all = await new ByteReader(bytes).read();
    expect(Object.getPrototypeOf(all)).toBe(Uint8Array.prototype);
    expect(decodeLatin1(all)).toBe('abc');
  }
  const foreign = runInNewContext('new Uint8Array([97, 98, 99])') as Uint8Array;
  expect(decodeLatin1(await new ByteReader(foreign).read())).toBe('abc');
});

test.each([
  ['a string', ''],
  ['a string', 'abc'],
  ['null', null],
  ['undefined', undefined],
  ['a number', 42],
  ['a function', () => null],
  ['an Object', {}],
  ['an Object', { read: 1 }],
  ['an ArrayBuffer', new ArrayBuffer(3)],
  ['a DataView', new DataView(new ArrayBuffer(3))],
  ['a Uint16Array', new Uint16Array(3)],
])('refuses %s as a source', (name, source) => {
  expect(() => new ByteReader(source as ByteSource)).toThrow(
    new TypeError(
      `Cannot read from ${name}: expected a Uint8Array, an iterable of them, a ReadableStream or an object with a read method`,
    ),
  );
});

test('refuses a locked stream at once', () => {
  const stream = new Blob(['abc']).stream();
  stream.getReader();
  expect(() => new ByteReader(stream)).toThrow(TypeError);
});

test('the first form that a source has is used: asynchronous iterator, getReader, iterator, read', async () => {
  let calls = 0;
  const ways = {
    [Symbol.asyncIterator]: () => each([encodeLatin1('asynchronous')]),
    getReader: () => ReadableStream.from([encodeLatin1('stream')]).getReader(),
    [Symbol.iterator]: () => [encodeLatin1('iterator')].values(),
    read: () => Promise.resolve(calls++ === 0 ? encodeLatin1('transport') : null),
  };
  const without = (...names: (keyof typeof ways)[]): ByteSource =>
    Object.assign({}, ways, Object.fromEntries(names.map((name) => [name, undefined])));
  const read = async (source: ByteSource): Promise<string> =>
    decodeLatin1(await new ByteReader(source).read());
  expect(await read(without())).toBe('asynchronous');
  expect(await read(without(Symbol.asyncIterator))).toBe('stream');
  expect(await read(without(Symbol.asyncIterator, 'getReader'))).toBe('iterator');
  expect(await read(without(Symbol.asyncIterator, 'getReader', Symbol.iterator))).toBe('transport');
});

test('a transport is read no more than needed, and never after its end', async () => {
  let calls = 0;
  const blocks = [encodeLatin1('ab'), encodeLatin1('cd'), null];
  const reader = new ByteReader({
    read: () => Promise.resolve(blocks[calls++] ?? null),
  });
  expect(calls).toBe(0);
  expect(decodeLatin1(await reader.read1())).toBe('ab');
  expect(calls).toBe(1);
  expect(decodeLatin1(await reader.read(2))).toBe('cd');
  expect(calls).toBe(2);
  for (let again = 0; again < 3; again++) expect(await reader.read()).toHaveLength(0);
  expect(calls).toBe(3);
});
