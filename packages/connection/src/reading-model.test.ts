import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import type { HTTPResponse } from './index.js';
import { FRAMINGS, framedScript } from './testdata/framed.js';
import { bytes, fetched, text } from './testdata/stage.js';

/** The expected body: its text, and how much of it has been returned. */
class Model {
  at = 0;
  constructor(readonly body: string) {}

  get rest(): string {
    return this.body.slice(this.at);
  }

  take(text: string): void {
    this.at += text.length;
  }
}

/** One call on a response, with a check of its result. */
interface Call {
  readonly name: string;
  run(response: HTTPResponse, model: Model): Promise<void>;
}

/** Returns exactly the expected bytes. */
function exact(
  name: string,
  call: (response: HTTPResponse) => Promise<Uint8Array | string>,
  expected: (rest: string) => string,
): Call {
  return {
    name,
    async run(response, model) {
      const got = await call(response);
      const given = typeof got === 'string' ? got : text(got);
      expect(given).toBe(expected(model.rest));
      model.take(given);
    },
  };
}

/** Returns some of the next bytes, at most `limit`; none only if none are left or requested. */
function some(
  name: string,
  call: (response: HTTPResponse) => Promise<Uint8Array>,
  limit: number,
  { consumes = true } = {},
): Call {
  return {
    name,
    async run(response, model) {
      const given = text(await call(response));
      expect(model.rest.slice(0, limit).startsWith(given)).toBe(true);
      if (limit > 0 && model.rest !== '') expect(given).not.toBe('');
      if (consumes) model.take(given);
    },
  };
}

/** Fills a view that has an offset, and checks that nothing outside it was written. */
async function into(fill: (target: Uint8Array) => Promise<number>, size: number): Promise<Uint8Array> {
  const whole = new Uint8Array(size + 4).fill(0xee);
  const count = await fill(whole.subarray(2, size + 2));
  expect(count).toBeLessThanOrEqual(size);
  expect([...whole.subarray(0, 2), ...whole.subarray(count + 2)]).toEqual(Array(size - count + 4).fill(0xee));
  return whole.subarray(2, count + 2);
}

const line = (rest: string): string => rest.slice(0, rest.indexOf('\n') + 1 || rest.length);

const amount = fc.integer({ min: 0, max: 12 });
const calls: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.constant(
      exact(
        'read()',
        (response) => response.read(),
        (rest) => rest,
      ),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant(
      exact(
        'text()',
        (response) => response.text(),
        (rest) => rest,
      ),
    ),
  },
  {
    weight: 4,
    arbitrary: amount.map((n) =>
      exact(
        `read(${n})`,
        (response) => response.read(n),
        (rest) => rest.slice(0, n),
      ),
    ),
  },
  { weight: 3, arbitrary: amount.map((n) => some(`read1(${n})`, (response) => response.read1(n), n)) },
  { weight: 1, arbitrary: fc.constant(some('read1()', (response) => response.read1(), Infinity)) },
  {
    weight: 3,
    arbitrary: amount.map((n) =>
      exact(
        `readInto(${n})`,
        (response) => into((target) => response.readInto(target), n),
        (rest) => rest.slice(0, n),
      ),
    ),
  },
  {
    weight: 3,
    arbitrary: amount.map((n) =>
      some(`readInto1(${n})`, (response) => into((target) => response.readInto1(target), n), n),
    ),
  },
  {
    weight: 3,
    arbitrary: amount.map((n) => some(`peek(${n})`, (response) => response.peek(n), n, { consumes: false })),
  },
  {
    weight: 2,
    arbitrary: fc.constant(some('peek()', (response) => response.peek(), Infinity, { consumes: false })),
  },
  { weight: 4, arbitrary: fc.constant(exact('readLine()', (response) => response.readLine(), line)) },
  {
    weight: 3,
    arbitrary: amount.map((n) =>
      exact(
        `readLine(${n})`,
        (response) => response.readLine(n),
        (rest) => line(rest).slice(0, n),
      ),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constant(
      some(
        'next()',
        async (response) => {
          for await (const block of response) return block;
          return new Uint8Array(0);
        },
        Infinity,
      ),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant(
      exact(
        'one of lines()',
        async (response) => {
          for await (const given of response.lines()) return given;
          return '';
        },
        line,
      ),
    ),
  },
);

const bodies = fc.array(fc.constantFrom('\n', 'a', 'b', '\r\n', '\xff', '0\r\n\r\n'), { maxLength: 30 });
const splits = fc.constantFrom<('bytes' | number)[]>('bytes', 2, 3, 5, 8, 64, 1000);

test('every sequence of calls returns the body, in order and to its end', async () => {
  await fc.assert(
    fc.asyncProperty(
      bodies.map((parts) => parts.join('')),
      fc.constantFrom(...FRAMINGS),
      splits,
      fc.integer({ min: 1, max: 9 }),
      fc.array(calls, { maxLength: 20 }),
      async (body, framing, split, chunk, program) => {
        const { response, connection } = await fetched(
          framedScript(framing, bytes(body), {
            chunk,
            fields: ['Content-Type: text/plain; charset=iso-8859-1'],
          }),
          {
            play: { split },
          },
        );
        const model = new Model(body);
        for (const call of program) {
          await call.run(response, model);
          const told = framing === 'length' ? model.rest.length : undefined;
          expect([call.name, response.length]).toEqual([call.name, told]);
          if (response.closed) expect(model.rest).toBe('');
          if (framing === 'length') expect(response.closed).toBe(model.rest === '');
        }
        expect(text(await response.read())).toBe(model.rest);
        expect(text(await response.read1())).toBe('');
        expect(response.closed).toBe(true);
        connection.close();
      },
    ),
    { seed: 20240613, numRuns: 600 },
  );
});
