import { readFileSync } from 'node:fs';

import { TOLERANCES } from '@http-client/client';
import { expect, test } from 'vitest';

import { sectionsOf } from '../../behaviour-plugin.js';
import { casesOf, casesWith, ruleOf } from './find-rules.js';

const sections = sectionsOf(readFileSync(new URL('../../../../docs/behaviour.md', import.meta.url), 'utf8'));

test('every rule of tolerate has a row, and every one that is not always tolerated has a case', () => {
  for (const rule of TOLERANCES) expect(ruleOf(sections, rule)?.title).toBe(rule);
  for (const rule of TOLERANCES.filter(
    (each) => each !== 'obsolete-fold' && each !== 'content-length-with-transfer-encoding',
  ))
    expect([rule, casesOf(sections, [rule]).length]).not.toEqual([rule, 0]);
});

test.each([
  'InvalidHeader',
  'InvalidChunk',
  'IncompleteRead',
  'BadStatusLine',
  'UnknownProtocol',
  'RemoteDisconnected',
  'TooManyHeaders',
  'LineTooLong',
])('%s has cases', (error) => {
  expect(casesWith(sections, error).length).toBeGreaterThan(0);
});

test('the cases of a rule are found', () => {
  expect(casesOf(sections, ['conflicting-content-length'])).toEqual([
    {
      id: 'where-the-body-ends-3',
      title: 'Content-Length of different elements',
    },
  ]);
});

test('a document as data: text and code, without markup', () => {
  expect(
    sectionsOf('# Top\n\n## A `b`\n\nText & `<c>`, [a link](x.md).\n\n| x |\n| - |\n| `1` |\n\n- one\n'),
  ).toEqual([
    {
      id: 'a-b',
      title: 'A b',
      depth: 2,
      blocks: [
        {
          type: 'paragraph',
          text: [{ text: 'Text & ' }, { code: '<c>' }, { text: ', ' }, { text: 'a link' }, { text: '.' }],
        },
        { type: 'table', head: [[{ text: 'x' }]], rows: [{ id: 'a-b-1', cells: [[{ code: '1' }]] }] },
        { type: 'list', items: [[{ text: 'one' }]] },
      ],
    },
  ]);
  expect(() => sectionsOf('## A\n\n```\ncode\n```\n')).toThrow('cannot show');
});

test('ids are unique', () => {
  const ids = sections.flatMap(({ id, blocks }) => [
    id,
    ...blocks.flatMap((block) => (block.type === 'table' ? block.rows.map((row) => row.id) : [])),
  ]);
  expect(new Set(ids).size).toBe(ids.length);
});
