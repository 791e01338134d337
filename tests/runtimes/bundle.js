// Bundles the tests of the platform-independent packages into one script, for anything that runs scripts: a page or a
// worker. The packages are the built ones; internal modules that tests import come from the sources.

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

import { build, buildSync } from 'esbuild';

import { PURE } from '../../layers.js';
import { ROOT } from '../../scripts/workspaces.js';

/** The modules that are replaced by a file in `stand-ins`. */
const STAND_INS = new Set([
  ...['node:fs', 'node:stream', 'node:util', 'node:vm'],
  '../scripts/generated-files.js',
]);

/**
 * @returns {Promise<{ script: string; leftOut: string[] }>} the script, and the files left out since they need modules
 *   that are not available
 */
export async function bundleTests() {
  /** @type {string[]} */
  const included = [];
  /** @type {string[]} */
  const leftOut = [];
  for (const name of PURE) {
    const folder = join(ROOT, 'packages', name, 'src');
    for (const entry of readdirSync(folder).filter((file) => file.endsWith('.test.ts'))) {
      const file = join(folder, entry);
      const needed = [...readFileSync(file, 'utf8').matchAll(/ from '([^']+)'/g)].map(
        ([, path = '']) => path,
      );
      const foreign = needed.filter(
        (path) => /^node:|^esbuild$|\/scripts\//.test(path) && !STAND_INS.has(path),
      );
      if (foreign.length === 0) included.push(file);
      else leftOut.push(`${relative(ROOT, file)}: ${foreign.join(', ')}`);
    }
  }
  const { outputFiles } = await build({
    stdin: { contents: entryOf(included), resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    write: false,
    inject: [join(import.meta.dirname, 'stand-ins/buffer.ts')],
    logLevel: 'error',
    plugins: [platform],
  });
  return { script: outputFiles[0]?.text ?? '', leftOut };
}

/** @param {readonly string[]} files */
function entryOf(files) {
  return [
    "import { inFile, run } from './harness.js';",
    // `inFile` groups the tests of each file under its name.
    ...files.map(
      (file) => `inFile(${JSON.stringify(relative(ROOT, file))}, () => require(${JSON.stringify(file)}));`,
    ),
    'globalThis.outcome = run();',
    // A page's outcome is read from the global; a worker has to send its own.
    "if (typeof document === 'undefined') globalThis.outcome.then((outcome) => postMessage(outcome));",
  ].join('\n');
}

/** @type {import('esbuild').Plugin} */
const platform = {
  name: 'platform',
  setup(build) {
    const built = (/** @type {string} */ name) => join(ROOT, 'packages', name, 'dist/index.js');
    const own = (/** @type {string} */ file) => join(import.meta.dirname, file);
    build.onResolve({ filter: /^vitest$/ }, () => ({ path: own('harness.ts') }));
    build.onResolve({ filter: /^node:(fs|stream|util|vm)$/ }, ({ path }) => ({
      path: own(`stand-ins/${path.slice('node:'.length)}.ts`),
    }));
    build.onResolve({ filter: /\/scripts\/generated-files\.js$/ }, () => ({
      path: own('stand-ins/generated-files.ts'),
    }));
    build.onResolve({ filter: /^@http-client\// }, ({ path }) => ({
      path: built(path.slice('@http-client/'.length)),
    }));
    build.onResolve({ filter: /^\.\.?\/index\.js$/ }, ({ importer }) => {
      const [, name] = /packages\/(\w+)\/src\/(?:[\w.-]+\.test\.ts|testdata\/[\w.-]+)$/.exec(importer) ?? [];
      return name === undefined ? undefined : { path: built(name) };
    });
    build.onLoad({ filter: /\/testdata\/another-copy\.ts$/ }, () => ({
      contents: `export const anotherCopy = ${JSON.stringify(`${copyOf(built('errors'))};copy`)}`,
    }));
    // Recordings are read by a URL relative to the module.
    build.onLoad({ filter: /\.test\.ts$|\/testdata\/[\w.-]+\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll(
        'import.meta.url',
        JSON.stringify(pathToFileURL(path).href),
      ),
      loader: 'ts',
    }));
    build.onResolve({ filter: /^recordings$/ }, ({ path }) => ({ path, namespace: 'recordings' }));
    build.onLoad({ filter: /.*/, namespace: 'recordings' }, () => ({
      contents: `export default ${JSON.stringify(Object.fromEntries(recordings()))}`,
    }));
  },
};

/** @param {string} entry */
function copyOf(entry) {
  const { outputFiles } = buildSync({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    globalName: 'copy',
  });
  return outputFiles[0]?.text;
}

/** @returns {[address: string, text: string][]} */
function recordings() {
  return PURE.flatMap((name) => {
    const folder = join(ROOT, 'packages', name, 'src/testdata');
    return readdirSync(join(ROOT, 'packages', name, 'src')).includes('testdata')
      ? readdirSync(folder)
          .filter((file) => file.endsWith('.json'))
          .map(
            (file) =>
              /** @type {[string, string]} */ ([
                pathToFileURL(join(folder, file)).href,
                readFileSync(join(folder, file), 'utf8'),
              ]),
          )
      : [];
  });
}
