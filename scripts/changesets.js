import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { workspaces } from './workspaces.js';

/**
 * @typedef {'major' | 'minor' | 'patch'} Bump
 * @typedef {{ file: string; bumps: Map<string, Bump>; text: string }} Changeset
 * @typedef {{ name: string; version: string; private?: boolean; dependencies?: Record<string, string> }} Manifest
 */

/**
 * The changesets that wait for a release.
 *
 * @param {string} root
 * @returns {Changeset[]}
 */
export function changesets(root) {
  return readdirSync(join(root, '.changeset'))
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .map((file) => {
      const all = readFileSync(join(root, '.changeset', file), 'utf8');
      const [, front = '', text = ''] = /^---\n([^]*?)\n?---\n([^]*)$/.exec(all) ?? [];
      const lines = [...front.matchAll(/^['"](.+)['"]: (major|minor|patch)$/gm)];
      const bumps = new Map(lines.map(([, name, bump]) => [name ?? '', /** @type {Bump} */ (bump)]));
      return { file, bumps, text: text.trim() };
    });
}

/**
 * @param {string} root
 * @returns {Manifest[]}
 */
export function manifests(root) {
  return workspaces(root)
    .map((folder) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')))
    .filter((manifest) => manifest.private !== true);
}

/**
 * Breaking changes that stop halfway: what a package hands on of another, it breaks with it. Its version would rise by
 * a patch alone, and its users would get what is broken without having asked.
 *
 * @param {readonly Changeset[]} waiting
 * @param {readonly Manifest[]} packages
 * @returns {string[]} One sentence for each.
 */
export function unfollowed(waiting, packages) {
  const breaking = new Set(
    packages
      .filter(({ name, version }) => waiting.some(({ bumps }) => breaks(bumps.get(name), version)))
      .map(({ name }) => name),
  );
  return packages.flatMap(({ name, dependencies = {} }) =>
    breaking.has(name)
      ? []
      : Object.keys(dependencies)
          .filter((dependency) => breaking.has(dependency))
          .map((dependency) => `${dependency} breaks, and ${name}, which stands on it, says nothing of it`),
  );
}

/**
 * As `^` reads versions: before 1.0.0 it is the minor that breaks.
 *
 * @param {Bump | undefined} bump
 * @param {string} version
 */
function breaks(bump, version) {
  return bump === 'major' || (bump === 'minor' && version.startsWith('0.'));
}
