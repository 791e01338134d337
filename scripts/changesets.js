import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import parseChangeset from '@changesets/parse';

import { workspaces } from './workspaces.js';

/**
 * @typedef {'major' | 'minor' | 'patch' | 'none'} Bump
 * @typedef {{ file: string; bumps: Map<string, Bump>; text: string }} Changeset
 * @typedef {{ name: string; version: string; private?: boolean; dependencies?: Record<string, string> }} Manifest
 */

/**
 * The changesets waiting for a release, parsed as the release itself parses them.
 *
 * @param {string} root
 * @returns {Changeset[]}
 * @throws {Error} if a file is not a changeset
 */
export function changesets(root) {
  return readdirSync(join(root, '.changeset'))
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .map((file) => {
      const { releases, summary } = parseChangeset(readFileSync(join(root, '.changeset', file), 'utf8'));
      return { file, bumps: new Map(releases.map(({ name, type }) => [name, type])), text: summary };
    });
}

/**
 * The manifests of the packages that are published.
 *
 * @param {string} root
 * @returns {Manifest[]}
 */
export function manifests(root) {
  return workspaces(root)
    .map((folder) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')))
    .filter((manifest) => manifest.private !== true);
}

/**
 * Breaking changes that dependent packages do not declare. A package exposes its dependencies' types and behaviour, so
 * their breaking changes break it too. Without a breaking changeset of its own it would be released as a patch, and its
 * users would get the breaking change without asking for it.
 *
 * @param {readonly Changeset[]} waiting
 * @param {readonly Manifest[]} packages
 * @returns {string[]} one sentence each
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
          .map(
            (dependency) => `${dependency} breaks: ${name}, which depends on it, has no matching changeset`,
          ),
  );
}

/**
 * Whether a bump leaves the range `^version`: before 1.0.0 a minor version does.
 *
 * @param {Bump | undefined} bump
 * @param {string} version
 */
function breaks(bump, version) {
  return bump === 'major' || (bump === 'minor' && version.startsWith('0.'));
}
