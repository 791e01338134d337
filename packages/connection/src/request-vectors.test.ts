import { isDeepStrictEqual } from 'node:util';

import { describe, expect, test } from 'vitest';

import { loadRequests, REQUEST_RULES, type RequestVector } from './testdata/requests-load.js';
import { replay, type Pace } from './testdata/requests-replay.js';

const FILES = ['targets', 'hosts', 'bodies', 'fields', 'steps', 'refused', 'order'];

/** The expected result of a vector: what the reference did, or the documented difference of its rule. */
const expected = ({ recorded, rule }: RequestVector): object => rule?.expected ?? recorded;

/** A source is read after the head has been sent, so that an error of the source cannot delay the head. */
const readsLate = (call: unknown): boolean =>
  /"(iterable|generator|texts|file|textfile)"/.test(JSON.stringify(call));

describe.each(FILES)('requests recorded from Python 3.13: %s', (file) => {
  const vectors = loadRequests(file);

  test.each<Pace>(['now', 'later'])(
    'are sent, and rejected, by this client in the same way (bodies that arrive %s)',
    async (pace) => {
      const differences: object[] = [];
      for (const vector of vectors) {
        const { outcome, wroteRefused, state, writes } = await replay(vector, pace);
        const { name, rule, calls } = vector;
        if (!isDeepStrictEqual(outcome, expected(vector)))
          differences.push({ name, rule: rule?.name, came: outcome, expected: expected(vector) });
        const wrote = wroteRefused.filter((place) => !readsLate(calls[Number(place)]));
        if (wrote.length > 0) differences.push({ name, wroteRefused: wrote });
        if (calls.length === 1 && '0' in outcome.errors && state !== 'Idle')
          differences.push({ name, state });
        // Two packets instead of one may cost a round trip (Nagle's algorithm, delayed ACK).
        if (calls.length === 1 && calls[0]![0] === 'request' && !readsLate(calls) && writes > 1)
          differences.push({ name, writes });
      }
      expect(differences).toEqual([]);
    },
  );
});

test('every rule that is used exists, and every rule is used', () => {
  const named = FILES.flatMap(loadRequests).flatMap(({ rule }) => (rule === undefined ? [] : [rule.name]));
  expect([...new Set(named)].sort()).toEqual(Object.keys(REQUEST_RULES).sort());
});
