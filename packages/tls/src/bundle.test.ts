import { fileURLToPath } from 'node:url';

import { buildSync } from 'esbuild';
import { expect, test } from 'vitest';

import { LAYERS } from '../../../layers.js';

const PACKAGES = fileURLToPath(new URL('../..', import.meta.url));
const alias = Object.fromEntries(
  LAYERS.map((name) => [`@http-client/${name}`, `${PACKAGES}${name}/src/index.ts`]),
);

/** The Node modules that a bundle of one name imports. */
function imported(name: string, from: string): string[] {
  const { metafile } = buildSync({
    stdin: {
      contents: `export { ${name} } from '@http-client/${from}';`,
      resolveDir: PACKAGES,
      loader: 'ts',
    },
    alias,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  return imports.map(({ path }) => path);
}

test.each(['connection', 'client'])('HTTPConnection alone does not import node:tls, from %s', (from) => {
  expect(imported('HTTPConnection', from)).toContain('node:net');
  expect(imported('HTTPConnection', from)).not.toContain('node:tls');
});

test.each(['tls', 'client'])('HTTPSConnection does, from %s', (from) => {
  expect(imported('HTTPSConnection', from)).toContain('node:tls');
});
