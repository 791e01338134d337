import { describe, expect, test } from 'vitest';

import { ByteReader, decodeLatin1, encodeLatin1 } from './index.js';
import recorded from './testdata/buffered-reader.json' with { type: 'json' };
import { blocksOf, type Call, callsOf, expectCalls, singles } from './testdata/calls.js';

test.each([
  ['read: all', 'ab|cd', 'read() "abcd", read() ""'],
  ['read: all of the rest', 'ab|cd', 'read(1) "a", read() "bcd"'],
  ['read: exactly the amount, across blocks', 'ab|c|defg', 'read(5) "abcde", read(2) "fg"'],
  ['read: less only at the end', 'ab|cd', 'read(3) "abc", read(3) "d", read(3) ""'],
  ['read: nothing', 'ab', 'read(0) "", read(2) "ab", read(0) ""'],
  ['read: the amount is not allocated', 'ab', 'read(9007199254740991) "ab"'],
  ['read1: a block at a time', 'ab|cde', 'read1() "ab", read1() "cde", read1() ""'],
  ['read1: what is buffered before another block', 'abc|d', 'read1(2) "ab", read1(2) "c", read1(2) "d"'],
  ['read1: nothing', 'ab', 'read1(0) "", read1(9) "ab", read1(0) "", read1(1) ""'],
  ['readInto: full, across blocks', 'ab|c|defg', 'readInto(5) "abcde", readInto(5) "fg", readInto(5) ""'],
  ['readInto: nothing', 'ab', 'readInto(0) "", readInto(1) "a"'],
  ['readInto1: a block', 'ab|cde', 'readInto1(3) "ab", readInto1(2) "cd", readInto1(2) "e", readInto1(2) ""'],
  ['readInto1: nothing', 'ab', 'readInto1(0) "", readInto1(2) "ab"'],
  ['readLine: with its newline', 'a\nb|c\r\n', 'readLine() "a\n", readLine() "bc\r\n", readLine() ""'],
  ['readLine: an empty line, a last one without', '\n|d', 'readLine() "\n", readLine() "d", readLine() ""'],
  [
    'readLine: the limit',
    'abc|d\ne',
    'readLine(2) "ab", readLine(2) "cd", readLine(2) "\n", readLine(2) "e"',
  ],
  ['readLine: the limit on the newline', 'ab|\n|c', 'readLine(3) "ab\n", readLine(3) "c"'],
  ['readLine: the limit before the newline', 'ab\nc', 'readLine(2) "ab", readLine(1) "\n", readLine(1) "c"'],
  ['readLine: nothing', 'ab', 'readLine(0) "", readLine() "ab", readLine(0) ""'],
  ['peek: what is buffered', 'abc|d', 'peek() "abc", read(1) "a", peek() "bc", read(4) "bcd", peek() ""'],
  ['peek: at most the amount', 'abc', 'peek(2) "ab", peek(0) "", read() "abc", peek(1) ""'],
  ['peek: one read of the source', 'a|b|cd', 'peek(3) "a", peek(3) "ab", peek(3) "abc", peek(3) "abc"'],
  ['peek: nothing is consumed', 'a|b|cd', 'peek(2) "a", peek(2) "ab", peek() "ab", read() "abcd"'],
  ['peek: less at the end', 'ab', 'peek(9) "ab", peek(9) "ab", read(9) "ab", peek(9) ""'],
  ['mixed', 'GET / HT|TP/1.1\r|\nbody', 'peek(1) "G", readLine(99) "GET / HTTP/1.1\r\n", readInto(1) "b"'],
])('%s', async (_name, texts, calls) => {
  await expectCalls(new ByteReader(blocksOf(texts)), callsOf(calls));
});

test('returns what Python’s BufferedReader returns', async () => {
  for (const { blocks, steps } of recorded) {
    await expectCalls(new ByteReader(blocksOf(blocks)), steps as Call[]);
  }
});

const text = 'ab\n\r\ncdef\ng';

