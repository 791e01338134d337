import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, inject, onTestFinished, test } from 'vitest';

import { ROOT } from '../../scripts/workspaces.js';
import { brokenLinks, linkedIn } from '../docs/links.js';
import { install } from './project.js';

const packed = inject('packed');
const project = inject('project');

interface Manifest {
  version: string;
  license: string;
  engines: { node: string };
  repository?: { type: string; url: string; directory: string };
  dependencies?: Record<string, string>;
}

const read = (path: string): string => readFileSync(path, 'utf8');
const manifestOf = (name: string): Manifest =>
  JSON.parse(read(join(project, 'node_modules', name, 'package.json'))) as Manifest;

describe.each(packed)('$name', ({ name, version, before, files, changes }) => {
  const folder = join(project, 'node_modules', name);
  const source = join(ROOT, 'packages', name.replace('@http-client/', ''));
  const manifest = manifestOf(name);

  test('contains the expected files and no others', () => {
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']));
    const others = paths.filter((path) => !/^(CHANGELOG\.md|LICENSE|README\.md|package\.json)$/.test(path));
    expect(
      others.filter((path) => !/^dist\/[\w-]+\.(js|cjs|d\.ts|d\.cts|js\.map|cjs\.map)$/.test(path)),
    ).toEqual([]);
    const modules = others.filter((path) => /\.c?js$/.test(path));
    expect(modules).toEqual(expect.arrayContaining(['dist/index.js', 'dist/index.cjs']));
    expect(others.filter((path) => path.endsWith('.map'))).toEqual(modules.map((path) => `${path}.map`));
    const code = modules.map((path) => read(join(folder, path)));
    const unused = others.filter((path) => {
      const [, chunk] = /^dist\/(chunk-\w+\.c?js)$/.exec(path) ?? [];
      return chunk !== undefined && !code.some((text) => text.includes(`/${chunk}`));
    });
    expect(unused, 'files of an older build: run npm run build -- --force').toEqual([]);
    expect(readdirSync(folder).sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist',
      'package.json',
    ]);
  });

  test('has the licence of the repository, and its README without links out of the package', () => {
    expect(manifest.license).toBe('MIT');
    expect(read(join(folder, 'LICENSE'))).toBe(read(join(ROOT, 'LICENSE')));
    const [readme, before] = [read(join(folder, 'README.md')), read(join(source, 'README.md'))];
    expect(linkedIn(readme).anchors).toEqual(linkedIn(before).anchors);
    expect(readme.split('\n')).toHaveLength(before.split('\n').length);
    expect(brokenLinks(folder, ['README.md', 'CHANGELOG.md'])).toEqual([]);
  });

  test('has a changelog with a section for its version', () => {
    expect(manifest.version).toBe(version);
    expect(read(join(folder, 'CHANGELOG.md'))).toContain(`# ${name}\n\n## ${version}\n`);
    expect(changes).toMatch(/^### (Major|Minor|Patch) Changes\n\n- \S/);
    // No commit hashes and no empty phrases: it is written for users.
    expect(changes).not.toMatch(/\b[0-9a-f]{7,40}:|Updated dependencies/);
  });

  test('names the supported versions of Node, and its repository if the root package.json names one', () => {
    const root = JSON.parse(read(join(ROOT, 'package.json'))) as Partial<Manifest>;
    expect(manifest.engines).toEqual(root.engines);
    const directory = `packages/${name.replace('@http-client/', '')}`;
    expect(manifest.repository).toEqual(root.repository && { ...root.repository, directory });
  });

  // That the ranges fit is shown by the installation. One that still fits is left alone, unless both are released.
  test('depends only on packages of this workspace, in the versions released with it', () => {
    for (const [dependency, range] of Object.entries(manifest.dependencies ?? {})) {
      const other = packed.find((each) => each.name === dependency);
      expect(other, dependency).toBeDefined();
      const together = version !== before && other!.version !== other!.before;
      const anyRange: unknown = expect.stringMatching(/^\^\d+\.\d+\.\d+$/);
      expect(range, dependency).toEqual(together ? `^${other!.version}` : anyRange);
    }
  });

  test('is installed with its dependencies and nothing else', () => {
    const needed = new Set<string>();
    const add = (each: string): void => {
      needed.add(each);
      for (const dependency of Object.keys(manifestOf(each).dependencies ?? {})) add(dependency);
    };
    add(name);
    const alone = join(project, '..', `alone-${name.split('/')[1]!}`);
    onTestFinished(() => {
      rmSync(alone, { recursive: true });
    });
    install(
      alone,
      packed.filter((each) => needed.has(each.name)).map(({ tarball }) => tarball),
    );
    const installed = readdirSync(join(alone, 'node_modules/@http-client'));
    expect(installed.map((each) => `@http-client/${each}`).sort()).toEqual([...needed].sort());
    expect(readdirSync(join(alone, 'node_modules')).filter((each) => !each.startsWith('.'))).toEqual([
      '@http-client',
    ]);
  });

  const maps = files.map(({ path }) => path).filter((path) => path.endsWith('.map'));

  test.each(maps)('%s points to the sources, and contains them', (path) => {
    const { sources, sourcesContent } = JSON.parse(read(join(folder, path))) as {
      sources: string[];
      sourcesContent?: (string | null)[];
    };
    expect(sources).not.toEqual([]);
    for (const [index, relative] of sources.entries()) {
      const file = join(source, 'dist', relative);
      expect(existsSync(file), relative).toBe(true);
      expect(sourcesContent?.[index], relative).toBe(read(file));
    }
    const code = read(join(folder, path.slice(0, -'.map'.length)));
    expect(code).toContain(`//# sourceMappingURL=${path.slice('dist/'.length)}`);
  });
});
