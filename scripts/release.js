// Makes a release of the packages for which changesets wait: npm run release [-- --dry-run]
//
// A dry run shows what would be published, and changes nothing. Without it, the gate is run, the packages are packed
// into release/, versions and changelogs are written, committed and tagged; what is left is to publish and to push,
// which it names. How to choose a version is in docs/releasing.md.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';

import { changesets, manifests, unfollowed } from './changesets.js';
import './reader.js';
import { applyChangesets, pack, stage } from './stage.js';
import { ROOT } from './workspaces.js';

const { values } = parseArgs({
  options: {
    'dry-run': { type: 'boolean', default: false },
    // For a second look, when the gate was run just now.
    'without-check': { type: 'boolean', default: false },
  },
});
const dry = values['dry-run'];

/** Prints what a program says as it says it, on standard error: standard output is for what is released. */
const run = (/** @type {string} */ program, /** @type {string[]} */ ...args) =>
  execFileSync(program, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
const ask = (/** @type {string} */ program, /** @type {string[]} */ ...args) =>
  execFileSync(program, args, { cwd: ROOT, encoding: 'utf8' }).trim();

const faults = [
  ...(changesets(ROOT).length === 0 ? ['no changeset waits: there is nothing to release'] : []),
  ...unfollowed(changesets(ROOT), manifests(ROOT)),
];
const { repository } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
/** What a dry run lets pass, and says. */
const missing = [
  ...(ask('git', 'status', '--porcelain') === ''
    ? []
    : ['the working tree has changes that are not committed']),
  ...(repository === undefined
    ? [
        'package.json names no repository: { "type": "git", "url": … } there goes into every package, with its directory',
      ]
    : []),
];
stopAt(dry ? faults : [...faults, ...missing]);

// What is published is built anew: the cache leaves what an older build made beside what it brings back.
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
      `A dry run: ${released.length} packages would be published, in this order. Nothing has been changed.`,
    );
    for (const each of missing) console.log(`Before it is done: ${each}`);
  } else {
    applyChangesets(ROOT);
    run('npm', 'install', '--package-lock-only', '--no-audit', '--no-fund');
    run('git', 'add', '--all');
    run(
      'git',
      'commit',
      '--message',
      `Release ${released.map(({ name, version }) => `${name} ${version}`).join(', ')}`,
    );
    for (const { name, version } of released) run('git', 'tag', `${name}@${version}`);
    console.log('Committed and tagged. What is left, in this order:');
    for (const { tarball } of released)
      console.log(`  npm publish ${relative(ROOT, tarball)} --access public`);
    console.log('  git push --follow-tags');
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
