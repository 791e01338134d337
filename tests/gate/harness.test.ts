import { expect, test } from 'vitest';

import { describe as within, inFile, NotHere, run, standIn, test as declare } from '../runtimes/harness.js';
import { faultsOf } from '../runtimes/left-out.js';

test('the harness for where vitest does not run tells what failed, and what was left out', async () => {
  const seen: unknown[] = [];
  declare('passes', () => Promise.resolve());
  within('within', () => {
    declare('throws', () => {
      throw new Error('planted');
    });
    declare('rejects', () => Promise.reject(new Error('planted, late')));
  });
  inFile('a.test.ts', () => {
    declare('needs something', () => {
      throw new NotHere('it is not here');
    });
    within('within', () => {
      declare('has a stand-in', () => {
        standIn('nor is that', () => undefined);
      });
    });
  });
  declare.each([[1, 'a'], 2])('row', (...args: unknown[]) => {
    seen.push(args);
  });
  expect(standIn('a table', () => 'another')).toBe('another');

  const { passed, failed, leftOut } = await run();
  expect(passed).toBe(3);
  expect(failed).toEqual([
    expect.stringMatching(/^within > throws: Error: planted\n/),
    expect.stringMatching(/^within > rejects: Error: planted, late\n/),
  ]);
  expect(leftOut).toEqual(['a.test.ts: it is not here', 'a.test.ts: nor is that']);
  expect(seen).toEqual([[1, 'a'], [2]]);
});

test('one test more or less that is left out in a browser is a fault', () => {
  const known = faultsOf('page', []).map((fault) => {
    const [, times = '', each = ''] =
      /^left out 0 times, and (\d+) times by left-out.js: (.+)$/.exec(fault) ?? [];
    return Array.from({ length: Number(times) }, () => each);
  });
  const all = known.flat();
  expect(all.length).toBeGreaterThan(10);
  expect(faultsOf('page', all)).toEqual([]);
  for (const [index, each] of all.entries()) {
    expect(faultsOf('page', all.toSpliced(index, 1))).toEqual([expect.stringContaining(each)]);
  }
  expect(faultsOf('page', [...all, 'a.test.ts: it is not here'])).toEqual([
    'left out 1 times, and 0 times by left-out.js: a.test.ts: it is not here',
  ]);
});
