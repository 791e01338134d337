import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from './workspaces.js';

/** Not in node_modules, which `npm ci` removes. */
const FOLDER = join(ROOT, '.runtimes');

/** The npm packages with Node's binaries have the platform in their name. */
const NODE = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const EXE = process.platform === 'win32' ? '.exe' : '';

/**
 * The newest release of each line of Node after the oldest supported one, and the versions of Bun and Deno that were
 * tested.
 */
const RUNTIMES = [
  ...['22', '24', '26'].map((line) => ({
    name: `node-${line}`,
    spec: `npm:${NODE}@${line}`,
    program: `bin/node${EXE}`,
  })),
  { name: 'bun', spec: 'npm:bun@1.4.5', program: 'bin/bun.exe' },
  { name: 'deno', spec: 'npm:deno@2.9.6', program: `deno${EXE}` },
];

/** The oldest compiler that the packages' types are tested with. */
const COMPILER = { name: 'typescript-5.4', spec: 'npm:typescript@5.4.5', program: 'bin/tsc' };

/**
 * Each is a package of npm, `spec`, installed in a folder of its own; `version` is undefined if it is not installed,
 * or not in the version that `spec` names.
 *
 * @typedef {{ name: string; spec: string; folder: string; path: string; version: string | undefined }} Installed
 */

/**
 * The other runtimes that the packages are tested on.
 *
 * @returns {Installed[]}
 */
export function runtimes() {
  return RUNTIMES.map(find);
}

/**
 * The oldest compiler that the packages' types are tested with.
 *
 * @returns {Installed}
 */
export function oldestCompiler() {
  return find(COMPILER);
}

/**
 * @param {{ name: string; spec: string; program: string }} installable
 * @returns {Installed}
 */
function find({ name, spec, program }) {
  const folder = join(FOLDER, name);
  const path = join(folder, 'node_modules', name, program);
  const found = existsSync(path) ? versionOf(path) : undefined;
  const wanted = spec.slice(spec.lastIndexOf('@') + 1);
  return { name, spec, folder, path, version: `${found}.`.startsWith(`${wanted}.`) ? found : undefined };
}

/** @param {string} path */
function versionOf(path) {
  try {
    return /\d+\.\d+\.\d+/.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }))?.[0];
  } catch {
    return undefined;
  }
}
