import { defineProject } from 'vitest/config';

import { alias } from '../../vitest.shared.js';

export default defineProject({
  resolve: { alias },
  test: { name: 'tls', include: ['src/**/*.test.ts'], globalSetup: ['src/testdata/certificates.ts'] },
});
