import { createContext, runInContext } from 'node:vm';

import { build } from 'esbuild';
import { expect, test } from 'vitest';

import { LAYERS, PURE } from '../../layers.js';
import { ROOT } from '../../scripts/workspaces.js';

/** Bundles a program that imports the packages as they are built: its text, and the imports that are left in it. */
async function bundle(
  code: string,
  format: 'esm' | 'iife' = 'esm',
): Promise<{ text: string; imports: string[] }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: ROOT },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format,
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
    // Else this repository's paths lead from the packages to their sources.
    tsconfigRaw: {},
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  return { text: outputFiles[0]!.text, imports };
}

test('one status code costs a bundle only its number', async () => {
  const { text } = await bundle("import { NOT_FOUND } from '@http-client/status'; console.log(NOT_FOUND)");
  expect(text.trim()).toMatch(/^(var|let|const) (\w+)=404;console\.log\(\2\);$|^console\.log\(404\);$/);
  expect(text.length).toBeLessThanOrEqual(60);
});

test.each(LAYERS.filter((name) => PURE.includes(name)))(
  '%s runs where there is nothing of Node’s',
  async (name) => {
    const code = `import * as all from '@http-client/${name}'; globalThis.names = Object.keys(all);`;
    const { text, imports } = await bundle(code, 'iife');
    expect(imports).toEqual([]);
    // A context has what the language itself has, and no more: neither Buffer nor process, and nothing of a browser's.
    const context = createContext({});
    runInContext(text, context);
    expect(context['names']).not.toHaveLength(0);
  },
);
