import { isDeepStrictEqual } from 'node:util';

import { describe, expect, test } from 'vitest';

import { loadRequests, REQUEST_RULES, type RequestVector } from './testdata/requests-load.js';
import { replay, type Pace } from './testdata/requests-replay.js';

const FILES = ['targets', 'hosts', 'bodies', 'fields', 'steps', 'refused', 'order'];

/** What has to come of a vector: what the reference did, or what the rule says that its difference is. */
const expected = ({ recorded, rule }: RequestVector): object => rule?.expected ?? recorded;

/** A source is read after the head has gone, so that its fault cannot hold the head back. */
const readsLate = (call: unknown): boolean =>
  /"(iterable|generator|texts|file|textfile)"/.test(JSON.stringify(call));

describe.each(FILES)('what Python 3.13 was seen to send: %s', (file) => {
  const vectors = loadRequests(file);

  test.each<Pace>(['now', 'later'])(
    'is sent, and refused, by this client (bodies that come %s)',
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
        // Two packets where one would do may cost a round trip (Nagle's algorithm, delayed ACK).
        if (calls.length === 1 && calls[0]![0] === 'request' && !readsLate(calls) && writes > 1)
          differences.push({ name, writes });
      }
      expect(differences).toEqual([]);
    },
  );
});

test('every rule that is named is known, and every known one is named', () => {
  const named = FILES.flatMap(loadRequests).flatMap(({ rule }) => (rule === undefined ? [] : [rule.name]));
  expect([...new Set(named)].sort()).toEqual(Object.keys(REQUEST_RULES).sort());
});
