import { defineConfig } from 'vitest/config';

import { PURE } from './layers.js';

const ALL = { statements: 100, branches: 100, functions: 100, lines: 100 };

export default defineConfig({
  test: {
    // No test depends on how busy the machine is, so they use every core.
    maxWorkers: '100%',
    projects: [
      'packages/*',
      'apps/*',
      'examples',
      'tests',
      {
        // The tests of the public types, which only the compiler checks: one run for all packages.
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ['packages/*/src/**/*.test-d.ts'],
            tsconfig: 'tsconfig.types.json',
          },
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      exclude: ['**/*.test*.ts', '**/testdata/**'],
      reporter: ['text', 'html'],
      // The parsers are in these packages: every branch of a parser must be tested.
      thresholds: Object.fromEntries(PURE.map((name) => [`packages/${name}/src/**`, ALL])),
    },
  },
});
