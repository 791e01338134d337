import { execFileSync } from 'node:child_process';
import { relative } from 'node:path';

/**
 * Commits everything in the repository at `root` as a release, and tags the commit with each version. The tags are
 * annotated: `git push --follow-tags` pushes no others.
 *
 * @param {string} root
 * @param {readonly { name: string; version: string }[]} released
 */
export function commitRelease(root, released) {
  // Standard output is for what is released.
  const git = (/** @type {string[]} */ ...args) =>
    execFileSync('git', args, { cwd: root, stdio: ['ignore', 2, 2] });
  git('add', '--all');
  const versions = released.map(({ name, version }) => `${name} ${version}`);
  git('commit', '--message', `Release ${versions.join(', ')}`);
  for (const { name, version } of released) {
    const tag = `${name}@${version}`;
    git('tag', '--annotate', '--message', tag, tag);
  }
}

/**
 * The commands that publish what was released, and push it, to be run in this order in the repository at `root`.
 *
 * @param {string} root
 * @param {readonly { tarball: string }[]} released
 */
export function publishingCommands(root, released) {
  return [
    // Without the `./`, npm would publish what a repository `release/…` on GitHub contains.
    ...released.map(({ tarball }) => `npm publish ./${relative(root, tarball)} --access public`),
    'git push --follow-tags',
  ];
}
