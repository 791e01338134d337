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

/**
 * For tests that start processes and wait for them: on every core at once, once the packages' tests are through, of
 * which some have a timeout of some milliseconds to keep.
 */
export const waiting = { maxWorkers: '100%', sequence: { groupOrder: 1 } };
