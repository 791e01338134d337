import { defineProject } from 'vitest/config';

import { alias, patience } from '../../vitest.shared.js';

export default defineProject({
  resolve: { alias },
  test: { ...patience, name: 'io', include: ['src/**/*.test.ts'] },
});
