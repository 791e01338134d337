import { HTTPException, IncompleteRead } from '@http-client/errors';
import { describe, expect, test } from 'vitest';

import type { HTTPResponse } from './index.js';
import { END, type ScriptStep } from './testing.js';
import { bytes, fetched, head, quiet, text } from './testdata/stage.js';

/** One body with each framing; the stream ends after it. */
const framings: [name: string, head: string, body: string, end: string][] = [
  ['by its length', head('Content-Length: 12'), 'one\ntwo\nthree'.slice(0, 12), ''],
  [
    'by its length, with Connection: close',
    head('Content-Length: 12', 'Connection: close'),
    'one\ntwo\nthre',
    '',
  ],
  ['chunked', head('Transfer-Encoding: chunked'), 'C\r\none\ntwo\nthre\r\n', '0\r\n\r\n'],
  ['to the end of the stream', head(), 'one\ntwo\nthre', ''],
];

/** The results of several calls, in the order in which they settled. */
async function inOrder(calls: readonly Promise<unknown>[]): Promise<[call: number, result: unknown][]> {
  const results: [number, unknown][] = [];
  await Promise.all(
    calls.map(async (call, index) => {
      const result = await call.catch((error: unknown) => error);
      results.push([index, result instanceof Uint8Array ? text(result) : result]);
    }),
  );
  return results;
}

describe('calls that overlap', () => {
  const calls = (response: HTTPResponse, target: Uint8Array): Promise<unknown>[] => [
    response.readLine(),
    response.peek(1),
    response.read(2),
    response.readInto(target),
    response.read1(1),
    response.read(),
    response.read(),
    response.read(5),
    response.readLine(),
    response.peek(),
    response.readInto1(target),
    response.text(),
  ];
  const expected = ['one\n', 't', 'tw', 3, 'h', 're', '', '', '', '', 0, ''];

  for (const split of [undefined, 1, 5]) {
    test.each(framings)(
      `are served in order: %s (split: ${split ?? 'no'})`,
      async (_name, start, body, end) => {
        const script: ScriptStep[] = [start, body + end, END];
        const { response, transport } = await fetched(script, { play: split === undefined ? {} : { split } });
        const target = new Uint8Array(3);
        const results = await inOrder(calls(response, target));
        expect(results).toEqual(expected.map((result, index) => [index, result]));
        expect(text(target)).toBe('o\nt');
        expect(response.closed).toBe(true);
        await quiet();
        expect(transport.closed).toBe(true);
      },
    );
  }

  test('after one that fails are rejected with it', async () => {
    const { response } = await fetched([head('Content-Length: 9'), 'some', END]);
    const [[, first], ...others] = (await inOrder([
      response.read(),
      response.read(),
      response.readLine(),
    ])) as [[number, unknown], ...[number, unknown][]];
    expect(first).toBeInstanceOf(IncompleteRead);
    expect(first).toMatchObject({ partial: bytes('some'), expected: 5 });
    for (const [, error] of others) expect(error).toBeInstanceOf(HTTPException);
    // A later call finds that the response has ended.
    expect(await response.read()).toHaveLength(0);
  });

  test('are all rejected by close()', async () => {
    const { response, transport } = await fetched([head('Content-Length: 9'), 'some']);
    const waiting = inOrder([response.read(), response.read(1), response.json()]);
    await quiet();
    response.close();
    for (const [, error] of await waiting) expect(error).toBeInstanceOf(HTTPException);
    expect(transport.closed).toBe(true);
    expect(await response.read()).toHaveLength(0);
  });
});
