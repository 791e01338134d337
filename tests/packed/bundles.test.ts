import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { build as esbuild, transform } from 'esbuild';
import { rollup } from 'rollup';
import { expect, inject, onTestFinished, test } from 'vitest';
import { build as vite } from 'vite';

import { LAYERS } from '../../layers.js';
import { ROOT } from '../../scripts/workspaces.js';

const project = inject('project');

/** How much more another bundler may need: it has its own tree-shaking and module wrappers. */
const OTHERS = 1.05;

/** The minified size in bytes, without what only loads a module of Node's: Rollup and Vite keep that if it is unused. */
async function minify(source: string): Promise<number> {
  const { code } = await transform(source, { minify: true, format: 'esm', target: 'es2022' });
  return code.replace(/import"node:\w+";/g, '').length;
}

/** The size of the program in bytes, bundled and minified by esbuild, with imports resolved from a folder. */
async function bundled(
  code: string,
  resolveDir: string,
  alias: Record<string, string> = {},
): Promise<number> {
  const { outputFiles } = await esbuild({
    stdin: { contents: code, resolveDir },
    alias,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0]!.contents.length;
}

/** Each bundles a program in the project, and returns its minified size in bytes. */
const bundlers: Record<string, (code: string) => Promise<number>> = {
  esbuild: (code) => bundled(code, project),

  async rollup(code) {
    const require = createRequire(join(project, 'package.json'));
    const bundle = await rollup({
      input: 'program',
      external: /^node:/,
      plugins: [
        {
          name: 'packages',
          // Node's resolution of `require`, but to the package's ES module; and its `sideEffects`.
          resolveId(id) {
            if (!id.startsWith('@http-client/')) return id === 'program' ? id : null;
            const manifest = require(`${id}/package.json`) as { sideEffects: boolean };
            return {
              id: require.resolve(id).replace(/\.cjs$/, '.js'),
              moduleSideEffects: manifest.sideEffects,
            };
          },
          load: (id) => (id === 'program' ? code : null),
        },
      ],
    });
    const { output } = await bundle.generate({ format: 'esm' });
    return minify(output.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join(''));
  },

  async vite(code) {
    const folder = mkdtempSync(join(project, 'vite-'));
    onTestFinished(() => {
      rmSync(folder, { recursive: true });
    });
    writeFileSync(join(folder, 'program.js'), code);
    const result = await vite({
      root: folder,
      configFile: false,
      logLevel: 'silent',
      build: {
        write: false,
        minify: false,
        target: 'es2022',
        lib: { entry: join(folder, 'program.js'), formats: ['es'] },
        rolldownOptions: { external: /^node:/ },
      },
    });
    const chunks = [result].flat().flatMap((bundle) => ('output' in bundle ? bundle.output : []));
    return minify(chunks.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join(''));
  },
};

const sources = Object.fromEntries(
  LAYERS.map((name) => [`@http-client/${name}`, join(ROOT, 'packages', name, 'src/index.ts')]),
);

/** The size of the same program bundled from the sources: the least that a package can reach. */
const ofSources = (code: string): Promise<number> => bundled(code, ROOT, sources);

interface Budget {
  import: string;
  from: string;
  minified: number;
}
const budgets = JSON.parse(readFileSync(join(ROOT, 'size-budgets.json'), 'utf8')) as Budget[];

test.each(
  budgets.flatMap((budget) =>
    Object.keys(bundlers).map((bundler) => [budget.import, bundler, budget] as const),
  ),
)('%s costs what it costs from the sources, with %s', async (name, bundler, { from, minified }) => {
  const code = `export { ${name} } from '${from}';`;
  const least = await ofSources(code);
  const size = await bundlers[bundler]!(code);
  const through = await bundlers[bundler]!(`export { ${name} } from '@http-client/client';`);
  const room = bundler === 'esbuild' ? 1.01 : OTHERS;
  expect(size).toBeGreaterThan(0);
  expect(size).toBeLessThanOrEqual(least * room + 40);
  expect(size).toBeLessThanOrEqual(minified * room + 40);
  expect(through).toBeLessThanOrEqual(size * 1.01 + 40);
});

test.each(Object.keys(bundlers))('nothing that is unused remains, with %s', async (bundler) => {
  const code = LAYERS.map((name) => `import '@http-client/${name}';`).join('\n');
  expect(await bundlers[bundler]!(`${code}\nexport const nothing = 0;`)).toBeLessThan(60);
});

test.each(['errors', 'io', 'headers', 'body'])(
  'each name of %s costs what it costs from the sources',
  async (layer) => {
    const from = `@http-client/${layer}`;
    const require = createRequire(join(project, 'package.json'));
    const more: [string, number, number][] = [];
    for (const name of Object.keys(require(from) as object)) {
      const code = `export { ${name} } from '${from}';`;
      const [least, size] = [await ofSources(code), await bundlers['esbuild']!(code)];
      if (size > least * 1.01 + 40) more.push([name, size, least]);
    }
    expect(more).toEqual([]);
  },
);
