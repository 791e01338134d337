import { defineProject } from 'vitest/config';

import { alias, waiting } from '../../vitest.shared.js';

export default defineProject({
  resolve: { alias },
  test: { ...waiting, name: 'bench', include: ['src/**/*.test.ts'], testTimeout: 60_000 },
});
