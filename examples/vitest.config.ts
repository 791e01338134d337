import { defineProject } from 'vitest/config';

import { patience } from '../vitest.shared.js';

// The recipes run as for somebody who copied them: each in a separate process, on the built packages.
export default defineProject({
  test: {
    ...patience,
    name: 'examples',
    include: ['src/**/*.test.ts'],
  },
});
