import { defineConfig } from 'vitest/config';

import { patience } from '../../vitest.shared.js';

// A separate step of the gate (npm run packed): packing and installing would slow down the other tests.
export default defineConfig({
  test: {
    ...patience,
    name: 'packed',
    root: import.meta.dirname,
    include: ['*.test.ts'],
    globalSetup: ['setup.ts'],
  },
});
