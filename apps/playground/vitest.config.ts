import { defineProject } from 'vitest/config';

import { alias, waiting } from '../../vitest.shared.js';

export default defineProject({
  resolve: { alias },
  test: {
    ...waiting,
    name: 'playground',
    include: ['src/**/*.test.ts', 'web/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
