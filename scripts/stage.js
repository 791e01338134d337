// Prepares the packages for publishing, outside the repository: applies the changesets to versions and changelogs, and
// packs. Nothing in the repository is changed. The builds are used as they are: build first.

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, posix } from 'node:path';

import { LAYERS } from '../layers.js';
import { ROOT, workspaces } from './workspaces.js';

/**
 * @typedef {{
 *   name: string;
 *   version: string;
 *   before: string;
 *   tarball: string;
 *   files: { path: string; size: number }[];
 *   packedSize: number;
 *   unpackedSize: number;
 *   changes: string;
 * }} Packed `before` is the version in the repository, `changes` the changelog's section for the new one.
 */

/** What is copied from a package; its package.json decides what of that is published. */
const TAKEN = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'dist'];

/**
 * Copies the packages of `root` to `folder`, and applies the changesets there.
 *
 * @param {string} folder
 * @param {string} [root]
 */
export function stage(folder, root = ROOT) {
  const take = (/** @type {string} */ path) => {
    if (existsSync(join(root, path))) cpSync(join(root, path), join(folder, path), { recursive: true });
  };
  for (const path of ['package.json', '.changeset', '.prettierrc.json']) take(path);
  // The apps are not published, but they depend on published packages.
  for (const workspace of workspaces(root)) {
    for (const path of workspace.startsWith('packages/') ? TAKEN : ['package.json'])
      take(`${workspace}/${path}`);
  }
  applyChangesets(folder);
  for (const name of LAYERS) {
    const path = join(folder, 'packages', name, 'README.md');
    writeFileSync(path, withoutLinksOut(readFileSync(path, 'utf8'), `packages/${name}`));
  }

  const { repository } = json(join(folder, 'package.json'));
  if (repository === undefined) return;
  for (const name of LAYERS) {
    const path = join(folder, 'packages', name, 'package.json');
    const manifest = { ...json(path), repository: { ...repository, directory: `packages/${name}` } };
    writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
  }
}

/**
 * A README for readers of the package alone: links that lead out of the package are replaced by text.
 *
 * @param {string} markdown
 * @param {string} folder
 */
function withoutLinksOut(markdown, folder) {
  return markdown.replaceAll(/\[([^\]]+)\]\((\.\.\/[^)#]+)[^)]*\)/g, (_, text, target) => {
    const path = posix.join(folder, target);
    const [, layer] = /^packages\/(\w+)\/README\.md$/.exec(path) ?? [];
    if (layer === undefined) return `${text} (${path} in the repository)`;
    const name = `@http-client/${layer}`;
    return text.includes(name) ? text : `${text} (README of ${name})`;
  });
}

/**
 * Writes the versions and changelogs that the changesets ask for, and removes the changesets.
 *
 * @param {string} root
 */
export function applyChangesets(root) {
  const program = createRequire(import.meta.url).resolve('@changesets/cli/bin.js');
  execFileSync(process.execPath, [program, 'version'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
}

/**
 * Packs the packages staged in `folder`, lowest layer first: published in this order, none comes before its
 * dependencies.
 *
 * @param {string} folder
 * @param {string} destination
 * @returns {Packed[]}
 */
export function pack(folder, destination) {
  mkdirSync(destination, { recursive: true });
  const args = LAYERS.flatMap((name) => ['--workspace', `packages/${name}`]);
  const said = execFileSync('npm', ['pack', '--json', '--pack-destination', destination, ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  /** @type {{ name: string; version: string; filename: string; files: Packed['files']; size: number; unpackedSize: number }[]} */
  const all = JSON.parse(said);
  return LAYERS.map((layer) => {
    const it = all.find(({ name }) => name === `@http-client/${layer}`);
    if (it === undefined) throw new Error(`npm pack left out ${layer}: ${said}`);
    const { name, version, filename, files, size, unpackedSize } = it;
    return {
      name,
      version,
      before: json(join(ROOT, 'packages', layer, 'package.json')).version,
      tarball: join(destination, filename),
      files: files.map(({ path, size }) => ({ path, size })),
      packedSize: size,
      unpackedSize,
      changes: changesOf(join(folder, 'packages', layer, 'CHANGELOG.md'), version),
    };
  });
}

/**
 * A changelog's section for one version.
 *
 * @param {string} path
 * @param {string} version
 */
function changesOf(path, version) {
  if (!existsSync(path)) return '';
  const sections = readFileSync(path, 'utf8').split(/^## /m);
  const section = sections.find((text) => text.startsWith(`${version}\n`)) ?? '';
  return section.slice(version.length).trim();
}

/** @param {string} path */
function json(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
