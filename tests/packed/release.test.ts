import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { describe, expect, inject, test } from 'vitest';

import { unfollowed, type Bump } from '../../scripts/changesets.js';
import { commitRelease, publishingCommands } from '../../scripts/commit-release.js';
import { stage } from '../../scripts/stage.js';
import { ROOT } from '../../scripts/workspaces.js';
import { temporaryFolder } from '../support/folders.js';

const packed = inject('packed');
const gitIn = (cwd: string, ...args: string[]): string =>
  spawnSync('git', args, { cwd, encoding: 'utf8' }).stdout;
const git = (...args: string[]): string => gitIn(ROOT, ...args);

test('a dry run shows what would be published, lowest layer first, and changes nothing', () => {
  // The release before this one has left its packed packages.
  const packages = join(ROOT, 'release');
  const state = (): unknown[] => [
    git('status', '--porcelain') + git('diff') + git('tag'),
    statSync(packages, { throwIfNoEntry: false })?.mtimeMs,
  ];
  const before = state();
  const args = [join(ROOT, 'scripts/release.js'), '--dry-run', '--without-check'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  expect(state()).toEqual(before);

  const released = packed.filter((each) => each.version !== each.before);
  expect(stdout.match(/^@http-client\/\S+ \S+ -> \S+ /gm) ?? []).toEqual(
    released.map(({ name, before: old, version }) => `${name} ${old} -> ${version} `),
  );
  for (const { name, files, changes } of released) {
    const [, section = ''] = stdout.split(`${name} `);
    for (const { path } of files)
      expect(section).toMatch(new RegExp(`KiB  ${path.replaceAll('.', '\\.')}\n`));
    expect(section).toContain(`  | ${changes.split('\n')[0]!}\n`);
  }
  expect(stdout).toContain(`Packages that would be published, in this order: ${released.length}.`);
});

describe('a release', () => {
  const released = [
    { name: '@http-client/io', version: '1.0.0' },
    { name: '@http-client/body', version: '0.2.0' },
  ];

  /** A repository with one commit and the remote that it is pushed to. */
  function repository(): { remote: string; clone: string; write: () => void } {
    const folder = temporaryFolder();
    const [remote, clone] = [join(folder, 'remote'), join(folder, 'clone')];
    gitIn(folder, 'init', '--quiet', '--bare', remote);
    gitIn(folder, 'clone', '--quiet', remote, clone);
    for (const setting of [
      'user.name=a',
      'user.email=a@example.org',
      'commit.gpgSign=false',
      'tag.gpgSign=false',
    ])
      gitIn(clone, 'config', ...setting.split('='));
    writeFileSync(join(clone, 'package.json'), '{}\n');
    gitIn(clone, 'add', '--all');
    gitIn(clone, 'commit', '--quiet', '--message', 'Begin');
    const write = (): void => {
      writeFileSync(join(clone, 'package.json'), '{ "version": "1.0.0" }\n');
      writeFileSync(join(clone, 'CHANGELOG.md'), 'A change.\n');
    };
    return { remote, clone, write };
  }

  test('is one commit with a tag for each package, and git push --follow-tags pushes them', () => {
    const { remote, clone, write } = repository();
    commitRelease(clone, released, write);
    gitIn(clone, 'push', '--quiet', '--follow-tags', 'origin', 'HEAD');
    expect(gitIn(remote, 'tag').trim().split('\n')).toEqual([
      '@http-client/body@0.2.0',
      '@http-client/io@1.0.0',
    ]);
    expect(gitIn(remote, 'log', '-1', '--format=%s', '--name-only', '@http-client/io@1.0.0')).toBe(
      'Release @http-client/io 1.0.0, @http-client/body 0.2.0\n\nCHANGELOG.md\npackage.json\n',
    );
  });

  test.each<[string, (clone: string) => void]>([
    [
      'a step',
      () => {
        throw new Error('offline');
      },
    ],
    ['a tag', (clone) => gitIn(clone, 'tag', '@http-client/body@0.2.0')],
  ])('leaves nothing behind if %s fails', (_, fail) => {
    const { clone, write } = repository();
    const run = (): void => {
      commitRelease(clone, released, () => {
        write();
        fail(clone);
      });
    };
    expect(run).toThrow(
      /^Cannot commit the release, and nothing of it is left: (offline|Command failed: git tag)/,
    );
    expect(gitIn(clone, 'status', '--porcelain')).toBe('');
    expect(gitIn(clone, 'log', '--format=%s')).toBe('Begin\n');
    expect(gitIn(clone, 'tag', '--list', '*/io*')).toBe('');
  });

  test('does not take in what has been changed meanwhile', () => {
    const { clone, write } = repository();
    write();
    expect(() => {
      commitRelease(clone, released, () => expect.unreachable());
    }).toThrow('Cannot commit the release: the working tree has changes; commit them');
    expect(gitIn(clone, 'status', '--porcelain')).toBe(' M package.json\n?? CHANGELOG.md\n');
  });
});

test('the commands that a release prints publish the packed packages', () => {
  const root = dirname(dirname(packed[0]!.tarball));
  const [first] = publishingCommands(root, packed);
  // The tests may have been started by an npm that was told to be silent. Without a cache it knows of no version that
  // has been published before.
  const args = ['-c', `${first!} --dry-run --offline --loglevel=notice --cache=${temporaryFolder()}`];
  const { stderr, stdout } = spawnSync('sh', args, { cwd: root, encoding: 'utf8' });
  expect(stdout, stderr).toBe(`+ ${packed[0]!.name}@${packed[0]!.version}\n`);
});

describe('the versions after a release', () => {
  /** The packages that another release with these changesets, after this one, would change, and how. */
  function next(bumps: Record<string, Bump>): Record<string, string> {
    const folder = temporaryFolder();
    const [first, second] = [join(folder, 'first'), join(folder, 'second')];
    stage(first);
    const front = Object.entries(bumps).map(([name, bump]) => `'@http-client/${name}': ${bump}`);
    writeFileSync(join(first, '.changeset/next.md'), `---\n${front.join('\n')}\n---\n\nA change.\n`);
    stage(second, first);
    const changed = packed.flatMap(({ name, version }) => {
      const manifest = JSON.parse(
        readFileSync(join(second, 'packages', name.split('/')[1]!, 'package.json'), 'utf8'),
      ) as { version: string; dependencies?: Record<string, string> };
      return manifest.version === version ? [] : [[name.split('/')[1]!, level(version, manifest.version)]];
    });
    return Object.fromEntries(changed) as Record<string, string>;
  }

  function level(before: string, after: string): string {
    const [from = [], to = []] = [before, after].map((version) => version.split('.'));
    return ['major', 'minor', 'patch'].find((_, index) => from[index] !== to[index])!;
  }

  test('a change within the range is released alone', () => {
    expect(next({ headers: 'patch' })).toEqual({ headers: 'patch' });
  });

  test('a change that leaves the range also releases the packages that depend on it, and no others', () => {
    expect(next({ headers: 'minor' })).toEqual({
      headers: 'minor',
      body: 'patch',
      tunnel: 'patch',
      connection: 'patch',
      tls: 'patch',
      client: 'patch',
    });
  });
});

describe('a breaking change needs a changeset for each package that depends on it', () => {
  const packages = [
    { name: 'io', version: '1.0.0' },
    { name: 'headers', version: '1.2.0', dependencies: { io: '^1.0.0' } },
    { name: 'client', version: '0.3.0', dependencies: { headers: '^1.2.0', io: '^1.0.0' } },
    { name: 'status', version: '0.3.0' },
  ];
  const sentence = (broken: string, name: string): string =>
    `${broken} breaks: ${name}, which depends on it, has no matching changeset`;

  test.each<[string, Record<string, Bump>, string[]]>([
    ['nothing breaks', { io: 'minor', headers: 'minor', client: 'patch', status: 'patch' }, []],
    ['one that nobody stands on', { client: 'minor' }, []],
    ['a major, followed by all', { io: 'major', headers: 'major', client: 'minor' }, []],
    ['a major, followed by none', { io: 'major' }, [sentence('io', 'headers'), sentence('io', 'client')]],
    [
      'a major, followed by a minor of 1.x',
      { io: 'major', headers: 'minor', client: 'minor' },
      [sentence('io', 'headers')],
    ],
    ['a minor before 1.0.0 breaks', { status: 'minor', client: 'patch' }, []],
    [
      'followed halfway',
      { io: 'major', headers: 'major' },
      [sentence('headers', 'client'), sentence('io', 'client')],
    ],
  ])('%s', (_name, bumps, faults) => {
    const waiting = [{ file: 'a.md', bumps: new Map(Object.entries(bumps)), text: 'A change.' }];
    expect(unfollowed(waiting, packages)).toEqual(faults);
  });
});
