// Installs the other runtimes that the packages are tested on, and the oldest compiler, from npm, into .runtimes:
//
//     node scripts/install-runtimes.js [name ...]
//
// Prints a line for each that is missing and could not be installed; the exit code is then 1.

import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { refuseUnknown } from './arguments.js';
import { oldestCompiler, runtimes } from './installed-runtimes.js';

const wanted = process.argv.slice(2);
const all = () => [...runtimes(), oldestCompiler()];
refuseUnknown(
  'runtime',
  wanted,
  all().map(({ name }) => name),
);
const isWanted = (/** @type {string} */ name) => wanted.length === 0 || wanted.includes(name);
for (const runtime of all()) {
  if (isWanted(runtime.name) && runtime.version === undefined) install(runtime);
}
for (const { name, version } of all()) {
  if (!isWanted(name)) continue;
  if (version !== undefined) console.log(`${name} ${version}`);
  else {
    console.error(`install-runtimes: ${name} is missing and could not be installed; its tests are skipped`);
    process.exitCode = 1;
  }
}

/** @param {{ name: string; spec: string; folder: string }} runtime */
function install({ name, spec, folder }) {
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
    // npm has printed the reason. Whether the runtime works is checked afterwards.
  }
}
