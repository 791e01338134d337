import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, test } from 'vitest';

import eslintConfig from '../../eslint.config.js';
import { LAYERS, SOCKETS } from '../../layers.js';
import { checkLayers } from '../../scripts/check-layers.js';
import { ROOT } from '../../scripts/workspaces.js';
import { temporaryFolder } from '../support/folders.js';

type Tree = Record<string, string>;

/** A small, correct workspace: each package imports the one below it. */
const clean: Tree = Object.fromEntries(
  LAYERS.flatMap((name, index) => {
    const below = LAYERS[index - 1];
    const manifest = {
      name: `@http-client/${name}`,
      type: 'module',
      dependencies: below === undefined ? {} : { [`@http-client/${below}`]: '^1.0.0' },
    };
    const source = below === undefined ? 'export {};\n' : `export * from '@http-client/${below}';\n`;
    return [
      [`packages/${name}/package.json`, JSON.stringify(manifest)],
      [`packages/${name}/src/index.ts`, source],
    ];
  }),
);

/** Writes the tree to a new folder, which is removed after the test. */
function plant(tree: Tree): string {
  const root = temporaryFolder(tree);
  // An absolute path: the resolver would resolve a relative one against the current folder.
  const paths = { '@http-client/*': [join(root, 'packages/*/src/index.ts')] };
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
  writeFileSync(
    join(root, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { module: 'NodeNext', paths } }),
  );
  return root;
}

/** A manifest whose dependencies differ from the clean tree's. */
const manifest = (name: string, kind: string, ...dependencies: string[]): Tree => ({
  [`packages/${name}/package.json`]: JSON.stringify({
    name: `@http-client/${name}`,
    type: 'module',
    [kind]: Object.fromEntries(dependencies.map((dependency) => [dependency, '^1.0.0'])),
  }),
});

test('a tree without a fault passes', async () => {
  expect(await checkLayers(plant(clean))).toEqual([]);
});

test('files that are not shipped may use Node and the repository’s tools', async () => {
  const tree = {
    ...clean,
    'packages/io/src/x.test.ts': "import 'node:net';\nimport 'vitest';\n",
    'packages/io/src/testdata/x.ts': "import 'node:fs';\n",
    'node_modules/vitest/package.json': '{ "name": "vitest", "main": "index.js" }',
    'node_modules/vitest/index.js': '',
  };
  expect(await checkLayers(plant(tree))).toEqual([]);
});

test('the file named for a socket module may import it', async () => {
  const tree = Object.entries(SOCKETS).map(([name, file]) => [
    file,
    `import * as ${name} from 'node:${name}';\n`,
  ]);
  expect(await checkLayers(plant({ ...clean, ...(Object.fromEntries(tree) as Tree) }))).toEqual([]);
});

// dependency-cruiser shows Node's modules without their prefix.
const pure = "status, errors, io, headers, body run in browsers and workers, and import nothing of Node's";

