// Installs the runtimes that the packages are tried on besides the Node at hand, from npm, into a folder of their own:
//
//     node scripts/install-runtimes.js [name ...]
//
// Ends with 1, and a line for each one that is not there, where it could not be installed.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ROOT } from './workspaces.js';

/** Not within node_modules, which `npm ci` removes. */
const FOLDER = join(ROOT, '.runtimes');

/** npm's packages of Node's binaries are named by platform. */
const NODE = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const EXE = process.platform === 'win32' ? '.exe' : '';

/** The newest of each line of Node besides the oldest that is supported; Bun and Deno as they were tried. */
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
 * All of them; without a version where one is not installed.
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
    // npm has said why; whether the runtime is there is looked at below.
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = process.argv.slice(2);
  const isWanted = (/** @type {string} */ name) => wanted.length === 0 || wanted.includes(name);
  for (const [index, { name, version }] of runtimes().entries()) {
    if (isWanted(name) && version === undefined)
      install(/** @type {typeof RUNTIMES[number]} */ (RUNTIMES[index]));
  }
  for (const { name, version } of runtimes()) {
    if (!isWanted(name)) continue;
    if (version !== undefined) console.log(`${name} ${version}`);
    else {
      console.error(
        `install-runtimes: ${name} is not there and could not be installed: what runs on it is left out`,
      );
      process.exitCode = 1;
    }
  }
}
