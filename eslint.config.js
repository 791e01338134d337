import { builtinModules } from 'node:module';

import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

import { LAYERS, PURE, SOCKETS } from './layers.js';

/** What a layer may not import, each with the reason the linter gives. An editor shows it as one types. */
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
        ...builtinModules
          .filter(() => PURE.includes(name))
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
        // What `projectService` finds, the one of each folder, says the same and makes a program of its own: longer by half.
        project: ['tsconfig.json', 'apps/playground/web/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      // `bytes[i]!` below a length that was just checked: the alternative is a branch per byte.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // A signal's reason is the caller's own, and may be anything.
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
    // They run on more than Node: what all of those have.
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
    rules: restrictImports(file.split('/')[1], [socket]),
  })),
);
