import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Input } from './input.js';
import { decodeLatin1, encodeLatin1 } from './latin1.js';

const shown = (input: Input): string => decodeLatin1(input.bytes.subarray(input.start, input.end));

/** An action on an input, and on the text that it should contain. */
type Step =
  | { do: 'add'; count: number; owned: boolean; spare: number }
  | { do: 'consume' | 'take'; share: number }
  | { do: 'settle' | 'takeAll' };

const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({
      do: fc.constant('add'),
      count: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 3000 })),
      owned: fc.boolean(),
      spare: fc.constantFrom(0, 1, 9, 3000),
    }),
    fc.record({
      do: fc.constantFrom('consume', 'take'),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    fc.record({ do: fc.constantFrom('settle', 'takeAll') }),
  ),
  { maxLength: 40 },
);

describe('an input', () => {
  test('contains what was added and not consumed, whatever the order of calls', () => {
    fc.assert(
      fc.property(steps, (program) => {
        const input = new Input();
        const taken: [Uint8Array, string][] = [];
        const given: [Uint8Array, Uint8Array][] = [];
        let expected = '';
        let position = 0;
        let next = 0;
        // A borrowed block is returned before anything else is written to it.
        let lent = new Uint8Array(0);
        const giveBack = (): void => {
          input.settle();
          lent.fill(0);
        };
        for (const step of program) {
          if (step.do === 'add') {
            giveBack();
            const block = new Uint8Array(step.count + step.spare).map(() => next++);
            input.add(block, step.count, step.owned);
            expected += decodeLatin1(block.subarray(0, step.count));
            if (step.owned) given.push([block, block.slice()]);
            else lent = block;
          } else if (step.do === 'consume') {
            const count = Math.floor(expected.length * step.share);
            input.consume(count);
            expected = expected.slice(count);
            position += count;
          } else if (step.do === 'settle') {
            giveBack();
          } else {
            const count = step.do === 'take' ? Math.floor(expected.length * step.share) : expected.length;
            const bytes = step.do === 'take' ? input.take(count) : input.takeAll();
            expect(decodeLatin1(bytes)).toBe(expected.slice(0, count));
            taken.push([bytes, expected.slice(0, count)]);
            expected = expected.slice(count);
            position += count;
          }
          expect(shown(input)).toBe(expected);
          expect(input.length).toBe(expected.length);
          expect(input.position).toBe(position);
        }
        // Nothing writes to a block that was given away, not even after its bytes.
        for (const [block, before] of given) expect(block).toEqual(before);
        // What was taken belongs to the taker: it has not changed, and retains little more memory than its own.
        for (const [array, content] of taken) {
          expect(decodeLatin1(array)).toBe(content);
          expect(array.buffer.byteLength).toBeLessThanOrEqual(Math.max(2 * array.length, 64));
        }
      }),
      { seed: 20240613, numRuns: 400 },
    );
  });

  test('hands out an owned block without a copy, but never a borrowed one', () => {
    const input = new Input();
    const block = encodeLatin1('a block');
    input.add(block, block.length, true);
    input.settle();
    expect(input.take(block.length).buffer).toBe(block.buffer);
    input.add(block, block.length, false);
    expect(input.takeAll().buffer).not.toBe(block.buffer);
  });

  test('hands out only what is left of an owned block, even if one byte of it was consumed', () => {
    const input = new Input();
    input.add(encodeLatin1('a block'), 7, true);
    input.consume(1);
    expect(decodeLatin1(input.takeAll())).toBe(' block');
  });

  test('may be overwritten, unless a transport delivered the array', () => {
    const input = new Input();
    const add = (owned: boolean): boolean => {
      input.add(new Uint8Array(9), 4, owned);
      return input.writable;
    };
    expect(input.ended).toBe(false);
    expect(add(true)).toBe(false);
    // Two blocks are joined in a buffer allocated by the input.
    expect(add(true)).toBe(true);
    input.consume(8);
    expect(add(true)).toBe(false);
    input.clear();
    expect(add(false)).toBe(true);
    input.settle();
    expect(input.writable).toBe(true);
  });

  test('returns even an empty array that the taker owns, and may transfer', () => {
    const empty: ((input: Input) => void)[] = [
      () => undefined,
      (input) => {
        input.settle();
      },
      (input) => {
        input.add(new Uint8Array(3), 3, false);
        input.consume(3);
        input.settle();
      },
      (input) => {
        input.add(new Uint8Array(3), 3, true);
        input.clear();
      },
    ];
    for (const make of [...empty, ...empty]) {
      const input = new Input();
      make(input);
      for (const taken of [input.takeAll(), input.take(0)]) {
        expect(taken).toHaveLength(0);
        structuredClone(taken.buffer, { transfer: [taken.buffer] });
      }
      expect(shown(input)).toBe('');
    }
  });

  test.each([
    [10, 10],
    [5, 10],
    [50, 50],
  ])('returns no view that retains more than twice its size: %d of %d bytes', (count, size) => {
    for (const take of [(input: Input) => input.takeAll(), (input: Input) => input.take(count)]) {
      const input = new Input();
      input.add(new Uint8Array(100).subarray(0, size), count, true);
      const taken = take(input);
      expect(taken).toHaveLength(count);
      expect(taken.buffer.byteLength).toBeLessThanOrEqual(2 * count);
    }
  });

  test('copies the rest of each borrowed block to the same buffer', () => {
    const input = new Input();
    const buffers = new Set<ArrayBufferLike>();
    for (let round = 0; round < 100; round++) {
      input.add(new Uint8Array(100), 100, false);
      input.consume(40);
      input.settle();
      buffers.add(input.bytes.buffer);
      input.consume(60);
    }
    expect(buffers.size).toBe(1);
  });

  test('joins bytes that trickle in, with few copies', () => {
    const input = new Input();
    const buffers = new Set<ArrayBufferLike>();
    for (let count = 0; count < 100_000; count++) {
      input.add(new Uint8Array([count]), 1, true);
      buffers.add(input.bytes.buffer);
    }
    expect(input.length).toBe(100_000);
    expect(buffers.size).toBeLessThan(20);
  });

  test('does not grow, and loses nothing, if as much is consumed as arrives', () => {
    const input = new Input();
    let arrived = 0;
    const block = (count: number): Uint8Array => new Uint8Array(count).map(() => arrived++);
    input.add(block(10), 10, true);
    for (let round = 0; round < 10_000; round++) {
      input.add(block(100), 100, true);
      const left = Uint8Array.from({ length: 110 }, (_, index) => arrived - 110 + index);
      expect(input.bytes.subarray(input.start, input.end)).toEqual(left);
      input.consume(100);
    }
    expect(input.bytes.length).toBeLessThanOrEqual(2048);
  });
});
