import { defineProject } from 'vitest/config';

import { alias, patience } from '../../vitest.shared.js';

export default defineProject({
  resolve: { alias },
  test: {
    ...patience,
    name: 'playground',
    include: ['src/**/*.test.ts', 'web/**/*.test.ts'],
  },
});
