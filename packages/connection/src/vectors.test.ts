import { decodeLatin1 } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { expectationOf } from './testdata/vectors-expected.js';
import { loadVectors, type Outcome, type Vector } from './testdata/vectors-load.js';
import { replay, type Cut } from './testdata/vectors-replay.js';
import { RULES, type Rule } from './testdata/vectors-rules.js';

// Compares `strict: false` with what scripts/record-responses.py recorded from CPython 3.13's http.client.

const FILES = ['head', 'length', 'chunked', 'close', 'reading', 'truncated', 'keepalive'] as const;
const VECTORS = FILES.map((file) => [file, loadVectors(file)] as const);

/** Longer responses are split at every position up to this one. */
const FAR = 600;

/**
 * Whether each vector is split at every one of its positions, even within a prefix that it shares with others. Takes
 * minutes.
 */
const EVERY_SPLIT = process.env['HTTP_CLIENT_EVERY_SPLIT'] === '1';

const WHOLE: Cut = () => Infinity;

describe('the differences from the reference', () => {
  const departures = VECTORS.flatMap(([, vectors]) =>
    vectors.flatMap((vector) =>
      expectationOf(vector, vector.outcomes, 'whole').departures.map((departure) => ({
        vector: vector.name,
        ...departure,
      })),
    ),
  );

  test('each has a rule', () => {
    expect(departures.filter(({ rules }) => rules.length === 0)).toEqual([]);
  });

  test.each(Object.keys(RULES) as Rule[])('and each rule has one: %s', (rule) => {
    expect(departures.some(({ rules }) => rules.includes(rule))).toBe(true);
  });
});

describe.each(VECTORS)('%s', (_file, vectors) => {
  test.each(vectors.map((vector) => [vector.name, vector] as const))('%s', async (_name, vector) => {
    const standing = vector.outcomes[0]?.standing !== undefined;
    const whole = await replay(vector.exchanges, WHOLE, standing);
    expectSame(whole, expectationOf(vector, whole, 'whole').outcomes, 'delivered whole');

    if (!standing && !whole.some(isSilent)) {
      // Whether the peer closes after the response makes no difference unless the reference read that far.
      const ended = {
        ...vector,
        exchanges: vector.exchanges.map((exchange) => ({ ...exchange, end: true })),
      };
      expectSame(await replay(ended.exchanges, WHOLE, false), whole, 'and the peer closed');
    }

    const cuts = cutsOf(vector);
    const outcomes = await untraced(() =>
      Promise.all(cuts.map(({ cut }) => replay(vector.exchanges, cut, standing))),
    );
    const same = JSON.stringify(whole);
    for (const [index, outcome] of outcomes.entries()) {
      if (JSON.stringify(outcome) === same) continue;
      expectSame(outcome, expectationOf(vector, outcome, 'split').outcomes, cuts[index]!.name);
    }
  });
});

/** Like `toEqual`, but fast if they are the same. */
function expectSame(actual: Outcome[], expected: Outcome[], message: string): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) expect(actual, message).toEqual(expected);
}

/** Omits the stacks of errors, which would cost more than everything else. */
async function untraced<T>(run: () => Promise<T>): Promise<T> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return await run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function isSilent(outcome: Outcome): boolean {
  return JSON.stringify(outcome).includes('"waits":true');
}

/** Prefixes of responses that were split at their end. */
const seen = new Set<string>();

/** Two blocks, split at every position; and single bytes. */
function cutsOf({ exchanges }: Vector): { name: string; cut: Cut }[] {
  const positions = new Set<number>();
  const lengths = exchanges.map(({ method, answer }) => {
    const text = decodeLatin1(answer);
    for (const position of placesIn(text)) {
      // Many responses begin alike: a shared prefix is split only at every eighth position, and at different ones each
      // time.
      const beginning = `${method} ${text.slice(0, position + 1)}`;
      if (EVERY_SPLIT || !seen.has(beginning) || (position + seen.size) % 8 === 0) positions.add(position);
      seen.add(beginning);
    }
    return text.length;
  });
  const cuts = [...positions].map((position) => ({
    name: `cut at ${position}`,
    cut: (offset: number) => (offset < position ? position - offset : Infinity),
  }));
  const longest = Math.max(...lengths);
  // Byte by byte near both ends, and in large blocks through the long line between.
  const trickle = (offset: number): number =>
    offset < FAR || offset >= longest - FAR ? 1 : Math.min(4096, longest - FAR - offset);
  return [...cuts, { name: 'byte by byte', cut: trickle }];
}

/**
 * Every position in a text up to FAR. All positions within a long run of one character are equivalent, so they are
 * skipped.
 */
function* placesIn(text: string): Generator<number> {
  let run = 0;
  for (let at = 1; at < text.length && at - run < FAR; at++) {
    const within = text.startsWith(text.charAt(at).repeat(16), at - 8);
    if (within) run++;
    else yield at;
  }
}
