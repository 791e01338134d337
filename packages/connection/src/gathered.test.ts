import { describe, expect, test, vi } from 'vitest';

import type { HTTPResponse } from './index.js';
import { END } from './testing.js';
import { chunked, FRAMINGS, framedScript } from './testdata/framed.js';
import { bytes, fetched, head, rejection, type Stage } from './testdata/stage.js';

// A body that is read whole is put together of blocks: of some times what has come where the length is known, else of
// 64 KiB at most.

const KiB = 1024;

/** No two stretches of it fall on one another at the borders of blocks. */
const pattern = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => at % 251);

function same(found: Uint8Array, expected: Uint8Array): boolean {
  return Buffer.compare(found, expected) === 0;
}

const SIZES = [1, 1023, 1024, 1025, 64 * KiB - 1, 64 * KiB, 64 * KiB + 1, 200_000, 16 * 64 * KiB, 1_100_000];
const PIECES = [999, 64 * KiB, 300_000];

describe.each(FRAMINGS)('%s', (framing) => {
  /** The response to a request, whose body comes in pieces of so many bytes. */
  const coming = (body: Uint8Array, size: number): Promise<Stage & { readonly response: HTTPResponse }> =>
    fetched(framedScript(framing, body, { chunk: size }), { play: { split: size } });

  const cases = SIZES.flatMap((length) => PIECES.map((size): [number, number] => [length, size]));

  test.each(cases)('read(): %i bytes in pieces of %i', async (length, size) => {
    const body = pattern(length);
    const { response } = await coming(body, size);
    const found = await response.read();
    expect(same(found, body)).toBe(true);
    // Nothing but the body may be looked at behind it, and not much may be kept for its sake.
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

  test('what was looked at before is part of it', async () => {
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

describe('a body that breaks off', () => {
  const body = pattern(200_000);
  // A chunk of 300,000 bytes that has no more than the body's.
  const chunk = Buffer.concat([bytes('493e0\r\n'), body]);
  const truncated: [name: string, start: string, came: Uint8Array][] = [
    ['a length', head('Content-Length: 300000'), body],
    ['chunks', head('Transfer-Encoding: chunked'), chunk],
  ];

  test.each(truncated)('%s: all that came goes with the error', async (_name, start, came) => {
    for (const split of PIECES) {
      for (const amount of [undefined, 250_000]) {
        const { response } = await fetched([start, came, END], { play: { split } });
        const error = await rejection(response.read(amount));
        expect(error).toMatchObject({ code: 'HTTP_INCOMPLETE_READ', expected: 100_000 });
        expect(same(error['partial'] as Uint8Array, body)).toBe(true);
      }
    }
  });

  test.each(truncated)('%s: all that came is given where that is tolerated', async (_name, start, came) => {
    for (const split of PIECES) {
      const { response } = await fetched([start, came, END], {
        tolerate: ['truncated-body'],
        play: { split },
      });
      const found = await response.read();
      expect(same(found, body)).toBe(true);
      // The block that was made for all of it may hold what is somebody else's.
      expect(found.buffer.byteLength).toBe(body.length);
    }
  });

  test('strict: false, in chunks, one of which is at fault: the same', async () => {
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
  ['sixteen times what has come', 64 * KiB, 16],
  ['four times, where that is much', 20 * KiB * KiB, 4],
])('room is made for %s, and for no more of what is promised', async (_name, came, times) => {
  const allocation = vi.spyOn(Buffer, 'allocUnsafeSlow');
  // The last byte is what the room is made for.
  const script = [head('Content-Length: 10000000000'), new Uint8Array(came), 'x', END];
  const { response } = await fetched(script);
  const error = await rejection(response.read());
  const sizes = allocation.mock.calls.map(([size]) => size);
  allocation.mockRestore();
  expect(error).toMatchObject({ code: 'HTTP_INCOMPLETE_READ', expected: 10_000_000_000 - came - 1 });
  expect(Math.max(...sizes)).toBe(times * came);
});