describe.each([
  ['read()', 'read() "ab\n\r\ncdef\ng"'],
  ['read(3)', 'read(3) "ab\n", read(3) "\r\nc", read(3) "def", read(3) "\ng", read(3) ""'],
  ['readInto(4)', 'readInto(4) "ab\n\r", readInto(4) "\ncde", readInto(4) "f\ng", readInto(4) ""'],
  ['readLine()', 'readLine() "ab\n", readLine() "\r\n", readLine() "cdef\n", readLine() "g", readLine() ""'],
  [
    'readLine(3)',
    'readLine(3) "ab\n", readLine(3) "\r\n", readLine(3) "cde", readLine(3) "f\n", readLine(3) "g"',
  ],
  ['mixed', 'readLine(9) "ab\n", readInto(2) "\r\n", read(2) "cd", readLine(2) "ef", read() "\ng"'],
])('any segmentation gives the same: %s', (_name, notation) => {
  const calls = callsOf(notation);

  test('split at every pair of bytes, and into single bytes', async () => {
    for (let first = 0; first <= text.length; first++) {
      for (let second = first; second <= text.length; second++) {
        const parts = [text.slice(0, first), text.slice(first, second), text.slice(second)];
        await expectCalls(new ByteReader(blocksOf(parts)), calls);
      }
    }
    await expectCalls(new ByteReader(singles(text)), calls);
  });

  test('cut at every byte', async () => {
    for (let length = 0; length <= text.length; length++) {
      let left = text.slice(0, length);
      const cut = calls.map(({ op, amt, out }) => {
        const got = left.slice(0, out.length);
        left = left.slice(got.length);
        return { op, amt, out: got };
      });
      await expectCalls(new ByteReader(encodeLatin1(text.slice(0, length))), cut);
      await expectCalls(new ByteReader(singles(text.slice(0, length))), cut);
    }
  });
});

test('fills the range of any view, and no byte outside it', async () => {
  const views = [
    (buffer: ArrayBuffer) => new Uint8Array(buffer, 8, 8),
    (buffer: ArrayBuffer) => new DataView(buffer, 8, 8),
    (buffer: ArrayBuffer) => new Float64Array(buffer, 8, 1),
    (buffer: ArrayBuffer) => Buffer.from(buffer, 8, 8),
  ];
  for (const view of views) {
    for (const method of ['readInto', 'readInto1'] as const) {
      const buffer = new ArrayBuffer(24);
      expect(await new ByteReader(encodeLatin1('abcdefghij'))[method](view(buffer))).toBe(8);
      expect(decodeLatin1(new Uint8Array(buffer))).toBe('\0'.repeat(8) + 'abcdefgh' + '\0'.repeat(8));
    }
  }
});

// As when WebAssembly's memory grows: 0 bytes would be the end of the stream.
test.each(['readInto', 'readInto1'] as const)(
  'the memory of a target is transferred while %s waits: an error, and what arrived is left for the next call',
  async (method) => {
    const target = new Uint8Array(4);
    const reader = new ByteReader({
      async *[Symbol.asyncIterator]() {
        await Promise.resolve();
        structuredClone(target.buffer, { transfer: [target.buffer] });
        yield encodeLatin1('abcdefgh');
      },
    });
    await expect(reader[method](target)).rejects.toThrow(TypeError);
    expect(decodeLatin1(await reader.read())).toBe('abcdefgh');
  },
);

describe('wrong arguments', () => {
  describe.each(['read', 'read1', 'readLine', 'peek'] as const)('%s', (method) => {
    test.each([-1, 1.5, NaN, Infinity, -Infinity, 2 ** 53])('%d is a RangeError', async (amt) => {
      const reader = new ByteReader(encodeLatin1('abc'));
      await expect(reader[method](amt)).rejects.toThrow(RangeError);
      expect(decodeLatin1(await reader.read())).toBe('abc');
    });

    test.each(['1', null, 1n, {}])('%o is a TypeError', async (amt) => {
      await expect(new ByteReader([])[method](amt as number)).rejects.toThrow(TypeError);
    });
  });

  test.each([new ArrayBuffer(1), 'a', null, { length: 1 }])('%o is not a target', async (target) => {
    const reader = new ByteReader(encodeLatin1('abc'));
    await expect(reader.readInto(target as Uint8Array)).rejects.toThrow(TypeError);
    await expect(reader.readInto1(target as Uint8Array)).rejects.toThrow(TypeError);
    expect(decodeLatin1(await reader.read())).toBe('abc');
  });

  test('the message says what, why and which', async () => {
    const reader = new ByteReader([]);
    await expect(reader.read(-1)).rejects.toThrow(
      new RangeError('Cannot read -1 bytes: the amount is not a whole number from 0 up'),
    );
    await expect(reader.peek('1' as unknown as number)).rejects.toThrow(
      new TypeError('Cannot peek at an amount that is not a number: it is a string'),
    );
    await expect(reader.readInto('a' as unknown as Uint8Array)).rejects.toThrow(
      new TypeError('Cannot read into a string: only a view of an ArrayBuffer can be filled'),
    );
  });
});

