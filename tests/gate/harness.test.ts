import { expect, test } from 'vitest';

import { describe as within, NotHere, run, standIn, test as declare } from '../runtimes/harness.js';

test('the harness for where vitest does not run tells what failed, and what was left out', async () => {
  const seen: unknown[] = [];
  declare('passes', () => Promise.resolve());
  within('within', () => {
    declare('throws', () => {
      throw new Error('planted');
    });
    declare('rejects', () => Promise.reject(new Error('planted, late')));
  });
  declare('needs something', () => {
    throw new NotHere('it is not here');
  });
  declare('has a stand-in', () => {
    standIn('nor is that', () => undefined);
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
  expect(leftOut).toEqual(['needs something: it is not here', 'has a stand-in: nor is that']);
  expect(seen).toEqual([[1, 'a'], [2]]);
});
