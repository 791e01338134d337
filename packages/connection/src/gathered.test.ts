import { describe, expect, test, vi } from 'vitest';

import type { HTTPResponse } from './index.js';
import { END } from './testing.js';
import { chunked, FRAMINGS, framedScript } from './testdata/framed.js';
import { bytes, fetched, head, rejection, type Stage } from './testdata/stage.js';

// A body that is read whole is assembled from blocks: of some times what has arrived if the length is known, otherwise
// of 64 KiB at most.

const KiB = 1024;

/** Its period does not divide the block sizes, so that no block can pass for another. */
const pattern = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => at % 251);

function same(found: Uint8Array, expected: Uint8Array): boolean {
  return Buffer.compare(found, expected) === 0;
}

const SIZES = [1, 1023, 1024, 1025, 64 * KiB - 1, 64 * KiB, 64 * KiB + 1, 200_000, 16 * 64 * KiB, 1_100_000];
const PIECES = [999, 64 * KiB, 300_000];

describe.each(FRAMINGS)('%s', (framing) => {
  /** The response to a request, whose body arrives in pieces of `size` bytes. */
  const coming = (body: Uint8Array, size: number): Promise<Stage & { readonly response: HTTPResponse }> =>
    fetched(framedScript(framing, body, { chunk: size }), { play: { split: size } });

  const cases = SIZES.flatMap((length) => PIECES.map((size): [number, number] => [length, size]));

  test.each(cases)('read(): %i bytes in pieces of %i', async (length, size) => {
    const body = pattern(length);
    const { response } = await coming(body, size);
    const found = await response.read();
    expect(same(found, body)).toBe(true);
    // Beyond the body, the array must expose nothing, and must not hold much more memory than the body needs.
    const behind = new Uint8Array(found.buffer).subarray(found.byteOffset + length);
    expect(behind.every((byte) => byte === 0)).toBe(true);
    expect(found.buffer.byteLength).toBeLessThanOrEqual(2 * length + KiB);
  });

  test.each(cases)('read(amount): %i bytes in pieces of %i', async (length, size) => {
    const body = pattern(length);
    for (const amount of [1, 1000, 64 * KiB, 150_000, length, length + 1]) {
      const { response } = await coming(body, size);
      const wanted = body.subarray(0, amount);
      expect(same(await response.read(amount), wanted)).toBe(true);
      expect(same(await response.read(), body.subarray(amount))).toBe(true);
    }
  });

  test('previously peeked bytes are part of it', async () => {
    const body = pattern(200_000);
    const calls: ((response: HTTPResponse) => Promise<unknown>)[] = [
      (response) => response.peek(10),
      (response) => response.peek(100_000),
      (response) => response.readLine(0),
    ];
    for (const call of calls) {
      for (const size of PIECES) {
        const { response } = await coming(body, size);
        await call(response);
        expect(same(await response.read(), body)).toBe(true);
      }
    }
  });

  test('text() and json()', async () => {
    const long = 'ä€𝄞'.repeat(30_000);
    for (const size of PIECES) {
      const { response } = await coming(Buffer.from(long), size);
      expect((await response.text()) === long).toBe(true);
      const second = await coming(Buffer.from(JSON.stringify([long])), size);
      expect((await second.response.json<string[]>())[0] === long).toBe(true);
    }
  });
});

describe('a truncated body', () => {
  const body = pattern(200_000);
  // A chunk of 300,000 bytes, of which only those of the body arrive.
  const chunk = Buffer.concat([bytes('493e0\r\n'), body]);
  const truncated: [name: string, start: string, came: Uint8Array][] = [
    ['a length', head('Content-Length: 300000'), body],
    ['chunks', head('Transfer-Encoding: chunked'), chunk],
  ];

  test.each(truncated)('%s: the error has all that arrived', async (_name, start, came) => {
    for (const split of PIECES) {
      for (const amount of [undefined, 250_000]) {
        const { response } = await fetched([start, came, END], { play: { split } });
        const error = await rejection(response.read(amount));
        expect(error).toMatchObject({ code: 'HTTP_INCOMPLETE_READ', expected: 100_000 });
        expect(same(error['partial'] as Uint8Array, body)).toBe(true);
      }
    }
  });

  test.each(truncated)(
    '%s: all that arrived is returned if that is tolerated',
    async (_name, start, came) => {
      for (const split of PIECES) {
        const { response } = await fetched([start, came, END], {
          tolerate: ['truncated-body'],
          play: { split },
        });
        const found = await response.read();
        expect(same(found, body)).toBe(true);
        // The block that was allocated for all of it may contain another owner's data.
        expect(found.buffer.byteLength).toBe(body.length);
      }
    },
  );

  test('strict: false, in chunks, one of which is invalid: the same', async () => {
    const whole = chunked(body, 30_000);
    const faulty = Buffer.concat([whole.subarray(0, whole.length - 5), bytes('zz\r\n')]);
    for (const split of PIECES) {
      const script = [head('Transfer-Encoding: chunked'), faulty, END];
      const { response } = await fetched(script, { strict: false, play: { split } });
      const error = await rejection(response.read());
      expect(error).toMatchObject({ code: 'HTTP_INCOMPLETE_READ' });
      expect(same(error['partial'] as Uint8Array, body)).toBe(true);
    }
  });
});

test.each([
  ['sixteen times what has arrived', 64 * KiB, 16],
  ['four times that, if it is much', 20 * KiB * KiB, 4],
])('memory is allocated for %s, and for no more of the announced length', async (_name, came, times) => {
  const allocation = vi.spyOn(Buffer, 'allocUnsafeSlow');
  // The last byte is what the block has to grow for.
  const script = [head('Content-Length: 10000000000'), new Uint8Array(came), 'x', END];
  const { response } = await fetched(script);
  const error = await rejection(response.read());
  const sizes = allocation.mock.calls.map(([size]) => size);
  allocation.mockRestore();
  expect(error).toMatchObject({ code: 'HTTP_INCOMPLETE_READ', expected: 10_000_000_000 - came - 1 });
  expect(Math.max(...sizes)).toBe(times * came);
});
