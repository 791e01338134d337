import { InvalidHeader } from '@http-client/errors';
import { encodeLatin1 } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { HeaderBlockParser, type HeaderBlockParserOptions, type Tolerance } from './index.js';
import { read } from './testdata/pieces.js';
import { TOLERATED } from './testdata/tolerated.js';

describe('tolerated', () => {
  test.each(TOLERATED)('%j %j', (lines, tolerate, fields, listed = []) => {
    const outcome = read(`${lines}\r\n`, { tolerate });
    if (typeof fields !== 'string') {
      expect(outcome).toMatchObject({ error: 'InvalidHeader', line: fields.refused });
      return;
    }
    const pairs = fields
      .split('|')
      .filter(Boolean)
      .map((field) => field.split(/: (.*)/s).slice(0, 2));
    expect(outcome).toMatchObject({ end: lines.length + 2, fields: pairs, defects: [] });
    const violations = outcome!['violations'] as { rule: string; offset: number; detail: string }[];
    expect(violations.map(({ rule, offset }) => [rule, offset])).toEqual(listed);
    // Without the tolerance, the first violation is an error.
    const [first] = violations.filter(({ rule }) => rule !== 'obsolete-fold');
    if (first !== undefined) {
      const strict = read(`${lines}\r\n`);
      expect(strict).toMatchObject({ error: 'InvalidHeader' });
      expect(strict!['message']).toBe(`Cannot accept a field line: ${first.detail}`);
    }
  });

  test('a violation says what was wrong', () => {
    expect(
      read('A : x\r\n y\r\nB\r\n: z\r\n\r\n', { tolerate: ['space-before-colon', 'malformed-field-line'] })![
        'violations'
      ],
    ).toEqual([
      {
        rule: 'space-before-colon',
        offset: 1,
        detail: 'whitespace before the colon (RFC 9112, section 5.1): "A : x"',
      },
      { rule: 'obsolete-fold', offset: 7, detail: 'an obsolete fold: " y"' },
      { rule: 'malformed-field-line', offset: 11, detail: 'no colon: "B"' },
      { rule: 'malformed-field-line', offset: 14, detail: 'an empty name: ": z"' },
    ]);
  });

  test('a line has one violation of a rule, however often it breaks it: a peer must not fill memory', () => {
    const outcome = read(`A: ${'\r'.repeat(60_000)}x\r\n\r\n`, { tolerate: ['bare-cr'] });
    expect(outcome!['violations']).toHaveLength(1);
    expect(outcome!['fields']).toEqual([['A', 'x']]);
  });

  test('with strict off nothing is listed', () => {
    expect(read('A : x\r\n\r\n', { tolerate: ['space-before-colon'], strict: false })).toMatchObject({
      fields: [],
      violations: [],
      defects: [{ line: 'A : x', detail: 'no field line: it ends the fields' }],
    });
  });
});

describe('trailers', () => {
  const where = 'trailers';
  test.each<[string, HeaderBlockParserOptions, Record<string, unknown>]>([
    [
      'A: 1\r\nB: x\r\n y\r\n\r\n',
      {},
      {
        fields: [
          ['A', '1'],
          ['B', 'x y'],
        ],
      },
    ],
    ['\r\n', {}, { fields: [] }],
    [
      'A: 1\n\r\n',
      {},
      {
        error: 'InvalidChunk',
        line: 'A: 1',
        message: 'Cannot accept a trailer line: a bare LF (RFC 9112, section 7.1): "A: 1"',
      },
    ],
    ['\n', {}, { error: 'InvalidChunk', line: '' }],
    ['A: 1\r\n\n', {}, { error: 'InvalidChunk', line: '' }],
    ['A: 1\r\n x\n\r\n', {}, { error: 'InvalidChunk', line: ' x' }],
    [`${'x'.repeat(300)}: 1\n`, {}, { error: 'InvalidChunk', line: 'x'.repeat(200) }],
    ['A : 1\r\n\r\n', {}, { error: 'InvalidHeader', line: 'A : 1' }],
    // The first fault in the stream counts.
    ['A : 1\n', {}, { error: 'InvalidHeader', line: 'A : 1' }],
    ['A: 1\n\r\n', { maxHeaders: 0 }, { error: 'TooManyHeaders' }],
    ['A: 1\n\n', { strict: false }, { fields: [['A', '1']], violations: [] }],
    [
      'A: 1\n\n',
      { tolerate: ['bare-lf-in-chunks'] },
      {
        fields: [['A', '1']],
        violations: [
          { rule: 'bare-lf-in-chunks', offset: 4, detail: 'a bare LF (RFC 9112, section 7.1): "A: 1"' },
          { rule: 'bare-lf-in-chunks', offset: 5, detail: 'a bare LF (RFC 9112, section 7.1): ""' },
        ],
      },
    ],
    ['A : 1\n x\n\n', { tolerate: ['bare-lf-in-chunks', 'space-before-colon'] }, { fields: [['A', '1 x']] }],
  ])('%j %j', (text, options, expected) => {
    expect(read(text, { where, ...options })).toMatchObject(expected);
  });

  test('in the head a bare LF is a line ending like any other', () => {
    expect(read('A: 1\n\n', { where: 'headers' })).toMatchObject({ fields: [['A', '1']], violations: [] });
  });
});

test('a rule that is added to the array later is not tolerated', () => {
  const tolerate: Tolerance[] = [];
  const parser = new HeaderBlockParser({ tolerate });
  tolerate.push('space-before-colon');
  const block = encodeLatin1('A : b\r\n\r\n');
  expect(() => parser.scan(block, 0, block.length)).toThrow(InvalidHeader);
});
