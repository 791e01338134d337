import { defineProject } from 'vitest/config';

import { patience } from '../vitest.shared.js';

// The recipes run as somebody who copied them would run them: on the packages as they are built, each in a process of its own.
export default defineProject({
  test: {
    ...patience,
    name: 'examples',
    include: ['src/**/*.test.ts'],
  },
});
