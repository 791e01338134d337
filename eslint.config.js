import { builtinModules } from 'node:module';

import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

import { LAYERS, PURE, SOCKETS } from './layers.js';

/**
 * What a layer may not import, each with the message that the linter gives. An editor shows it while typing.
 *
 * @param {string} name
 * @param {readonly string[]} [sockets] Node's socket modules that it may import
 * @returns {import('eslint').Linter.RulesRecord}
 */
const restrictImports = (name, sockets = []) => ({
  'no-restricted-imports': [
    'error',
    {
      paths: [
        ...Object.entries(SOCKETS)
          .filter(([socket]) => !sockets.includes(socket) && !PURE.includes(name))
          .flatMap(([socket, file]) => [
            { name: socket, message: `layers: node:${socket} is for ${file} alone` },
            { name: `node:${socket}`, message: `layers: node:${socket} is for ${file} alone` },
          ]),
        ...(PURE.includes(name) ? builtinModules : [])
          .flatMap((module) => [module, `node:${module}`])
          .map((module) => ({ name: module, message: `layers: ${name} imports nothing of Node's` })),
      ],
      patterns: LAYERS.slice(LAYERS.indexOf(name)).map((above) => ({
        group: [`@http-client/${above}`, `@http-client/${above}/*`, `**/${above}/src/**`],
        message: `layers: ${name} may not import ${above}`,
      })),
    },
  ],
});

export default defineConfig(
  globalIgnores(['**/dist/', '**/coverage/', 'site/', '**/node_modules/', '**/.turbo/', '**/temp/']),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        // `projectService` would find the tsconfig of each folder, which says the same, and load a program for each:
        // linting would take half as long again.
        project: ['tsconfig.json', 'apps/playground/web/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      // One file, one idea (CONTRIBUTING.md).
      'max-lines': ['error', 400],
      // `bytes[i]!` directly after a bounds check: the alternative is another branch per byte.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // The reason of an AbortSignal comes from the caller, and may be any value.
      '@typescript-eslint/prefer-promise-reject-errors': [
        'error',
        { allowThrowingUnknown: true, allowThrowingAny: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
    },
  },
  { files: ['**/*.js'], extends: [tseslint.configs.disableTypeChecked] },
  {
    files: ['scripts/**', '*.js', '.*.js'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', performance: 'readonly', URL: 'readonly' },
    },
  },
  {
    // These run on other runtimes too: only the globals that all of them have.
    files: ['tests/runtimes/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          ...['process', 'console', 'setTimeout', 'clearTimeout', 'URL', 'Buffer', 'Blob', 'Response'],
          ...['TextDecoder', 'TextEncoder', 'AbortController'],
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
  ...LAYERS.map((name) => ({
    files: [`packages/${name}/src/**/*.ts`],
    ignores: ['**/*.test*.ts', '**/testdata/**'],
    rules: restrictImports(name),
  })),
  ...Object.entries(SOCKETS).map(([socket, file]) => ({
    files: [file],
    rules: restrictImports(file.split('/')[1] ?? '', [socket]),
  })),
);
