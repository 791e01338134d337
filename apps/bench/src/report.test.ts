import { expect, test } from 'vitest';

import { figures } from './report.js';
import { scenarios } from './scenarios.js';

test.each<[value: number, shown: string]>([
  [0.012_34, '0.0123'],
  [1.005, '1.00'],
  [99.96, '100'],
  [999.4, '999'],
  [999.5, '1,000'],
  [999.7, '1,000'],
  [1234.5, '1,235'],
  [1_234_567.8, '1,234,568'],
])('a figure of %d is shown as %s', (value, shown) => {
  const [scenario] = scenarios(1);
  const row = { client: 'socket', cpu: value, rate: value, memory: 0 };
  const [cells] = figures({ scenario: scenario!, rows: [row], ratio: () => undefined });
  expect([cells![2], cells![4]]).toEqual([shown, shown]);
});
