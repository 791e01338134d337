import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { changesets, manifests, unfollowed } from '../../scripts/changesets.js';
import { ROOT, workspaces } from '../../scripts/workspaces.js';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const json = (path: string): Record<string, unknown> => JSON.parse(read(path)) as Record<string, unknown>;

const folders = workspaces(ROOT);
const packages = folders.filter((folder) => folder.startsWith('packages/')).map((folder) => folder.slice(9));

describe.each(packages)('packages/%s', (name) => {
  const manifest = json(`packages/${name}/package.json`);

  test.each([
    ['name', `@http-client/${name}`],
    ['version', expect.stringMatching(/^\d+\.\d+\.\d+$/) as unknown],
    ['description', expect.stringMatching(/^.{20,}$/) as unknown],
    ['license', 'MIT'],
    ['type', 'module'],
    ['sideEffects', false],
    ['engines', { node: expect.any(String) as unknown }],
    ['files', ['dist', 'CHANGELOG.md']],
    // For tools that resolve packages as Node did before `exports`.
    ['main', './dist/index.cjs'],
    ['module', './dist/index.js'],
    ['types', './dist/index.d.cts'],
    ['publishConfig', { access: 'public' }],
  ])('%s', (key, value) => {
    expect(manifest[key]).toEqual(value);
  });

  test('exports ESM and CommonJS, each with its types, and they are there', () => {
    const exports = manifest['exports'] as Record<string, string | Record<string, Record<string, string>>>;
    expect(exports['./package.json']).toBe('./package.json');
    expect(exports).toHaveProperty(['.']);
    for (const [entry, conditions] of Object.entries(exports)) {
      if (entry === './package.json') continue;
      const file = `./dist/${entry === '.' ? 'index' : entry.slice(2)}`;
      expect(conditions).toEqual({
        import: { types: `${file}.d.ts`, default: `${file}.js` },
        require: { types: `${file}.d.cts`, default: `${file}.cjs` },
      });
      for (const extension of ['d.ts', 'js', 'd.cts', 'cjs']) {
        expect(existsSync(join(ROOT, 'packages', name, `${file}.${extension}`)), `${file}.${extension}`).toBe(
          true,
        );
      }
    }
  });

  test('has the licence of the repository', () => {
    expect(read(`packages/${name}/LICENSE`)).toBe(read('LICENSE'));
  });

  test('has a README that shows how it is installed', () => {
    expect(read(`packages/${name}/README.md`)).toContain(`# @http-client/${name}\n`);
    expect(read(`packages/${name}/README.md`)).toContain(`npm install @http-client/${name}`);
  });
});

describe('package-lock.json', () => {
  const lock = json('package-lock.json') as { packages: Record<string, Record<string, unknown>> };

  test('names no registry', () => {
    expect(read('package-lock.json')).not.toMatch(/"resolved": "http/);
  });

  test.each(['', ...folders])('agrees with %s/package.json', (folder) => {
    const manifest = json(join(folder, 'package.json'));
    expect(Object.keys(lock.packages)).toContain(folder);
    for (const kind of ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies']) {
      expect(lock.packages[folder]?.[kind], kind).toEqual(manifest[kind]);
    }
  });
});

describe('changesets', () => {
  const names = folders.map((folder) => json(`${folder}/package.json`)['name']);
  const waiting = changesets(ROOT);

  test.skipIf(waiting.length === 0).each(waiting)(
    '$file names packages and says what changes',
    ({ bumps, text }) => {
      expect(bumps.size).toBeGreaterThan(0);
      for (const [name, bump] of bumps) {
        expect(names).toContain(name);
        expect(bump).not.toBe('none');
      }
      expect(text).not.toBe('');
    },
  );

  test('a breaking change has a changeset for each package that depends on it', () => {
    expect(unfollowed(waiting, manifests(ROOT))).toEqual([]);
  });
});

test('no tracked file names a path of the machine that it was made on', () => {
  // A path of one segment could just as well be a request target.
  const own = [ROOT, homedir(), tmpdir()]
    .map((path) => path.split(/[/\\]/).filter((segment) => segment !== ''))
    .filter(({ length }) => length > 1);
  const paths = [...own, ['root'], ['tmp']].map((segments) => segments.join('/').replace(/[^\w/]/g, '\\$&'));
  // Not within a longer path or a URL, and only if the path continues.
  const pattern = new RegExp(`(?<![\\w.~:/-])/(${paths.join('|')})/[\\w.]`);
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' }).split('\0');
  const found = tracked
    .filter((file) => file !== '' && existsSync(join(ROOT, file)))
    .flatMap((file) =>
      read(file)
        .split('\n')
        .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
    );
  expect(found).toEqual([]);
});
