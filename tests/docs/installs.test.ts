import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { LAYERS } from '../../layers.js';
import { ROOT } from '../../scripts/workspaces.js';
import { programsIn } from './programs.js';

// With pnpm and Yarn's Plug'n'Play a program cannot import what came along as a dependency of a dependency.
test.each(LAYERS)('the README of %s says to install what its programs import', (layer) => {
  const file = `packages/${layer}/README.md`;
  const markdown = readFileSync(join(ROOT, file), 'utf8');
  const [, install = ''] = /^## Install\n([^]*?)^## /m.exec(markdown) ?? [];
  const imported = programsIn(file, markdown).flatMap(({ code }) =>
    [...code.matchAll(/from '(@http-client\/\w+)/g)].map(([, name]) => name!),
  );
  expect(imported).toContain(`@http-client/${layer}`);
  expect(imported.filter((name) => !install.includes(name))).toEqual([]);
});
