// Installs the other runtimes that the packages are tested on, from npm, into .runtimes:
//
//     node scripts/install-runtimes.js [name ...]
//
// Prints a line for each runtime that is missing and could not be installed; the exit code is then 1.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { refuseUnknown } from './arguments.js';
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

/**
 * All runtimes; `version` is undefined for one that is not installed.
 *
 * @returns {{ name: string; path: string; version: string | undefined }[]}
 */
export function runtimes() {
  return RUNTIMES.map(({ name, program }) => {
    const path = join(FOLDER, name, 'node_modules', name, program);
    return { name, path, version: existsSync(path) ? versionOf(path) : undefined };
  });
}

/** @param {string} path */
function versionOf(path) {
  try {
    return /\d+\.\d+\.\d+/.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }))?.[0];
  } catch {
    return undefined;
  }
}

/** @param {{ name: string; spec: string }} runtime */
function install({ name, spec }) {
  const folder = join(FOLDER, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const args = [
    'install',
    '--no-package-lock',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    `${name}@${spec}`,
  ];
  try {
    execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  } catch {
    // npm has printed the reason. Whether the runtime works is checked below.
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = process.argv.slice(2);
  refuseUnknown(
    'runtime',
    wanted,
    RUNTIMES.map(({ name }) => name),
  );
  const isWanted = (/** @type {string} */ name) => wanted.length === 0 || wanted.includes(name);
  for (const [index, { name, version }] of runtimes().entries()) {
    if (isWanted(name) && version === undefined)
      install(/** @type {typeof RUNTIMES[number]} */ (RUNTIMES[index]));
  }
  for (const { name, version } of runtimes()) {
    if (!isWanted(name)) continue;
    if (version !== undefined) console.log(`${name} ${version}`);
    else {
      console.error(`install-runtimes: ${name} is missing and could not be installed; its tests are skipped`);
      process.exitCode = 1;
    }
  }
}
