import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, inject, test } from 'vitest';

import { runtimes } from '../../scripts/installed-runtimes.js';
import { RUNTIMES_REQUIRED } from '../support/programs.js';
import { entriesOf } from './project.js';

const packed = inject('packed');
const project = inject('project');

const entries = packed.flatMap(({ name }) => entriesOf(project, name));

function run(node: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { error, ...result } = spawnSync(node, args, { cwd: project, encoding: 'utf8' });
  if (error !== undefined) throw error;
  return result;
}

const nodes = [
  { name: `Node ${process.versions.node}`, path: process.execPath, there: true },
  ...runtimes()
    .filter(({ name }) => name.startsWith('node-'))
    .map(({ name, path, version }) => ({
      // The name of a skipped test says why it was skipped.
      name: version === undefined ? `${name}, which is not installed` : `Node ${version}`,
      path,
      there: version !== undefined || RUNTIMES_REQUIRED,
    })),
];

describe.each(nodes)('$name', ({ path, there }) => {
  test.runIf(there)('imports and requires every entry, and recognises errors of the other copy', async () => {
    copyFileSync(join(import.meta.dirname, 'consumers/modules.js'), join(project, 'modules.mjs'));
    const { status, stdout, stderr } = run(path, 'modules.mjs', ...entries);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const said = JSON.parse(stdout) as { names: Record<string, string[]>; recognised: number };
    // The same names as in the workspace.
    for (const entry of entries) {
      expect(said.names[entry], entry).toEqual(Object.keys((await import(entry)) as object).sort());
    }
    expect(said.recognised).toBeGreaterThan(30);
  });

  test.runIf(there)('shows where in the sources an error was thrown', () => {
    writeFileSync(
      join(project, 'trace.mjs'),
      "import { validateHeaderName } from '@http-client/headers';\nvalidateHeaderName('a b');\n",
    );
    const { status, stderr } = run(path, '--enable-source-maps', 'trace.mjs');
    expect(status).toBe(1);
    const [, line] = /headers\/src\/grammar\.ts:(\d+)/.exec(stderr) ?? [];
    const source = readFileSync(join(import.meta.dirname, '../../packages/headers/src/grammar.ts'), 'utf8');
    expect(source.split('\n')[Number(line) - 1]).toMatch(/throw|TypeError/);
  });
});
