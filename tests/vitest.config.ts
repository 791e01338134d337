import { defineProject } from 'vitest/config';

import { patience } from '../vitest.shared.js';

// These tests look at the repository from outside, at what is built: no alias leads them to the sources.
export default defineProject({
  test: {
    ...patience,
    name: 'tests',
    include: ['**/*.test.ts'],
    exclude: ['packed/**'],
  },
});
