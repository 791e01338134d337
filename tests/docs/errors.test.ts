import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import * as errors from '@http-client/errors';
import { expect, test } from 'vitest';

import { ROOT } from '../../scripts/workspaces.js';

const guide = readFileSync(join(ROOT, 'docs/guides/errors.md'), 'utf8');

const classes = Object.entries(errors).flatMap(([name, value]) =>
  typeof value === 'function' && value.prototype instanceof Error && name === value.name
    ? [[name, (value as typeof errors.HTTPException).code] as const]
    : [],
);

test('the classes that errors exports are found', () => {
  expect(classes.length).toBeGreaterThan(15);
});

test.each(classes)('the guide has one row for %s, with the code %s', (name, code) => {
  const rows = guide.split('\n').filter((line) => line.startsWith(`| \`${name}\``));
  if (name === 'HTTPException') expect(guide).toContain(`\`${name}\` (\`${code}\``);
  else expect(rows.filter((row) => row.includes(`<br>\`${code}\``))).toHaveLength(1);
});
