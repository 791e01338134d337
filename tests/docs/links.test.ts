import { expect, test } from 'vitest';

import { ROOT } from '../../scripts/workspaces.js';
import { temporaryFolder } from '../support/folders.js';
import { brokenLinks, linkedIn } from './links.js';
import { markdownFiles } from './markdown.js';

test('links and anchors are found as GitHub finds them', () => {
  const markdown = [
    '# The `a-b` of *it*, and more',
    '',
    '## Twice',
    '',
    '## Twice',
    '',
    '| [one](a.md) | `[none](b.md)` |',
    '| ----------- | -------------- |',
    '| ![two](c.png "title") | [three] |',
    '',
    '[three]: <d.md#e>',
    '',
    '```md',
    '# No heading',
    '[none](f.md)',
    '```',
  ];
  expect(linkedIn(markdown.join('\n'))).toEqual({
    links: ['a.md', 'c.png', 'd.md#e'],
    anchors: new Set(['the-a-b-of-it-and-more', 'twice', 'twice-1']),
  });
});

test('a broken link is reported, with its file', () => {
  const root = temporaryFolder({
    'a.md': '# A\n\n[b](docs/b.md#b) [web](https://example.org/#x) [c](c.md) [x](#x)',
    'docs/b.md': '# B\n\n[a](../a.md#a) [up](..) [out](../../a.md) [root](/a.md) [y](../a.md#y)',
  });
  expect(brokenLinks(root, ['a.md', 'docs/b.md'])).toEqual([
    'a.md: c.md leads nowhere',
    'a.md: #x names no heading of a.md',
    'docs/b.md: ../../a.md leads nowhere',
    'docs/b.md: /a.md leads nowhere',
    'docs/b.md: ../a.md#y names no heading of a.md',
  ]);
});

test.each(markdownFiles())('%s has no broken link', (file) => {
  expect(brokenLinks(ROOT, [file])).toEqual([]);
});
