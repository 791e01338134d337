import { fileURLToPath } from 'node:url';

import { LAYERS } from './layers.js';

/** The packages' tests run on the sources, so that a change takes effect without a build. */
const source = (path: string): string => fileURLToPath(new URL(`./packages/${path}`, import.meta.url));

export const alias = [
  { find: '@http-client/connection/testing', replacement: source('connection/src/testing.ts') },
  ...LAYERS.map((name) => ({
    find: new RegExp(`^@http-client/${name}$`),
    replacement: source(`${name}/src/index.ts`),
  })),
];

/** Only to end a test that hangs. Tests do not check speed, so these must be long enough for any busy machine. */
export const patience = { testTimeout: 600_000, hookTimeout: 600_000 };
