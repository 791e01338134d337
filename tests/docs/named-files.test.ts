import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { LAYERS } from '../../layers.js';
import { ROOT } from '../../scripts/workspaces.js';
import { temporaryFolder } from '../support/folders.js';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Includes files that are not committed yet, but no ignored files. */
const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => file !== '' && existsSync(join(ROOT, file)));

/**
 * The files that a path in a document may mean: paths are from the root, from a package's folder, or from its `src`.
 */
function meant(path: string): string[] {
  return files.filter((file) => file === path || file.endsWith(`/${path}`));
}

const FILE = /`((?:[\w.-]+\/)*[\w.-]+\.(?:ts|js|txt|json|md|sh))`/g;

describe.each(['ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md'])('%s', (document) => {
  const text = read(document);

  test('names no missing file', () => {
    const named = [...text.matchAll(FILE)].map(([, path]) => path!);
    expect(named.filter((path) => meant(path).length === 0)).toEqual([]);
  });

  test('names no missing script', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...text.matchAll(/npm run ([\w:-]+)(?![\w:-])(?! -w)/g)].map(([, name]) => name!);
    const ofPackages = [...text.matchAll(/npm run ([\w:-]+) -w @http-client\/([\w-]+)/g)];
    const there = ofPackages.filter(([, name = '', folder = '']) => {
      const manifest = JSON.parse(read(`packages/${folder}/package.json`)) as {
        scripts: Record<string, string>;
      };
      return name in manifest.scripts;
    });
    expect(there).toHaveLength(ofPackages.length);
    const elsewhere = there.map(([, name]) => name);
    expect(named.filter((name) => !(name in scripts) && !elsewhere.includes(name))).toEqual([]);
  });
});

test('ARCHITECTURE.md names a file together with what is in it', () => {
  const pairs = [...read('ARCHITECTURE.md').matchAll(/`([\w-]+\.ts)`, `(\w+)`/g)];
  expect(pairs.length).toBeGreaterThan(5);
  for (const [, path = '', name = ''] of pairs) {
    const sources = meant(path).map(read);
    expect(
      sources.some((source) => new RegExp(`\\b${name}\\b`).test(source)),
      `${path}: ${name}`,
    ).toBe(true);
  }
});

test('ARCHITECTURE.md mentions every source of connection', () => {
  const text = read('ARCHITECTURE.md');
  const sources = files
    .map((file) => /^packages\/connection\/src\/([\w-]+\.ts)$/.exec(file)?.[1] ?? '')
    .filter((name) => name !== '' && name !== 'index.ts');
  expect(sources.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});

describe('the diagram of the layers', () => {
  const script = join(ROOT, 'scripts/layer-diagram.js');
  const draw = (...args: string[]): { status: number | null; said: string } => {
    const { status, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
    return { status, said: stderr };
  };

  test('is the one in ARCHITECTURE.md', () => {
    expect(draw('--check')).toEqual({ status: 0, said: '' });
  });

  test('shows everything that a package depends on, by one arrow or several, and nothing else', () => {
    const empty =
      '<!-- layer diagram: written by scripts/layer-diagram.js -->\n<!-- end of the layer diagram -->\n';
    const file = join(temporaryFolder({ 'document.md': empty }), 'document.md');
    expect(draw('--check', file)).toMatchObject({
      status: 1,
      said: expect.stringContaining('is stale') as string,
    });
    expect(readFileSync(file, 'utf8')).toBe(empty);
    expect(draw(file)).toEqual({ status: 0, said: '' });
    const arrows = [...readFileSync(file, 'utf8').matchAll(/^ +([\w-]+) --> ([\w-]+)$/gm)];
    const reached = (from: string): string[] =>
      arrows.flatMap(([, start, end = '']) => (start === from ? [end, ...reached(end)] : []));
    for (const layer of LAYERS) {
      const { dependencies = {} } = JSON.parse(read(`packages/${layer}/package.json`)) as {
        dependencies?: Record<string, string>;
      };
      const below = Object.keys(dependencies).map((name) => name.replace('@http-client/', ''));
      expect(reached(layer), layer).toEqual(expect.arrayContaining(below));
      const drawn = arrows.filter(([, start]) => start === layer).map(([, , end]) => end);
      expect(below, layer).toEqual(expect.arrayContaining(drawn));
    }
  });
});
