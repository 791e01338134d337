import { IncompleteRead, InvalidChunk } from '@http-client/errors';
import { decodeLatin1, encodeLatin1, Input } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { bodySource, incompleteBody, type BodyTap, type Framing } from './index.js';

const framing = (kind: 'none' | 'close' | 'chunked' | number): Framing => ({
  ...(typeof kind === 'number' ? { kind: 'length', length: kind } : { kind }),
  willClose: false,
  violations: [],
});

const inputOf = (text: string, owned = true): Input => {
  const input = new Input();
  input.add(encodeLatin1(text), text.length, owned);
  return input;
};

/** Records everything that the tap is shown, part by part. */
function tapped(): BodyTap & { parts: [part: string, text: string][] } {
  const parts: [string, string][] = [];
  return {
    parts,
    received: (part, bytes, start, end) => parts.push([part, decodeLatin1(bytes, start, end)]),
  };
}

const chunks = '3\r\nabc\r\n2\r\nde\r\n0\r\nT: x\r\n\r\n';

describe.each<
  [what: string, kind: Parameters<typeof framing>[0], stream: string, body: string, rest: string]
>([
  ['no body', 'none', 'next', '', 'next'],
  ['a body by length', 5, 'abcdenext', 'abcde', 'next'],
  ['an empty one', 0, 'next', '', 'next'],
  ['a body to the end of the stream', 'close', 'abcde', 'abcde', ''],
  ['a chunked body', 'chunked', `${chunks}next`, 'abcde', 'next'],
])('%s', (_what, kind, stream, body, rest) => {
  test.each([1, 2, 100])('is taken %d bytes at a time', (most) => {
    const input = inputOf(stream);
    const tap = tapped();
    const source = bodySource(framing(kind), {}, 0, tap);
    const target = new Uint8Array(100);
    let filled = 0;
    for (let left = source.left; !source.done && input.length > 0; left = source.left) {
      const count = source.take(input, target, filled, filled + most);
      if (typeof kind === 'number') expect(source.left).toBe(left! - count);
      filled += count;
    }
    expect(decodeLatin1(target, 0, filled)).toBe(body);
    expect(decodeLatin1(input.bytes, input.start, input.end)).toBe(rest);
    expect(source.done).toBe(kind !== 'close');
    expect(tap.parts.map(([, text]) => text).join('')).toBe(stream.slice(0, stream.length - rest.length));
    expect(source.trailers?.toJSON()).toEqual(kind === 'chunked' ? [['T', 'x']] : undefined);
    expect(source.take(input, target, 0, 0)).toBe(0);
  });
});

test.each<[what: string, kind: Parameters<typeof framing>[0], came: string]>([
  ['of a body by length', 9, 'abcde'],
  ['of one without a length', 'close', 'abcde'],
  ['of one in chunks', 'chunked', '5\r\nabcde\r\n'],
])('what is taken %s is written within the given range only', (_what, kind, came) => {
  const target = new Uint8Array(9).fill(0x2e);
  const input = inputOf(came);
  const source = bodySource(framing(kind), {}, 0, undefined);
  expect([source.take(input, target, 4, 6), decodeLatin1(target)]).toEqual([2, '....ab...']);
  expect([source.take(input, target, 0, 9), decodeLatin1(target)]).toEqual([3, 'cde.ab...']);
});

test('what has arrived is taken as one block, if all of it is wanted', () => {
  expect(bodySource(framing(5), {}, 0, undefined).takeBlock?.(inputOf('abc'), 2)).toBeUndefined();
  expect(bodySource(framing('close'), {}, 0, undefined).takeBlock?.(inputOf('abc'), 2)).toBeUndefined();
  expect(bodySource(framing(2), {}, 0, undefined).takeBlock?.(inputOf('abc'), 9)).toBeUndefined();
  for (const kind of [5, 'close'] as const) {
    const input = inputOf('abc');
    const tap = tapped();
    const source = bodySource(framing(kind), {}, 0, tap);
    expect(decodeLatin1(source.takeBlock!(input, 3)!)).toBe('abc');
    expect(source.left).toBe(kind === 5 ? 2 : undefined);
    expect(input.length).toBe(0);
    expect(tap.parts).toEqual([['body', 'abc']]);
  }
});

