import { expect, test } from 'vitest';

import { endEverywhere } from './testdata/cut-vectors.js';

// A file for each way to end, so that two cores can share the work.
test('every recorded answer, ended by FIN at every position', async () => {
  expect(await endEverywhere('fin')).toBeGreaterThan(60_000);
});
