import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { ROOT } from '../../scripts/workspaces.js';
import { REQUIRED } from '../support/programs.js';
import { python } from './run-programs.js';

/** Prints every name that a caller of the module can use: its exports, members of its classes, parameters. */
const NAMES = `
import inspect, http.client as c
names = set(c.__all__) | {'HTTPMessage', 'HTTP_PORT', 'HTTPS_PORT', 'parse_headers'}
for cls in (c.HTTPConnection, c.HTTPSConnection, c.HTTPResponse, c.HTTPMessage):
    names |= {name for name in dir(cls) if not name.startswith('_')}
calls = [c.HTTPConnection, c.HTTPSConnection, c.HTTPResponse, c.HTTPConnection.request, c.HTTPConnection.putrequest,
         c.HTTPConnection.endheaders, c.HTTPConnection.set_tunnel]
for call in calls:
    names |= set(inspect.signature(call).parameters)
print('\\n'.join(sorted(names - {'self'})))
`;

test.skipIf(python === undefined && !REQUIRED)('the README has every name of the installed Python', () => {
  const names = execFileSync(python ?? 'python3', ['-c', NAMES], { encoding: 'utf8' })
    .split(/\r?\n/)
    .filter((name) => name !== '');
  expect(names.length).toBeGreaterThan(90);
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const tables = readme.slice(readme.indexOf('\n## Coming from Python\n'));
  const words = new Set(tables.match(/\w+/g));
  expect(names.filter((name) => !words.has(name))).toEqual([]);
});
