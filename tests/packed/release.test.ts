import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, inject, onTestFinished, test } from 'vitest';

import { unfollowed, type Bump } from '../../scripts/changesets.js';
import { stage } from '../../scripts/stage.js';
import { ROOT } from '../../scripts/workspaces.js';

const packed = inject('packed');
const git = (...args: string[]): string => spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' }).stdout;

test('a dry run shows what would be published, lowest layer first, and changes nothing', () => {
  const before = git('status', '--porcelain') + git('diff') + git('tag');
  const args = [join(ROOT, 'scripts/release.js'), '--dry-run', '--without-check'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  const after = git('status', '--porcelain') + git('diff') + git('tag');
  expect(after).toBe(before);
  expect(existsSync(join(ROOT, 'release'))).toBe(false);

  const released = packed.filter((each) => each.version !== each.before);
  expect(stdout.match(/^@http-client\/\S+ \S+ -> \S+ /gm)).toEqual(
    released.map(({ name, before: old, version }) => `${name} ${old} -> ${version} `),
  );
  for (const { name, files, changes } of released) {
    const [, section = ''] = stdout.split(`${name} `);
    for (const { path } of files)
      expect(section).toMatch(new RegExp(`KiB  ${path.replaceAll('.', '\\.')}\n`));
    expect(section).toContain(`  | ${changes.split('\n')[0]!}\n`);
  }
  expect(stdout).toContain(`A dry run: ${released.length} packages would be published`);
});

describe('the versions after a release', () => {
  /** The packages after this release, and then one more with these changesets. */
  function next(bumps: Record<string, Bump>): Record<string, string> {
    const folder = mkdtempSync(join(tmpdir(), 'http-client-next-'));
    onTestFinished(() => {
      rmSync(folder, { recursive: true });
    });
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

  test('what leaves the range takes along whoever stands on it, and nobody else', () => {
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

describe('what breaks is said of all that stand on it', () => {
  const packages = [
    { name: 'io', version: '1.0.0' },
    { name: 'headers', version: '1.2.0', dependencies: { io: '^1.0.0' } },
    { name: 'client', version: '0.3.0', dependencies: { headers: '^1.2.0', io: '^1.0.0' } },
    { name: 'status', version: '0.3.0' },
  ];
  const sentence = (broken: string, name: string): string =>
    `${broken} breaks, and ${name}, which stands on it, says nothing of it`;

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
