import { defineProject } from 'vitest/config';

import { waiting } from '../vitest.shared.js';

// These tests look at the repository from outside, at what is built: no alias leads them to the sources.
export default defineProject({
  test: {
    ...waiting,
    name: 'tests',
    include: ['**/*.test.ts'],
    exclude: ['packed/**'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
