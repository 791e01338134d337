import { defineConfig } from 'vitest/config';

import { patience } from '../../vitest.shared.js';

// A step of the gate by itself, npm run packed: it packs and installs, which the tests at hand need not wait for.
export default defineConfig({
  test: {
    ...patience,
    name: 'packed',
    root: import.meta.dirname,
    include: ['*.test.ts'],
    globalSetup: ['setup.ts'],
  },
});
