import { defineProject } from 'vitest/config';

import { alias } from '../../vitest.shared.js';

export default defineProject({
  resolve: { alias },
  // Most tests start a process or two.
  test: {
    name: 'playground',
    include: ['src/**/*.test.ts', 'web/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
