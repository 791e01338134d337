import { defineProject } from 'vitest/config';

import { patience } from '../vitest.shared.js';

// These tests check the repository from outside, and the builds: no alias maps the packages to their sources.
export default defineProject({
  test: {
    ...patience,
    name: 'tests',
    include: ['**/*.test.ts'],
    exclude: ['packed/**'],
  },
});
