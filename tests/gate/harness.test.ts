import { expect, test } from 'vitest';

import { describe as within, inFile, NotHere, run, standIn, test as declare } from '../runtimes/harness.js';
import { faultsOf } from '../runtimes/left-out.js';

test('the harness that replaces vitest reports what failed and what was skipped', async () => {
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

test('one skipped test more or fewer in a browser is a fault', () => {
  const known = faultsOf('page', []).map((fault) => {
    const [, times = '', each = ''] =
      /^skipped 0 times, expected (\d+) times \(left-out\.js\): (.+)$/.exec(fault) ?? [];
    return Array.from({ length: Number(times) }, () => each);
  });
  const all = known.flat();
  expect(all.length).toBeGreaterThan(10);
  expect(faultsOf('page', all)).toEqual([]);
  for (const [index, each] of all.entries()) {
    expect(faultsOf('page', all.toSpliced(index, 1))).toEqual([expect.stringContaining(each)]);
  }
  expect(faultsOf('page', [...all, 'a.test.ts: it is not here'])).toEqual([
    'skipped 1 times, expected 0 times (left-out.js): a.test.ts: it is not here',
  ]);
});
