import { spawnSync } from 'node:child_process';
import { basename, join } from 'node:path';

import { expect, test } from 'vitest';

import { ROOT } from '../../scripts/workspaces.js';

test.each([
  ['check', ['--except', 'lynt'], /there is no step "lynt" \(build, lint, .*, coverage\)$/],
  ['check', ['--exclude', 'lint'], /Unknown option '--exclude'/],
  ['runtimes', ['bun', 'noed'], /there is no runtime "noed" \(node, node-22, .*, browser\)$/],
  ['install-runtimes', ['noed'], /there is no runtime "noed" \(node-22, .*, typescript-5\.4\)$/],
  ['api', ['--chek'], /Unknown option '--chek'/],
  ['api', ['check'], /Unexpected argument 'check'/],
  ['release', ['--dry'], /Unknown option '--dry'/],
  ['layer-diagram', ['--chek'], /Unknown option '--chek'/],
  ['layer-diagram', ['chek'], /Cannot place the layer diagram in "chek": there is no such file$/],
  ['layer-diagram', ['README.md', 'SECURITY.md'], /Unexpected argument 'SECURITY.md': one file at a time$/],
  ['layers', ['--check'], /Unknown option '--check'/],
  ['size', ['--chek'], /Unknown option '--chek'/],
  ['size', ['HTTPConnection'], /Unexpected argument 'HTTPConnection'/],
  ['../packages/status/scripts/generate', ['--check'], /Unknown option '--check'/],
])('%s refuses %j, and does nothing', (script, args, message) => {
  // Without its extension, as Node allows: a script that knows itself by its path would do nothing, and succeed.
  const path = join(ROOT, 'scripts', script);
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...args], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(new RegExp(`^${basename(script)}: .*\\n$`));
  expect(stderr.trimEnd()).toMatch(message);
});
