import { expect, test } from 'vitest';

import { endEverywhere } from './testdata/cut-vectors.js';

// One file for each way to end, so that two cores can share the work.
test('every recorded response, ended by RST at every position', async () => {
  expect(await endEverywhere('reset')).toBeGreaterThan(60_000);
});
