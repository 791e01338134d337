import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { describe, expect, inject, test } from 'vitest';

import { ROOT } from '../../scripts/workspaces.js';

const packed = inject('packed');
const project = inject('project');

describe.each(packed)('$name', ({ name, tarball }) => {
  test('publint finds no fault', async () => {
    const pkgDir = join(project, 'node_modules', name);
    const { messages } = await publint({ pkgDir, level: 'suggestion', pack: false, strict: true });
    const manifest = JSON.parse(readFileSync(join(pkgDir, 'package.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    expect(messages.map((message) => formatMessage(message, manifest))).toEqual([]);
  });

  test('the types are correct for every kind of module resolution', () => {
    const attw = join(ROOT, 'node_modules/.bin/attw');
    const { stdout } = spawnSync(attw, [tarball, '--format', 'json'], { encoding: 'utf8' });
    const { analysis, problems } = JSON.parse(stdout) as {
      analysis: { packageName: string; problems: unknown[] };
      problems?: object;
    };
    expect(analysis.packageName).toBe(name);
    expect(analysis.problems).toEqual([]);
    expect(problems ?? {}).toEqual({});
  });
});
