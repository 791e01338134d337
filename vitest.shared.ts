import { fileURLToPath } from 'node:url';

import { LAYERS } from './layers.js';

/** Tests run on the sources, so that a change is seen without a build. */
const source = (path: string): string => fileURLToPath(new URL(`./packages/${path}`, import.meta.url));

export const alias = [
  { find: '@http-client/connection/testing', replacement: source('connection/src/testing.ts') },
  ...LAYERS.map((name) => ({
    find: new RegExp(`^@http-client/${name}$`),
    replacement: source(`${name}/src/index.ts`),
  })),
];

/** What hangs ends after so long: how fast anything is, is not asked of a test, on however busy a machine. */
export const patience = { testTimeout: 120_000, hookTimeout: 120_000 };