describe('what is lent', () => {
  test.each<
    [
      what: string,
      kind: Parameters<typeof framing>[0],
      came: string,
      limit: number,
      lent: string | undefined,
      done: boolean,
    ]
  >([
    ['of a body by length', 5, 'abcdenext', Infinity, 'abcde', true],
    ['of one that ends the block', 5, 'abcde', 9, 'abcde', true],
    ['of one that is not wanted whole', 5, 'abcd', 3, 'abc', false],
    ['of an empty one', 0, 'next', Infinity, '', true],
    ['of one that has not all arrived', 5, 'abcd', Infinity, undefined, false],
    ['of one without a length', 'close', 'abcde', Infinity, undefined, false],
    ['of one in chunks', 'chunked', `${chunks}next`, Infinity, 'abcde', true],
    ['of one in chunks that has not all arrived', 'chunked', '3\r\nabc\r\n2\r\nd', Infinity, 'abcd', false],
    ['of one in chunks that is not wanted whole', 'chunked', chunks, 4, 'abcd', false],
    ['of one in chunks that is long', 'chunked', `1388\r\n${'x'.repeat(5000)}`, Infinity, undefined, false],
  ])('%s', (_what, kind, came, limit, lent, done) => {
    const input = inputOf(came, false);
    const tap = tapped();
    const source = bodySource(framing(kind), {}, 0, tap);
    const bytes = source.lend(input, limit);
    expect(bytes && decodeLatin1(bytes)).toBe(lent);
    expect(bytes?.buffer).toBe(bytes && input.bytes.buffer);
    // What was shown is what was taken, as received.
    const shown = tap.parts.map(([, text]) => text).join('');
    expect(came.startsWith(shown)).toBe(true);
    expect(decodeLatin1(input.bytes, input.start, input.end)).toBe(came.slice(shown.length));
    if (lent === undefined) expect(shown).toBe('');
    expect(source.done).toBe(done);
  });

  test('of chunks in an array from a transport is nothing, and the array is left unchanged', () => {
    const block = encodeLatin1(chunks);
    const input = new Input();
    input.add(block, block.length, true);
    const source = bodySource(framing('chunked'), {}, 0, undefined);
    expect(source.lend(input, Infinity)).toBeUndefined();
    const target = new Uint8Array(9);
    expect(decodeLatin1(target, 0, source.take(input, target, 0, 9))).toBe('abcde');
    expect(decodeLatin1(block)).toBe(chunks);
  });

  test.each([1, 2, Infinity])('of a chunked body as it arrives, %d bytes at most', (most) => {
    const stream = `${chunks}next`;
    for (let cut = 1; cut < stream.length; cut++) {
      const input = new Input();
      const tap = tapped();
      const source = bodySource(framing('chunked'), {}, 0, tap);
      let body = '';
      for (const part of [stream.slice(0, cut), stream.slice(cut)]) {
        // In a separate block, like that of a socket, the rest of which is kept.
        input.add(encodeLatin1(part), part.length, false);
        for (let count = 1; count > 0 && !source.done;) {
          const bytes = source.lend(input, most)!;
          count = bytes.length;
          expect(count).toBeLessThanOrEqual(most);
          body += decodeLatin1(bytes);
        }
        input.settle();
      }
      expect(body).toBe('abcde');
      expect(source.done).toBe(true);
      expect(decodeLatin1(input.bytes, input.start, input.end)).toBe('next');
      expect(tap.parts.map(([, text]) => text).join('')).toBe(chunks);
      expect(source.trailers?.toJSON()).toEqual([['T', 'x']]);
    }
  });
});

describe('at the end of the stream', () => {
  const reset = new Error('read ECONNRESET');
  const truncation = new Error('no close_notify');

  test.each<
    [
      what: string,
      kind: Parameters<typeof framing>[0],
      came: string,
      strict: boolean | undefined,
      ended: Partial<Input>,
      missing: unknown,
    ]
  >([
    ['a length lacks what is left', 5, 'ab', true, {}, { expected: 3 }],
    ['a body without length has ended', 'close', 'ab', true, {}, undefined],
    ['it has not, if the stream was reset', 'close', 'ab', true, { failure: reset }, { expected: undefined }],
    ['nor if TLS was truncated', 'close', 'ab', true, { truncation }, { expected: undefined }],
    ['which is so by default', 'close', 'ab', undefined, { truncation }, { expected: undefined }],
    ['but not for the reference', 'close', 'ab', false, { truncation }, undefined],
    ['a chunk lacks what is left of it', 'chunked', '5\r\nab', true, {}, { expected: 3 }],
    ['chunks lack their end', 'chunked', '2\r\nab\r\n', true, {}, { expected: undefined }],
    ['chunks may lack it in lenient mode', 'chunked', '2\r\nab\r\n0\r\n', false, {}, undefined],
  ])('%s', (_what, kind, came, strict, ended, missing) => {
    const source = bodySource(framing(kind), { strict }, 0, undefined);
    const input = inputOf(came);
    source.take(input, new Uint8Array(9), 0, 9);
    Object.assign(input, { ended: true, ...ended });
    expect(source.shortfall(input)).toEqual(missing);
  });

  test('a fault in the chunks is the error of every call', () => {
    const source = bodySource(framing('chunked'), {}, 0, undefined);
    const input = inputOf('x\r\n');
    expect(() => source.take(input, new Uint8Array(9), 0, 9)).toThrow(InvalidChunk);
    expect(() => source.shortfall(input)).toThrow(InvalidChunk);
  });
});

test('lists what was tolerated with its offset in the stream', () => {
  const source = bodySource(framing('chunked'), { tolerate: ['bare-lf-in-chunks'] }, 100, undefined);
  source.take(inputOf('3\nabc\r\n'), new Uint8Array(9), 0, 9);
  expect(source.violations).toMatchObject([{ rule: 'bare-lf-in-chunks', offset: 101 }]);
});

test.each([
  [3, "the stream ended 3 bytes before the body's end"],
  [undefined, 'the stream ended before the body did'],
])('names what is missing: %s', (expected, words) => {
  const error = incompleteBody(expected, encodeLatin1('ab'));
  expect(error).toBeInstanceOf(IncompleteRead);
  expect(error.message).toBe(`Cannot read the response body: ${words}`);
  expect(error.expected).toBe(expected);
  expect(error.partial).toEqual(encodeLatin1('ab'));
});
