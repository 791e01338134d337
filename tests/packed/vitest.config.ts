import { defineConfig } from 'vitest/config';

// A step of the gate by itself, npm run packed: it packs and installs, which the tests at hand need not wait for.
export default defineConfig({
  test: {
    name: 'packed',
    root: import.meta.dirname,
    include: ['*.test.ts'],
    globalSetup: ['setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
