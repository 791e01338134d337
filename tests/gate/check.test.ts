import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { ROOT } from '../../scripts/workspaces.js';
import { folderOf, temporaryFolder } from '../support/folders.js';

function node(folder: string, ...args: string[]): { status: number | null; lines: string[] } {
  const env = { ...process.env, NO_COLOR: '1' };
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env });
  return { status, lines: stdout.trimEnd().split('\n') };
}

test('the build says what is missing in a clone without its tools', () => {
  const folder = temporaryFolder();
  for (const name of ['package.json', 'scripts/build.js', 'scripts/workspaces.js'])
    cpSync(join(ROOT, name), join(folder, name));
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'scripts/build.js')], {
    encoding: 'utf8',
  });
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: '',
    stderr: 'build: the tools are not installed; run npm ci first\n',
  });
});

describe('the gate', () => {
  const good = {
    build: 'node -e 0',
    lint: 'node -e 0',
    typecheck: 'node -e 0',
    'format:check': 'node -e 0',
    layers: 'node -e 0',
    size: 'node -e 0',
    'api:check': 'node -e 0',
    packed: 'node -e 0',
    coverage: 'node -e 0',
  };
  const check = (scripts: Record<string, string>, ...args: string[]): ReturnType<typeof node> => {
    const folder = folderOf({ 'package.json': JSON.stringify({ private: true, scripts }) });
    const { status, lines } = node(folder, join(ROOT, 'scripts/check.js'), ...args);
    return { status, lines: lines.map((line) => line.replace(/\s+\d+\.\d s$/, '')).sort() };
  };

  test('continues after a failed step, shows its output, and fails', () => {
    const bad = {
      build: `node -e "console.log('out'); console.error('err'); process.exit(2)"`,
      layers: 'node -e "process.exit(1)"',
    };
    expect(check({ ...good, ...bad })).toEqual({
      status: 1,
      lines: [
        '    err',
        '    out',
        'FAILED build',
        'FAILED layers',
        'failed: build, layers',
        'ok     api:check',
        'ok     coverage',
        'ok     format:check',
        'ok     lint',
        'ok     packed',
        'ok     size',
        'ok     typecheck',
      ],
    });
  });

  test('has a line for each step that is not excepted', () => {
    const bad = { lint: 'node -e "process.exit(1)"', coverage: 'node -e "process.exit(1)"' };
    expect(check({ ...good, ...bad }, '--except', 'lint', '--except', 'coverage')).toEqual({
      status: 0,
      lines: [
        'ok     api:check',
        'ok     build',
        'ok     format:check',
        'ok     layers',
        'ok     packed',
        'ok     size',
        'ok     typecheck',
        'the gate passed, without lint, coverage',
      ],
    });
  });

  test('passes with every step', () => {
    const { status, lines } = check(good);
    expect(lines).toContain('the gate passed');
    expect(status).toBe(0);
  });

  test('does not pass where no step is left', () => {
    expect(check(good, ...Object.keys(good).flatMap((step) => ['--except', step]))).toEqual({
      status: 1,
      lines: ['nothing was checked: every step is excepted'],
    });
  });
});

describe('the closing line of the tests', () => {
  const head = "import { expect, test } from 'vitest';\n";
  const good = `${head}test('a', () => {});\ntest.each([1, 2])('%d', () => {});\ntest.skip('s', () => {});\n`;

  test.each([
    ['all pass', { 'a.test.js': good }, 0, '3 passed, 0 failed'],
    [
      'one fails',
      { 'a.test.js': `${good}test('b', () => { expect(1).toBe(2); });\n` },
      1,
      '3 passed, 1 failed',
    ],
    ['a file is broken', { 'a.test.js': good, 'b.test.js': 'nothing.here();\n' }, 1, '3 passed, 1 failed'],
    [
      'an error outside the tests',
      { 'a.test.js': `${head}test('a', () => { void Promise.reject(new Error('planted')); });\n` },
      1,
      '1 passed, 1 failed',
    ],
  ])('%s', (_name, files, exitCode, line) => {
    const folder = folderOf({ ...files, 'vitest.config.js': 'export default {};\n' });
    const reporter = join(ROOT, 'scripts/closing-line.js');
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
    const { status, lines } = node(folder, vitest, 'run', '--reporter=default', `--reporter=${reporter}`);
    expect(lines.at(-1)).toBe(line);
    expect(lines.includes('1 skipped')).toBe(files['a.test.js'].includes('test.skip'));
    expect(status).toBe(exitCode);
  });
});
