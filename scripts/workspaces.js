import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder, with a trailing slash. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * The folders of the packages, the apps and the examples, relative to `root`: `packages/io`.
 *
 * @param {string} root
 * @returns {string[]}
 */
export function workspaces(root) {
  const nested = ['packages', 'apps']
    .filter((parent) => existsSync(join(root, parent)))
    .flatMap((parent) => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`));
  return [...nested, 'examples'].filter((folder) => existsSync(join(root, folder, 'package.json')));
}
