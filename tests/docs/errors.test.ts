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

test('there are all the classes that errors exports', () => {
  expect(classes.length).toBeGreaterThan(15);
});

test.each(classes)('the guide says what %s is, %s, and what to do about it', (name, code) => {
  const rows = guide.split('\n').filter((line) => line.startsWith(`| \`${name}\``));
  if (name === 'HTTPException') expect(guide).toContain(`\`${name}\` (\`${code}\``);
  else expect(rows.filter((row) => row.includes(`<br>\`${code}\``))).toHaveLength(1);
});
