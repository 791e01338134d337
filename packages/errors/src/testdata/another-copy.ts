import { fileURLToPath } from 'node:url';

import { buildSync } from 'esbuild';

const { outputFiles } = buildSync({
  entryPoints: [fileURLToPath(new URL('../index.ts', import.meta.url))],
  bundle: true,
  minify: true,
  write: false,
  format: 'iife',
  globalName: 'copy',
});

/** A script whose value is another copy of the package, bundled and minified. */
export const anotherCopy = `${outputFiles[0]!.text};copy`;
