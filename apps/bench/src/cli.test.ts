import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { SCENARIOS } from './growth-scenarios.js';

/** The command as it is built: it measures what users get. */
const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

function bench(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  if (!existsSync(CLI))
    throw new Error('The command is not built: npm run build comes first, as in npm test');
  return spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8' });
}

test('growth has a row for each scenario', () => {
  const { status, stdout, stderr } = bench('growth', '--sizes', '2,5', '--runs', '1');
  expect([status, stderr]).toEqual([0, '']);
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^Node v\d+\..*; medians of 1$/);
  expect(lines[2]).toMatch(/^\| what grows .*\| exponent \| upper half \|$/);
  const rows = lines.slice(4).map((line) => line.split('|').map((cell) => cell.trim()));
  expect(rows.map(([, name]) => name)).toEqual(SCENARIOS.map(({ name }) => name));
  const number = /^-?\d+(\.\d+)?$/;
  for (const [, name, sizes, times, each, ...exponents] of rows) {
    expect(sizes, name).toBe('2 to 5');
    expect(times, name).toMatch(/^[\d.]+ to [\d.]+$/);
    expect(each, name).toMatch(number);
    expect(exponents, name).toEqual([expect.stringMatching(number), expect.stringMatching(number), '']);
  }
});

test('observers has a row for each who looks on, and for nobody', () => {
  const { status, stdout, stderr } = bench('observers', '--runs', '1');
  expect([status, stderr]).toEqual([0, '']);
  const rows = stdout.trimEnd().split('\n').slice(2);
  expect(rows.map((row) => row.split('|')[1]?.trim())).toEqual([
    'without the code',
    'nobody looks on',
    'onWire',
  ]);
});

test('growth of some scenarios, over sizes of their own', () => {
  const { status, stdout } = bench('growth', '--only', 'chunk extension', '--runs', '1');
  expect(status).toBe(0);
  const rows = stdout.trimEnd().split('\n').slice(4);
  expect(
    rows.map((row) =>
      row
        .split('|')
        .slice(1, 3)
        .map((cell) => cell.trim()),
    ),
  ).toEqual([
    ['bytes of a chunk extension', '1,000 to 64,000'],
    ['bytes of a chunk extension, in 1-byte segments', '1,000 to 64,000'],
  ]);
});

test.each([[[]], [['--help']]])('says how it is used: %j', (args) => {
  const { status, stdout } = bench(...args);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Usage: npm run bench -- <command>/);
});

test.each([
  [['speed'], 'there is no such command'],
  [['growth', '--fast'], "Unknown option '--fast'"],
  [['growth', '--runs', '0'], 'Cannot use "0" for --runs'],
  [['growth', '--sizes', '10,x'], 'Cannot use "x" for --sizes'],
  [['growth', '--sizes', '10,10'], 'Cannot fit a growth to less than two sizes'],
  [['growth', '--only', 'nothing'], 'no scenario is called so'],
])('refuses %j', (args, message) => {
  const { status, stderr } = bench(...args);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^bench: .*\n$/);
  expect(stderr).toContain(message);
});
