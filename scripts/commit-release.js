import { execFileSync } from 'node:child_process';
import { relative } from 'node:path';

/**
 * Commits what `write` changes in the repository at `root` as a release, and tags the commit with each version. The tags
 * are annotated: `git push --follow-tags` pushes no others.
 *
 * @param {string} root
 * @param {readonly { name: string; version: string }[]} released
 * @param {() => void} write
 * @throws {Error} if there are changes already, which would become part of the commit; or if a step fails, of which
 *   nothing is then left: no versions without their commit, no commit without its tags
 */
export function commitRelease(root, released, write) {
  const ask = (/** @type {string[]} */ ...args) =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  // Standard output is for what is released.
  const git = (/** @type {string[]} */ ...args) =>
    execFileSync('git', args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (ask('status', '--porcelain') !== '')
    throw new Error('Cannot commit the release: the working tree has changes; commit them');
  const before = ask('rev-parse', 'HEAD');
  /** @type {string[]} */
  const tags = [];
  try {
    write();
    git('add', '--all');
    const versions = released.map(({ name, version }) => `${name} ${version}`);
    git('commit', '--message', `Release ${versions.join(', ')}`);
    for (const { name, version } of released) {
      const tag = `${name}@${version}`;
      git('tag', '--annotate', '--message', tag, tag);
      tags.push(tag);
    }
  } catch (cause) {
    // Since the working tree had no changes, all that there are now have been made here.
    for (const tag of tags) git('tag', '--delete', tag);
    git('reset', '--hard', before);
    git('clean', '--force', '-d');
    const why = cause instanceof Error ? cause.message.trimEnd() : cause;
    throw new Error(`Cannot commit the release, and nothing of it is left: ${why}`, { cause });
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
