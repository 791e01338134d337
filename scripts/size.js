// How many bytes a name adds to the bundle of a program that imports it: npm run size
//
// The budgets are in size-budgets.json. A budget is what has been reached, and may be above the goal, which is shown
// too. Other clients are measured for comparison.
//
//     node scripts/size.js [--folder <with size-budgets.json>]

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';

import { build } from 'esbuild';

import { parseArguments } from './arguments.js';
import './reader.js';
import { ROOT } from './workspaces.js';

/**
 * @typedef {{ minified: number; gzip: number }} Size
 * @typedef {{ import: string; from: string; minified: number; gzip?: number; goal?: Partial<Size> }} Budget
 */

/** How much more a name may cost if it is imported from the package that re-exports everything. */
const THROUGH_CLIENT = 1.01;

/** Alternatives, imported as their users import them. They are installed for the benchmark. */
const PEERS = {
  undici: "export * from 'undici'",
  got: "export { default } from 'got'",
  axios: "export { default } from 'axios'",
  'http-status-codes (one)':
    "import { StatusCodes } from 'http-status-codes'; console.log(StatusCodes.NOT_FOUND)",
};

const { values } = parseArguments({ options: { folder: { type: 'string', default: ROOT } } });
const folder = resolve(values.folder);
/** @type {Budget[]} */
const budgets = JSON.parse(readFileSync(join(folder, 'size-budgets.json'), 'utf8'));
/** @type {string[]} */
const faults = budgets.length === 0 ? ['size-budgets.json has no budget: nothing was checked'] : [];

/** @param {string[]} cells */
const print = ([name = '', ...numbers]) => {
  console.log(name.padEnd(26) + numbers.map((cell) => cell.padStart(18)).join(''));
};

print(['minified / gzip, bytes', 'is', 'budget', 'goal', 'through client']);
for (const budget of budgets) {
  const name = budget.import;
  const size = await measure(`export { ${name} } from '${budget.from}'`, folder);
  const through = await measure(`export { ${name} } from '@http-client/client'`, folder);
  print([name, show(size), show(budget), budget.goal ? show(budget.goal) : '', show(through)]);
  // A misspelt limit would be none.
  if (typeof budget.minified !== 'number') faults.push(`${name} has no budget: "minified" is missing`);
  for (const kind of /** @type {const} */ (['minified', 'gzip'])) {
    const limit = budget[kind] ?? Infinity;
    if (size[kind] > limit)
      faults.push(`${name} is over its budget: ${size[kind]} bytes ${kind}, not ${limit}`);
    if (through[kind] > size[kind] * THROUGH_CLIENT) {
      faults.push(
        `${name} costs more through @http-client/client: ${through[kind]} bytes ${kind}, not ${size[kind]}`,
      );
    }
  }
}
for (const [name, code] of Object.entries(PEERS))
  print([name, show(await measure(code, join(ROOT, 'apps/bench')))]);

for (const fault of faults) console.log(fault);
if (faults.length > 0) process.exitCode = 1;

/**
 * The size of a program, bundled as a module for Node.
 *
 * @param {string} contents
 * @param {string} resolveDir
 * @returns {Promise<Size>}
 */
async function measure(contents, resolveDir) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    write: false,
    logLevel: 'error',
    // Otherwise the `paths` of this repository's tsconfig.json would map the packages to their sources.
    tsconfigRaw: {},
  });
  const bytes = outputFiles[0]?.contents ?? new Uint8Array();
  return { minified: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
}

/** @param {Partial<Size>} size */
function show({ minified, gzip }) {
  return [minified, gzip].map((bytes) => bytes?.toLocaleString('en') ?? '-').join(' / ');
}
