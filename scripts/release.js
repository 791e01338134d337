// Makes a release of the packages that have changesets: npm run release [-- --dry-run]
//
// A dry run shows what would be published, and changes nothing. A real run runs the gate, packs the packages into
// release/, writes the versions and changelogs, commits and tags. It ends by printing the commands that publish and
// push. How to choose a version is described in docs/releasing.md.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parseArguments } from './arguments.js';
import { changesets, manifests, unfollowed } from './changesets.js';
import { commitRelease, publishingCommands } from './commit-release.js';
import './reader.js';
import { applyChangesets, pack, stage } from './stage.js';
import { ROOT } from './workspaces.js';

const { values } = parseArguments({
  options: {
    'dry-run': { type: 'boolean', default: false },
    // If the gate has just been run.
    'without-check': { type: 'boolean', default: false },
  },
});
const dry = values['dry-run'];

/** Runs a program with all its output on standard error: standard output is for what is released. */
const run = (/** @type {string} */ program, /** @type {string[]} */ ...args) =>
  execFileSync(program, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
const ask = (/** @type {string} */ program, /** @type {string[]} */ ...args) =>
  execFileSync(program, args, { cwd: ROOT, encoding: 'utf8' }).trim();

const waiting = changesets(ROOT);
const faults = unfollowed(waiting, manifests(ROOT));
const { repository } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
/** What stops a release, but is only reported by a dry run. */
const missing = [
  ...(waiting.length === 0 ? ['there are no changesets, so there is nothing to release'] : []),
  ...(ask('git', 'status', '--porcelain') === ''
    ? []
    : ['the working tree has uncommitted changes; commit them']),
  ...(repository === undefined
    ? [
        'package.json has no "repository"; add { "type": "git", "url": … }, which every package gets with its directory',
      ]
    : []),
];
stopAt(dry ? faults : [...faults, ...missing]);

// A release is built without the cache, which restores files next to those left by an older build.
run('npm', 'run', '--silent', 'build', ...(dry ? [] : ['--', '--force']));
if (!values['without-check']) run('npm', 'run', '--silent', 'check');

const folder = mkdtempSync(join(tmpdir(), 'http-client-release-'));
try {
  stage(join(folder, 'staged'));
  const destination = dry ? join(folder, 'tarballs') : join(ROOT, 'release');
  if (!dry) rmSync(destination, { recursive: true, force: true });
  const released = pack(join(folder, 'staged'), destination).filter(
    ({ version, before }) => version !== before,
  );
  released.forEach(show);
  if (dry) {
    console.log(
      `A dry run. Packages that would be published, in this order: ${released.length}. Nothing has been changed.`,
    );
    for (const each of missing) console.log(`Still needed: ${each}`);
  } else {
    commitRelease(ROOT, released, () => {
      applyChangesets(ROOT);
      run('npm', 'install', '--package-lock-only', '--no-audit', '--no-fund');
    });
    console.log('Committed and tagged. To publish and push, run in this order:');
    for (const command of publishingCommands(ROOT, released)) console.log(`  ${command}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}

/** @param {import('./stage.js').Packed} packed */
function show({ name, version, before, files, packedSize, unpackedSize, changes }) {
  const kib = (/** @type {number} */ bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
  console.log(`${name} ${before} -> ${version}  ${kib(packedSize)} packed, ${kib(unpackedSize)} unpacked`);
  for (const { path, size } of files) console.log(`  ${kib(size).padStart(10)}  ${path}`);
  console.log(`${changes.replaceAll(/^/gm, '  | ')}\n`);
}

/** @param {readonly string[]} reasons */
function stopAt(reasons) {
  if (reasons.length === 0) return;
  for (const reason of reasons) console.error(`Cannot release: ${reason}`);
  process.exit(1);
}
