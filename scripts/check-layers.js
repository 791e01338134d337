import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { cruise } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';

import config from '../.dependency-cruiser.js';
import { LAYERS, UNSHIPPED } from '../layers.js';
import { workspaces } from './workspaces.js';

/** The kinds of dependencies that a user of the package would have to install. */
const INSTALLED = /** @type {const} */ (['dependencies', 'peerDependencies', 'optionalDependencies']);

/**
 * The faults in the source tree at `root`, one sentence each.
 *
 * @param {string} root
 * @returns {Promise<string[]>}
 */
export async function checkLayers(root) {
  const folders = workspaces(root);
  const sources = folders.map((folder) => `${folder}/src`).filter((path) => existsSync(join(root, path)));
  const tsConfig = join(root, 'tsconfig.json');
  const { output } = await cruise(
    sources,
    {
      ...config.options,
      baseDir: root,
      tsConfig: { fileName: tsConfig },
      ruleSet: { forbidden: config.forbidden ?? [] },
      validate: true,
    },
    config.options?.enhancedResolveOptions,
    { tsConfig: extractTSConfig(tsConfig) },
  );
  if (typeof output === 'string') throw new TypeError('dependency-cruiser returned a report, not its result');
  return [
    ...output.summary.violations.map(sentence),
    ...folders.flatMap((folder) => checkManifest(root, folder, output.modules)),
  ];
}

/** @param {import('dependency-cruiser').IViolation} violation */
function sentence({ from, to, unresolvedTo, rule, cycle }) {
  const way = cycle ? ` (${[from, ...cycle.map(({ name }) => name)].join(' → ')})` : '';
  const comment = config.forbidden?.find(({ name }) => name === rule.name)?.comment ?? '';
  return `${from} imports ${unresolvedTo ?? to}: ${comment}${way}`;
}

/**
 * @param {string} root
 * @param {string} folder
 * @param {import('dependency-cruiser').IModule[]} modules
 */
function checkManifest(root, folder, modules) {
  const manifest = `${folder}/package.json`;
  /** @type {Partial<Record<string, Record<string, string>>>} */
  const json = JSON.parse(readFileSync(join(root, manifest), 'utf8'));
  const declared = INSTALLED.flatMap((kind) => Object.keys(json[kind] ?? {}));
  /** The first file that imports each workspace package. @type {Map<string, string>} */
  const imported = new Map();
  for (const { source, dependencies } of modules) {
    if (!source.startsWith(`${folder}/src/`) || UNSHIPPED.test(source)) continue;
    for (const { module } of dependencies) {
      const name = /^@http-client\/[^/]+/.exec(module)?.[0];
      if (name !== undefined && !imported.has(name)) imported.set(name, source);
    }
  }

  const faults = [];
  for (const [name, source] of imported) {
    if (!declared.includes(name)) faults.push(`${source} imports ${name}: ${manifest} does not declare it`);
  }
  for (const name of declared) {
    if (!name.startsWith('@http-client/')) {
      if (folder.startsWith('packages/'))
        faults.push(`${manifest} declares ${name}: it is outside this workspace`);
    } else if (!imported.has(name)) {
      faults.push(`${manifest} declares ${name}: no source imports it`);
    }
  }
  if (folder.startsWith('packages/') && !LAYERS.includes(folder.slice('packages/'.length))) {
    faults.push(`${folder} has no place in layers.js`);
  }
  return faults;
}
