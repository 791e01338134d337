import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { LAYERS } from '../../layers.js';
import { ROOT } from '../../scripts/workspaces.js';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** An export in a report: declared there, or listed, possibly under another name. */
const EXPORTED =
  /^export (?:(?:declare )?(?:abstract )?(?:class|const|function|interface|type) |\{ (?:\w+ as )?)(\w+)/gm;

/** Where the exports of each entry are described. The constants of `status` are not listed one by one. */
const DESCRIBED = [
  ...LAYERS.filter((layer) => !['client', 'status'].includes(layer)).map((layer) => ({
    entry: layer,
    document: `packages/${layer}/README.md`,
  })),
  { entry: 'connection-testing', document: 'docs/guides/testing.md' },
];

test.each(DESCRIBED)('$document names every export of $entry', ({ entry, document }) => {
  const exported = [...read(`etc/${entry}.api.md`).matchAll(EXPORTED)].map(([, name]) => name!);
  expect(exported).not.toEqual([]);
  const words = new Set(read(document).match(/\w+/g));
  expect(exported.filter((name) => !words.has(name))).toEqual([]);
});
