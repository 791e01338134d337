import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { ByteReader, type ByteSource, decodeLatin1, encodeLatin1 } from './index.js';

/** Does with an array what its owner may do: overwrites it, and transfers its memory. */
function useUp(bytes: Uint8Array): void {
  new Uint8Array(bytes.buffer).fill(0xff);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] });
  expect(bytes.buffer.byteLength).toBe(0);
}

/** The text of an array, which is then used up. */
function textOf(bytes: Uint8Array): string {
  expect(bytes.buffer.byteLength).toBeLessThanOrEqual(2 * bytes.length);
  const text = decodeLatin1(bytes);
  useUp(bytes);
  return text;
}

async function* given(blocks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const block of blocks) yield await Promise.resolve(block);
}

test('a Uint8Array and the blocks of an iterable remain unchanged', async () => {
  const bytes = encodeLatin1('abc\ndef');
  for (const source of [bytes, [bytes, bytes], [bytes.subarray(0, 4), bytes.subarray(4)]]) {
    const reader = new ByteReader(source);
    expect(textOf(await reader.peek())).not.toBe('');
    expect(textOf(await reader.read1(1))).toBe('a');
    expect(textOf(await reader.readLine())).toBe('bc\n');
    expect(textOf(await reader.read())).toMatch(/^def/);
    expect(decodeLatin1(bytes)).toBe('abc\ndef');
  }
});

test('nor are they returned, even if one is exactly what is requested', async () => {
  for (const op of ['read', 'read1', 'readLine', 'peek'] as const) {
    const bytes = encodeLatin1('abcdef');
    expect(textOf(await new ByteReader([bytes])[op](6))).toBe('abcdef');
    expect(textOf(await new ByteReader(bytes)[op](6))).toBe('abcdef');
    expect(decodeLatin1(bytes)).toBe('abcdef');
  }
});

test('a block that was given away is returned without a copy', async () => {
  const block = encodeLatin1('abcdef');
  const sources = [
    () => given([block]),
    () => ({ getReader: () => ReadableStream.from([block]).getReader() }),
    () => ({ read: () => Promise.resolve(block) }),
  ];
  for (const open of sources) {
    for (const op of ['read', 'read1', 'readLine'] as const) {
      const got = await new ByteReader(open())[op](6);
      expect(got.buffer).toBe(block.buffer);
    }
  }
});

test.each([
  ['parts of one buffer', (bytes: Uint8Array) => [bytes.subarray(0, 4), bytes.subarray(4)]],
  [
    'parts of a pool',
    (bytes: Uint8Array) => [Buffer.from(bytes.subarray(0, 4)), Buffer.from(bytes.subarray(4))],
  ],
])('blocks that share memory are not: %s', async (_name, split) => {
  for (const op of ['read', 'read1', 'readLine'] as const) {
    const reader = new ByteReader(given(split(encodeLatin1('abcdefgh'))));
    expect(textOf(await reader[op](4))).toBe('abcd');
    expect(textOf(await reader[op](4))).toBe('efgh');
  }
});

test('a source may reuse its array when it is read again', async () => {
  function* reusing(): Generator<Uint8Array> {
    const scratch = new Uint8Array(2);
    for (const text of ['ab', 'cd', 'ef', 'gh']) {
      scratch.set(encodeLatin1(text));
      yield scratch;
    }
  }
  for (const amounts of [[8], [3, 5], [1, 2, 1, 1, 3]]) {
    const reader = new ByteReader(reusing());
    let text = '';
    for (const amount of amounts) text += textOf(await reader.read(amount));
    expect(text).toBe('abcdefgh');
  }
});

describe('random calls on random blocks, compared with a plain string', () => {
  const OPERATIONS = ['read', 'read1', 'readLine', 'peek', 'readInto', 'readInto1', 'fill', 'skip'] as const;

  /** A model of the reader: a list of blocks still to come, and the text that has arrived. */
  class Model {
    buffered = '';
    constructor(readonly blocks: string[]) {}

    fill(): boolean {
      const block = this.blocks.shift();
      this.buffered += block ?? '';
      return block !== undefined;
    }

    want(count: number): void {
      if (this.buffered.length < count) this.fill();
    }

    take(count: number): string {
      const taken = this.buffered.slice(0, count);
      this.buffered = this.buffered.slice(taken.length);
      return taken;
    }

    read(amt = Infinity): string {
      while (this.buffered.length < amt && this.fill());
      return this.take(amt);
    }

    read1(amt = Infinity): string {
      this.want(Math.min(amt, 1));
      return this.take(amt);
    }

    readLine(limit = Infinity): string {
      for (;;) {
        const length = Math.min(limit, this.buffered.indexOf('\n') + 1 || Infinity);
        if (length <= this.buffered.length) return this.take(length);
        if (!this.fill()) return this.take(limit);
      }
    }

    peek(amt?: number): string {
      this.want(amt ?? 1);
      return this.buffered.slice(0, amt);
    }
  }

  const program = fc.record({
    blocks: fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c', '\r', '\n'), maxLength: 12 }), {
      maxLength: 12,
    }),
    kind: fc.constantFrom('array', 'bytes', 'given', 'parts'),
    steps: fc.array(
      fc.record({
        op: fc.constantFrom(...OPERATIONS),
        amt: fc.option(fc.nat({ max: 20 }), { nil: undefined }),
      }),
      { maxLength: 30 },
    ),
  });

  test('return the same, and each array belongs to the caller', async () => {
    await fc.assert(
      fc.asyncProperty(program, async ({ blocks, kind, steps }) => {
        const whole = encodeLatin1(blocks.join(''));
        const sources: Record<typeof kind, () => ByteSource> = {
          array: () => blocks.map((block) => encodeLatin1(block)),
          bytes: () => whole,
          given: () => given(blocks.map((block) => encodeLatin1(block))),
          parts: () => {
            const bytes = whole.slice();
            let at = 0;
            return given(blocks.map((block) => bytes.subarray(at, (at += block.length))));
          },
        };
        const reader = new ByteReader(sources[kind]());
        const model = new Model(kind === 'bytes' ? [] : blocks.filter((block) => block !== ''));
        if (kind === 'bytes') model.buffered = blocks.join('');
        for (const { op, amt } of steps) {
          if (op === 'fill') {
            expect(await reader.fill()).toBe(model.fill());
          } else if (op === 'skip') {
            const count = Math.min(amt ?? 0, model.buffered.length);
            reader.skip(count);
            model.take(count);
          } else if (op === 'readInto' || op === 'readInto1') {
            const target = new Uint8Array(amt ?? 3);
            const count = await reader[op](target);
            expect(decodeLatin1(target, 0, count)).toBe(
              model[op === 'readInto' ? 'read' : 'read1'](amt ?? 3),
            );
            useUp(target);
          } else {
            expect(textOf(await reader[op](amt))).toBe(model[op](amt));
          }
          expect(decodeLatin1(reader.buffered)).toBe(model.buffered);
        }
        expect(textOf(await reader.read())).toBe(model.read());
        expect(decodeLatin1(whole)).toBe(blocks.join(''));
      }),
      { seed: 20_913, numRuns: 2000 },
    );
  });
});
