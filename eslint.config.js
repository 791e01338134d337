import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

import { LAYERS, PURE } from './layers.js';

/** The packages that a layer may not import, each with the reason the linter gives. */
const forbidden = (name) => [
  ...LAYERS.slice(LAYERS.indexOf(name)).map((above) => ({
    group: [`@http-client/${above}`, `@http-client/${above}/*`, `**/${above}/src/**`],
    message: `layers: ${name} may not import ${above}`,
  })),
  {
    group: ['node:net', 'net', 'node:tls', 'tls'],
    message: 'sockets are opened in connection/src/tcp.ts alone',
  },
  ...(PURE.includes(name)
    ? [{ group: ['node:*'], message: `${name} runs in browsers and workers: nothing of Node's` }]
    : []),
];

export default defineConfig(
  globalIgnores(['**/dist/', '**/coverage/', '**/node_modules/', '**/.turbo/', '**/temp/']),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // `bytes[i]!` below a length that was just checked: the alternative is a branch per byte.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
    },
  },
  { files: ['**/*.js'], extends: [tseslint.configs.disableTypeChecked] },
  {
    files: ['scripts/**', '*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
  ...LAYERS.map((name) => ({
    files: [`packages/${name}/src/**/*.ts`],
    ignores: ['**/*.test.ts', '**/testdata/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: forbidden(name) }] },
  })),
  { files: ['packages/connection/src/tcp.ts'], rules: { 'no-restricted-imports': 'off' } },
);