describe('what parsers are built on', () => {
  test('buffered, fill and skip', async () => {
    const reader = new ByteReader(blocksOf('ab|cdef|g'));
    const buffered = (): string => decodeLatin1(reader.buffered);
    expect(buffered()).toBe('');
    expect(await reader.fill()).toBe(true);
    expect(buffered()).toBe('ab');
    expect(await reader.fill()).toBe(true);
    expect(buffered()).toBe('abcdef');
    reader.skip(5);
    expect(buffered()).toBe('f');
    expect(() => {
      reader.skip(2);
    }).toThrow(new RangeError('Cannot skip 2 bytes: there are 1 buffered'));
    expect(await reader.fill()).toBe(true);
    expect(buffered()).toBe('fg');
    expect(await reader.fill()).toBe(false);
    expect(buffered()).toBe('fg');
    reader.skip(0);
    reader.skip(2);
    expect(buffered()).toBe('');
    expect(await reader.fill()).toBe(false);
  });

  test('a Uint8Array is buffered from the start, and there is nothing to fill from', async () => {
    const reader = new ByteReader(encodeLatin1('abc'));
    expect(decodeLatin1(reader.buffered)).toBe('abc');
    expect(await reader.fill()).toBe(false);
  });

  test('a buffer that is used up is released: it may be as large as the longest line', async () => {
    const reader = new ByteReader(blocksOf(['x'.repeat(5000), 'y'.repeat(5000)]));
    await reader.fill();
    await reader.fill();
    reader.skip(10_000);
    expect(reader.buffered.buffer.byteLength).toBe(0);
  });

  test.each([3, -1, 0.5, NaN])('skip(%d) of two bytes is a RangeError', async (count) => {
    const reader = new ByteReader(blocksOf('ab|cd'));
    await reader.fill();
    expect(() => {
      reader.skip(count);
    }).toThrow(RangeError);
    expect(decodeLatin1(await reader.read())).toBe('abcd');
  });
});

// So much is held that copying or searching it again for each block after it would exceed the time limit of a test.
describe('half a million blocks of one byte, after 32 MiB', () => {
  const SINGLES = 500_000;
  const HELD = 2 ** 25 - 1;
  function* blocks(): Generator<Uint8Array> {
    // The buffer for these two, twice as large as the first, has room for one byte more.
    yield new Uint8Array(2 ** 24).fill(0x61);
    yield new Uint8Array(2 ** 24 - 1).fill(0x61);
    for (let count = 0; count < SINGLES; count++) yield Uint8Array.of(0x61);
  }

  test.each(['read', 'readLine'] as const)('%s', async (op) => {
    const all = await new ByteReader(blocks())[op]();
    expect(all).toHaveLength(HELD + SINGLES);
    expect(all.every((byte) => byte === 0x61)).toBe(true);
    expect(all.buffer.byteLength).toBeLessThanOrEqual(2 * all.length);
  });

  test('fill and skip, with as many left over as the buffer can hold', async () => {
    const reader = new ByteReader(blocks());
    let read = 0;
    for (; await reader.fill(); read++) if (reader.buffered.length > HELD) reader.skip(1);
    expect(read).toBe(2 + SINGLES);
    expect(reader.buffered).toHaveLength(HELD);
  });
});