/** One fault each: the files that replace those of the clean tree, and the sentences expected. */
const faults: [name: string, tree: Tree, ...sentences: string[]][] = [
  [
    'an upward import',
    {
      'packages/io/src/up.ts': "import '@http-client/headers';\n",
      ...manifest('io', 'dependencies', '@http-client/errors', '@http-client/headers'),
      'packages/headers/src/index.ts': 'export {};\n',
      ...manifest('headers', 'dependencies'),
    },
    'packages/io/src/up.ts imports @http-client/headers: io may import only what is below it (status, errors)',
  ],
  [
    'an upward import of a type',
    {
      'packages/status/src/up.ts': "export type { X } from '@http-client/errors';\n",
      ...manifest('status', 'dependencies', '@http-client/errors'),
      'packages/errors/src/index.ts': 'export {};\n',
      ...manifest('errors', 'dependencies'),
    },
    'packages/status/src/up.ts imports @http-client/errors: status may import only what is below it (nothing)',
  ],
  [
    'a cycle',
    {
      'packages/io/src/a.ts': "export * from './b.js';\n",
      'packages/io/src/b.ts': "export * from './a.js';\n",
    },
    'packages/io/src/a.ts imports ./b.js: the two import each other, directly or by a detour (types alone may) ' +
      '(packages/io/src/a.ts → packages/io/src/b.ts → packages/io/src/a.ts)',
  ],
  [
    'a relative import into another package',
    { 'packages/headers/src/aside.ts': "import '../../io/src/index.js';\n" },
    'packages/headers/src/aside.ts imports ../../io/src/index.js: another package is imported by its name',
  ],
  [
    'an import past a package’s entry',
    { 'packages/headers/src/deep.ts': "import '@http-client/io/src/index.js';\n" },
    'packages/headers/src/deep.ts imports @http-client/io/src/index.js: there is no such module',
  ],
  ...['node:net', 'net'].map((module): [string, Tree, string] => [
    `${module} outside tcp.ts`,
    { 'packages/connection/src/socket.ts': `import * as net from '${module}';\n` },
    `packages/connection/src/socket.ts imports net: node:net is for packages/connection/src/tcp.ts alone`,
  ]),
  [
    'a type of node:net outside tcp.ts',
    { 'packages/tunnel/src/socket.ts': "import type { Socket } from 'node:net';\n" },
    'packages/tunnel/src/socket.ts imports net: node:net is for packages/connection/src/tcp.ts alone',
  ],
  [
    'node:tls outside connect-tls.ts',
    { 'packages/tls/src/context.ts': "import type { ConnectionOptions } from 'node:tls';\n" },
    'packages/tls/src/context.ts imports tls: node:tls is for packages/tls/src/connect-tls.ts alone',
  ],
  ...['node:fs', 'fs', 'node:util/types'].map((module): [string, Tree, string] => [
    `${module} in a package for browsers`,
    { 'packages/body/src/file.ts': `import '${module}';\n` },
    `packages/body/src/file.ts imports ${module.replace('node:', '')}: ${pure}`,
  ]),
  [
    'a package that is not declared',
    { 'packages/body/src/undeclared.ts': "import '@http-client/status';\n" },
    'packages/body/src/undeclared.ts imports @http-client/status: packages/body/package.json does not declare it',
  ],
  [
    'a package that is declared and not used',
    manifest('body', 'dependencies', '@http-client/headers', '@http-client/status'),
    'packages/body/package.json declares @http-client/status: no source imports it',
  ],
  ...['dependencies', 'peerDependencies', 'optionalDependencies'].map((kind): [string, Tree, string] => [
    `${kind} outside the workspace`,
    {
      ...manifest('status', kind, 'left-pad'),
    },
    'packages/status/package.json declares left-pad: it is outside this workspace',
  ]),
  [
    'an import from outside the workspace',
    {
      'packages/client/src/pad.ts': "import 'left-pad';\n",
      'node_modules/left-pad/package.json': '{ "name": "left-pad", "main": "index.js" }',
      'node_modules/left-pad/index.js': '',
    },
    'packages/client/src/pad.ts imports left-pad: a package depends on nothing outside this workspace at run time',
  ],
  [
    'a package without a layer',
    { 'packages/extra/package.json': '{ "name": "@http-client/extra" }' },
    'packages/extra has no place in layers.js',
  ],
];

test.each(faults)('%s is found', async (_name, tree, ...sentences) => {
  expect(await checkLayers(plant({ ...clean, ...tree }))).toEqual(sentences);
});

test('this repository has no fault', async () => {
  expect(await checkLayers(ROOT)).toEqual([]);
});

describe('the linter finds the same faults, as far as one file shows them', () => {
  // Only this rule: others need types, and the planted files belong to no TypeScript project.
  const rules = eslintConfig.filter(({ rules }) => rules?.['no-restricted-imports'] !== undefined);
  const lint = (file: string, code: string): string[] =>
    new Linter()
      .verify(code, [{ files: ['**/*.ts'], languageOptions: { parser: tseslint.parser } }, ...rules], file)
      .map(({ message }) => message);

  test.each([
    ['packages/io/src/x.ts', '@http-client/headers', 'layers: io may not import headers'],
    ['packages/io/src/x.ts', '../../headers/src/index.js', 'layers: io may not import headers'],
    ['packages/io/src/x.ts', 'node:fs', "layers: io imports nothing of Node's"],
    ['packages/io/src/x.ts', 'fs', "layers: io imports nothing of Node's"],
    ['packages/connection/src/x.ts', 'node:net', `layers: node:net is for ${SOCKETS.net} alone`],
    ['packages/tls/src/context.ts', 'tls', `layers: node:tls is for ${SOCKETS.tls} alone`],
    [SOCKETS.net, 'node:tls', `layers: node:tls is for ${SOCKETS.tls} alone`],
    [SOCKETS.net, '@http-client/client', 'layers: connection may not import client'],
  ])('%s may not import %s', (file, module, message) => {
    expect(lint(file, `import type {} from '${module}';`)).toEqual([expect.stringContaining(message)]);
  });

  test.each([
    ['packages/io/src/x.ts', '@http-client/errors'],
    ['packages/io/src/x.test.ts', 'node:net'],
    [SOCKETS.net, 'node:net'],
    [SOCKETS.tls, 'node:tls'],
  ])('%s may import %s', (file, module) => {
    expect(lint(file, `import type {} from '${module}';`)).toEqual([]);
  });
});
