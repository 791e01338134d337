import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { ROOT } from '../../scripts/workspaces.js';
import { folderOf } from '../support/folders.js';

const SCRIPT = join(ROOT, 'scripts/size.js');
const PACKAGE = JSON.stringify({ type: 'module', exports: './index.js' });

/** Runs the check in a folder with these packages: its exit code, and what it prints after the table. */
function check(files: Record<string, string>): { status: number | null; faults: string[] } {
  const args = [SCRIPT, '--folder', folderOf(files)];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return {
    status,
    faults: stdout.split('\n').filter((line) => /over its budget|costs more|no budget/.test(line)),
  };
}

/** A package `own` that exports `word`, and a `@http-client/client` with this code. */
function packages(budget: object, client = "export { word } from 'own';"): Record<string, string> {
  return {
    'size-budgets.json': JSON.stringify([{ import: 'word', from: 'own', ...budget }]),
    'node_modules/own/package.json': PACKAGE,
    'node_modules/own/index.js': `export const word = '${'x'.repeat(100)}'; export const unused = 'unused';`,
    'node_modules/@http-client/client/package.json': PACKAGE,
    'node_modules/@http-client/client/index.js': client,
  };
}

/** The length of what esbuild makes of the module: one variable and its export. */
const exact = `var o="${'x'.repeat(100)}";export{o as word};\n`.length;

test('passes where everything keeps its budget', () => {
  expect(check(packages({ minified: exact }))).toEqual({ status: 0, faults: [] });
});

test('fails where a name is one byte over its budget, and says by how much', () => {
  expect(check(packages({ minified: exact - 1 }))).toEqual({
    status: 1,
    faults: [`word is over its budget: ${exact} bytes minified, not ${exact - 1}`],
  });
});

test('fails where the compressed name is over its budget', () => {
  const { status, faults } = check(packages({ minified: exact, gzip: 10 }));
  expect(status).toBe(1);
  expect(faults).toEqual([expect.stringMatching(/^word is over its budget: \d+ bytes gzip, not 10$/)]);
});

test('fails where there is no budget, or where one has no limit', () => {
  expect(check({ 'size-budgets.json': '[]' })).toEqual({
    status: 1,
    faults: ['size-budgets.json has no budget: nothing was checked'],
  });
  expect(check(packages({ minifed: exact - 1 }))).toEqual({
    status: 1,
    faults: ['word has no budget: "minified" is missing'],
  });
});

test('a goal that is not reached yet is not a fault', () => {
  expect(check(packages({ minified: exact, goal: { minified: 5, gzip: 5 } }))).toEqual({
    status: 0,
    faults: [],
  });
});

test('fails where a name costs more from the package that re-exports everything', () => {
  const client = "export { word } from 'own'; console.log('a side effect, which no bundler may drop');";
  const { status, faults } = check(packages({ minified: exact }, client));
  expect(status).toBe(1);
  expect(faults[0]).toMatch(/^word costs more through @http-client\/client: \d+ bytes minified, not \d+$/);
});

test('ends silently, but not with success, where its reader has gone', async () => {
  const child = spawn(process.execPath, [SCRIPT, '--folder', folderOf(packages({ minified: exact }))]);
  const said: Buffer[] = [];
  child.stderr.on('data', (data: Buffer) => said.push(data));
  child.stdout.destroy();
  expect(await once(child, 'close')).toEqual([141, null]);
  expect(Buffer.concat(said).toString()).toBe('');
});
