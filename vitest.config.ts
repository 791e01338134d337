import { defineConfig } from 'vitest/config';

import { PURE } from './layers.js';

const ALL = { statements: 100, branches: 100, functions: 100, lines: 100 };

export default defineConfig({
  test: {
    // No test minds a busy machine: every core has its own.
    maxWorkers: '100%',
    projects: [
      'packages/*',
      'apps/*',
      'examples',
      'tests',
      {
        // The public types, told by the compiler alone: one run of it for all packages.
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
      // A parser is done when every branch of it has been seen to matter.
      thresholds: Object.fromEntries(PURE.map((name) => [`packages/${name}/src/**`, ALL])),
    },
  },
});
