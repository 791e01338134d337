import { describe, expect, test } from 'vitest';

import { ByteReader, decodeLatin1, encodeLatin1 } from './index.js';
import { blocksOf, callsOf, expectCalls, OPERATIONS, operations, singles } from './testdata/calls.js';

describe('a source that fails', () => {
  const error = new Error('the wire was cut');

  /** A source that yields the blocks and then fails. */
  function* failing(texts: string): Generator<Uint8Array> {
    yield* blocksOf(texts);
    throw error;
  }

  test.each([
    ['read', undefined],
    ['read', 4],
    ['readLine', undefined],
    ['readInto', 4],
  ] as const)('%s(%o) rejects, and the bytes received are kept', async (op, amt) => {
    const reader = new ByteReader(failing('ab|c'));
    await expect(operations[op](reader, amt)).rejects.toBe(error);
    await expect(operations[op](reader, amt)).rejects.toBe(error);
    await expectCalls(reader, callsOf('peek() "abc", peek(9) "abc", readInto(1) "a", read(2) "bc"'));
    for (const next of Object.values(operations)) await expect(next(reader, 1)).rejects.toBe(error);
    await expect(reader.fill()).rejects.toBe(error);
    for (const next of Object.values(operations)) expect(await next(reader, 0)).toHaveLength(0);
  });

  test.each(['read1', 'readInto1'] as const)('%s returns what is buffered before it rejects', async (op) => {
    const reader = new ByteReader(failing('ab'));
    expect(decodeLatin1(await operations[op](reader, 9))).toBe('ab');
    await expect(operations[op](reader, 9)).rejects.toBe(error);
  });

  test('peek returns what is buffered, and rejects if nothing is', async () => {
    const reader = new ByteReader(failing('ab'));
    await expectCalls(reader, callsOf('peek(9) "ab", peek(9) "ab", read(2) "ab"'));
    await expect(reader.peek()).rejects.toBe(error);
  });

  test('a call that fails takes no bytes from those after it', async () => {
    const reader = new ByteReader(failing('abc'));
    const results = await Promise.allSettled([
      reader.read(4),
      reader.read(2),
      reader.read(2),
      reader.read(1),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
  });

  test('with undefined, as a stream may', async () => {
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.error();
      },
    });
    const reader = new ByteReader(stream);
    await expect(reader.read1()).rejects.toBeUndefined();
    await expect(reader.read1()).rejects.toBeUndefined();
  });
});

describe('calls made before the first has settled', () => {
  test('are served in order, each completed before the next', async () => {
    const reader = new ByteReader(singles('one\ntwo\nthree and four'));
    const target = new Uint8Array(2);
    const results = await Promise.all([
      reader.readLine(),
      reader.read(2),
      reader.peek(1),
      reader.readInto(target),
      reader.read1(3),
      reader.fill(),
      reader.readLine(3),
      reader.read(),
    ]);
    const texts = results.map((result) => (result instanceof Uint8Array ? decodeLatin1(result) : result));
    expect(texts).toEqual(['one\n', 'tw', 'o', 2, 't', true, 'hre', 'e and four']);
    expect(decodeLatin1(target)).toBe('o\n');
  });

  test('find what the call before them left in the buffer', async () => {
    const reader = new ByteReader(blocksOf('abcdef|g'));
    const target = new Uint8Array(2);
    const results = await Promise.all([
      reader.read(1),
      reader.read1(2),
      reader.readInto1(target),
      reader.peek(9),
    ]);
    expect(results.slice(0, 3)).toEqual([encodeLatin1('a'), encodeLatin1('bc'), 2]);
    expect(results[3]).toEqual(encodeLatin1('fg'));
    expect(target).toEqual(encodeLatin1('de'));
  });

  test('find a line that is only a newline there', async () => {
    const reader = new ByteReader(blocksOf('a\n\nb'));
    const lines = await Promise.all([reader.readLine(), reader.readLine(), reader.readLine()]);
    expect(lines.map((line) => decodeLatin1(line))).toEqual(['a\n', '\n', 'b']);
  });

  test('get that and no more, without reading the source', async () => {
    for (const op of ['read1', 'peek'] as const) {
      const reader = new ByteReader(blocksOf('ab|c'));
      const results = await Promise.all([reader.read(1), reader[op]()]);
      expect(results).toEqual([encodeLatin1('a'), encodeLatin1('b')]);
      expect(await reader.read()).toEqual(encodeLatin1(op === 'peek' ? 'bc' : 'c'));
    }
  });

  test('do not take what is buffered from the call before them', async () => {
    for (const op of ['read', 'read1', 'readLine', 'peek'] as const) {
      const reader = new ByteReader(blocksOf('ab\ncd|efghi'));
      await reader.fill();
      const results = await Promise.all([reader.read(6), reader[op](2)]);
      expect(results).toEqual([encodeLatin1('ab\ncde'), encodeLatin1('fg')]);
    }
  });

  test('wait for the last of them, not for the first', async () => {
    const reader = new ByteReader(singles('abcdef'));
    const first = reader.read(1);
    const second = reader.read(3);
    expect(await first).toEqual(encodeLatin1('a'));
    const third = reader.read1(1);
    expect(await Promise.all([second, third])).toEqual([encodeLatin1('bcd'), encodeLatin1('e')]);
  });

  test('do not read a transport while a read is pending', async () => {
    let pending = 0;
    let most = 0;
    let left = 20;
    const reader = new ByteReader({
      async read() {
        most = Math.max(most, ++pending);
        await Promise.resolve();
        pending--;
        return left-- > 0 ? encodeLatin1('x') : null;
      },
    });
    const calls = Array.from({ length: 12 }, () => reader.read(2));
    expect((await Promise.all(calls)).map(({ length }) => length)).toEqual([
      ...Array<number>(10).fill(2),
      0,
      0,
    ]);
    expect(most).toBe(1);
  });

  test('an amount of 0 does not wait for them', async () => {
    const reader = new ByteReader({ read: () => new Promise<never>(() => undefined) });
    void reader.read(1);
    for (const op of OPERATIONS) expect(await operations[op](reader, 0)).toHaveLength(0);
  });
});
