import { describe, expect, test } from 'vitest';

import { HeaderBlockParser, type HeaderBlockParserOptions, type Tolerance } from './index.js';
import { BLOCKS } from './testdata/blocks.js';
import { latin1, read, readInPieces } from './testdata/pieces.js';

type Listed = [rule: Tolerance, offset: number];

/** Blocks that only a tolerance lets through: what it makes of them, and what it lists. */
const TOLERATED: [
  block: string,
  tolerate: Tolerance[],
  fields: string | { refused: string },
  listed?: Listed[],
][] = [
  // Always tolerated, always listed.
  [
    'A: x\r\n y\r\n\tz\r\n',
    [],
    'A: x y z',
    [
      ['obsolete-fold', 6],
      ['obsolete-fold', 10],
    ],
  ],
  ['A: x\r\n y\r\n', ['obsolete-fold'], 'A: x y', [['obsolete-fold', 6]]],

  // bare-cr: one space for each CR, and the line judged as if it had come so.
  ['A: x\ry\r\n', ['bare-cr'], 'A: x y', [['bare-cr', 4]]],
  ['A: x\r\ry\r\r\n', ['bare-cr'], 'A: x  y', [['bare-cr', 4]]],
  ['A: \rx\r\nB: y\r\n', ['bare-cr'], 'A: x|B: y', [['bare-cr', 3]]],
  ['A:\rx\n', ['bare-cr'], 'A: x', [['bare-cr', 2]]],
  ['A: x\rContent-Length: 5\r\n', ['bare-cr'], 'A: x Content-Length: 5', [['bare-cr', 4]]],
  [
    'A: x\r\n\ry\r\n',
    ['bare-cr'],
    'A: x y',
    [
      ['bare-cr', 6],
      ['obsolete-fold', 6],
    ],
  ],
  [
    'A: x\r\n\r\r\nB: y\r\n',
    ['bare-cr'],
    'A: x|B: y',
    [
      ['bare-cr', 6],
      ['obsolete-fold', 6],
    ],
  ],
  [
    'A: x\r\n y\rz\r\n',
    ['bare-cr'],
    'A: x y z',
    [
      ['bare-cr', 8],
      ['obsolete-fold', 6],
    ],
  ],
  ['A: x\ry\0\r\n', ['bare-cr'], { refused: 'A: x\ry\0' }],
  ['A: \0x\ry\r\n', ['bare-cr'], { refused: 'A: \0x\ry' }],
  ['A\rB: x\r\n', ['bare-cr'], { refused: 'A\rB: x' }],
  ['A\r: x\r\n', ['bare-cr'], { refused: 'A\r: x' }],
  ['\rA: x\r\n', ['bare-cr'], { refused: '\rA: x' }],
  [
    'A\r: x\r\n',
    ['bare-cr', 'space-before-colon'],
    'A: x',
    [
      ['bare-cr', 1],
      ['space-before-colon', 1],
    ],
  ],
  [
    'A\rB: x\r\n',
    ['bare-cr', 'malformed-field-line'],
    '',
    [
      ['bare-cr', 1],
      ['malformed-field-line', 1],
    ],
  ],
  [
    '\rA: x\r\n',
    ['bare-cr', 'malformed-field-line'],
    '',
    [
      ['bare-cr', 0],
      ['malformed-field-line', 0],
    ],
  ],

  // space-before-colon: the blanks are dropped.
  ['A : x\r\n', ['space-before-colon'], 'A: x', [['space-before-colon', 1]]],
  [
    'B: 1\r\nA \t :x:\r\n y\r\n',
    ['space-before-colon'],
    'B: 1|A: x: y',
    [
      ['space-before-colon', 7],
      ['obsolete-fold', 15],
    ],
  ],
  ['Content-Length : 5\r\n', ['space-before-colon'], 'Content-Length: 5', [['space-before-colon', 14]]],
  ['A b : x\r\n', ['space-before-colon'], { refused: 'A b : x' }],
  [' A: x\r\n', ['space-before-colon'], { refused: ' A: x' }],
  ['A : \0\r\n', ['space-before-colon'], { refused: 'A : \0' }],
  ['A : \r \r\n', ['space-before-colon'], { refused: 'A : \r ' }],

  // malformed-field-line: skipped with its folds.
  ['no colon\r\nA: 1\r\n', ['malformed-field-line'], 'A: 1', [['malformed-field-line', 0]]],
  ['A: 1\r\n: x\r\nB: 2\r\n', ['malformed-field-line'], 'A: 1|B: 2', [['malformed-field-line', 6]]],
  ['A(b): 1\r\n', ['malformed-field-line'], '', [['malformed-field-line', 1]]],
  ['caf\xe9: 1\r\n', ['malformed-field-line'], '', [['malformed-field-line', 3]]],
  ['a b: 1\r\n', ['malformed-field-line'], '', [['malformed-field-line', 1]]],
  [
    ' x\r\n y\r\nA: 1\r\n',
    ['malformed-field-line'],
    'A: 1',
    [
      ['malformed-field-line', 0],
      ['malformed-field-line', 4],
    ],
  ],
  [
    'A: 1\r\nno\r\n 2\r\n\t3\r\nB: 4\r\n 5\r\n',
    ['malformed-field-line'],
    'A: 1|B: 4 5',
    [
      ['malformed-field-line', 6],
      ['malformed-field-line', 10],
      ['malformed-field-line', 14],
      ['obsolete-fold', 24],
    ],
  ],
  // ... but framing is not smuggled past it.
  [
    'Content-Length: 1\r\nno\r\n 0\r\n',
    ['malformed-field-line'],
    'Content-Length: 1',
    [
      ['malformed-field-line', 19],
      ['malformed-field-line', 23],
    ],
  ],
  ['A : x\r\n', ['malformed-field-line'], { refused: 'A : x' }],
  ['Content-Length : 5\r\n', ['malformed-field-line'], { refused: 'Content-Length : 5' }],
  [' Content-Length: 5\r\n', ['malformed-field-line'], { refused: ' Content-Length: 5' }],
  [
    'no\r\n transfer-encoding: chunked\r\n',
    ['malformed-field-line'],
    { refused: ' transfer-encoding: chunked' },
  ],
  [
    'Transfer\x80-Encoding: chunked\r\n',
    ['malformed-field-line'],
    { refused: 'Transfer\x80-Encoding: chunked' },
  ],
  ['"Content-Length": 5\r\n', ['malformed-field-line'], { refused: '"Content-Length": 5' }],
  ['Content Length 5\r\n', ['malformed-field-line'], { refused: 'Content Length 5' }],
  [': CONTENT_LENGTH: 5\r\n', ['malformed-field-line'], { refused: ': CONTENT_LENGTH: 5' }],
  [
    'Transfer-Encoding\xa0: chunked\r\n',
    ['malformed-field-line', 'space-before-colon', 'bare-cr'],
    { refused: 'Transfer-Encoding\xa0: chunked' },
  ],
  [
    'A(b)\rTransfer-Encoding: chunked\r\n',
    ['malformed-field-line', 'bare-cr'],
    { refused: 'A(b)\rTransfer-Encoding: chunked' },
  ],
  ['no\0colon\r\n', ['malformed-field-line'], { refused: 'no\0colon' }],
  ['no\rcolon\r\n', ['malformed-field-line'], { refused: 'no\rcolon' }],
  ['a\x7f: x\r\n', ['malformed-field-line', 'bare-cr', 'space-before-colon'], { refused: 'a\x7f: x' }],

  // Rules of other parts of a message change nothing here.
  [
    'A : x\r\n',
    ['invalid-chunk-size', 'bare-lf-in-chunks', 'truncated-body', 'conflicting-content-length'],
    { refused: 'A : x' },
  ],
];

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
    // Without the tolerance the first thing that it let pass is refused.
    const [first] = violations.filter(({ rule }) => rule !== 'obsolete-fold');
    if (first !== undefined) {
      const strict = read(`${lines}\r\n`);
      expect(strict).toMatchObject({ error: 'InvalidHeader' });
      expect(strict!['message']).toBe(`Cannot accept a field line: ${first.detail}`);
    }
  });

  test('a violation says what it was', () => {
    expect(
      read('A : x\r\n y\r\nB\r\n\r\n', { tolerate: ['space-before-colon', 'malformed-field-line'] })![
        'violations'
      ],
    ).toEqual([
      {
        rule: 'space-before-colon',
        offset: 1,
        detail: 'a blank before the colon (RFC 9112, section 5.1): "A : x"',
      },
      { rule: 'obsolete-fold', offset: 7, detail: 'an obsolete fold: " y"' },
      { rule: 'malformed-field-line', offset: 11, detail: 'no colon: "B"' },
    ]);
  });

  test('a line has one violation of a rule, however often it breaks it: a peer must not fill the memory', () => {
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
    // The fault that comes first in the stream.
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

  test('in the head a bare LF is a line end like another', () => {
    expect(read('A: 1\n\n', { where: 'headers' })).toMatchObject({ fields: [['A', '1']], violations: [] });
  });
});

describe('any segmentation gives the same outcome', () => {
  const TEXTS = [
    ...TOLERATED.map(([lines]) => `${lines}\r\nbody`),
    ...BLOCKS.map(({ input }) => input).filter((input) => input.length < 200),
    'A: 1\r\n'.repeat(5) + '\r\n',
    'A: 1\r\n'.repeat(4) + '\r\r\n',
    'A: 1\n'.repeat(4) + '\n',
    'A: 1\r\n'.repeat(4) + ' \r\n\r\n',
    `A: ${'x'.repeat(35)}\r\n\r\n`,
    `A: ${'x'.repeat(36)}\r\n\r\n`,
    `A: 1\r\n${'x'.repeat(50)}`,
    `\0${'x'.repeat(50)}\r\n`,
    `A : ${'\r'.repeat(36)}\n`,
  ];
  const limits = { maxHeaders: 4, maxLineLength: 40 };
  const all: Tolerance[] = ['bare-cr', 'space-before-colon', 'malformed-field-line', 'bare-lf-in-chunks'];

  test.each<[string, HeaderBlockParserOptions]>([
    ['strict', limits],
    ['strict, in trailers', { ...limits, where: 'trailers' }],
    ['tolerant', { ...limits, tolerate: all }],
    ['tolerant, in trailers', { ...limits, tolerate: all, where: 'trailers' }],
    ['strict off', { ...limits, strict: false }],
    ['strict, default limits', {}],
    ['strict off, default limits', { strict: false }],
  ])('%s', (_, options) => {
    for (const text of TEXTS) {
      const whole = read(text, options);
      const every = Array.from({ length: text.length + 1 }, (_piece, cut) => cut);
      expect([text, readInPieces(text, every, options)]).toEqual([text, whole]);
      const wholeAtEnd = read(text, options, true);
      for (const cut of every) {
        expect([text, cut, readInPieces(text, [cut, text.length], options)]).toEqual([text, cut, whole]);
        expect([text, cut, readInPieces(text, [cut, text.length], options, true)]).toEqual([
          text,
          cut,
          wholeAtEnd,
        ]);
        // Cut there for good: the same outcome where it had come by then, else none yet.
        const cutOff = read(text.slice(0, cut), options);
        if (cutOff !== undefined) expect([text, cut, cutOff]).toEqual([text, cut, whole]);
      }
    }
  });
});

describe('one parser for block after block', () => {
  test('reset forgets the last one, after an error too', () => {
    const parser = new HeaderBlockParser({ maxHeaders: 2, tolerate: ['space-before-colon'] });
    const parse = (text: string): unknown => {
      const bytes = latin1(text);
      parser.reset();
      const end = parser.scan(bytes, 0, bytes.length);
      return end < 0 ? end : [parser.finish(bytes, 0).toJSON(), parser.violations.length];
    };
    expect(parse('A: 1\r\nB : x\r\n\r\n')).toEqual([
      [
        ['A', '1'],
        ['B', 'x'],
      ],
      1,
    ]);
    expect(parse('C: 1\r\n y\r\n\r\n')).toEqual([[['C', '1 y']], 1]);
    expect(() => parse('A: 1\r\nB: 2\r\nC: 3\r\n')).toThrow('Cannot accept more than 2 field lines');
    expect(parse('D: 1\r\nE')).toBe(-1);
    expect(() => parse(' x\r\n\r\n')).toThrow('it continues no field');
    expect(parse('\r\n')).toEqual([[], 0]);
  });

  test('messages and violations of one block are not those of the next', () => {
    const parser = new HeaderBlockParser();
    const bytes = latin1('A: 1\r\n x\r\n\r\n');
    parser.scan(bytes, 0, bytes.length);
    const first = parser.finish(bytes, 0);
    const { violations } = parser;
    first.append('B', '2');
    parser.reset();
    parser.scan(bytes, 0, bytes.length);
    const second = parser.finish(bytes, 0);
    expect(first.toJSON()).toEqual([
      ['A', '1 x'],
      ['B', '2'],
    ]);
    expect(second.toJSON()).toEqual([['A', '1 x']]);
    expect(violations).toHaveLength(1);
  });

  test('the partial of an IncompleteRead is a copy', () => {
    const parser = new HeaderBlockParser();
    const bytes = Buffer.from('xxA: 1\r\n');
    expect(parser.scan(bytes, 2, bytes.length)).toBe(-1);
    let partial: Uint8Array | undefined;
    try {
      parser.finishAtEnd(bytes, 2, bytes.length);
    } catch (error) {
      ({ partial } = error as { partial: Uint8Array });
    }
    bytes.fill(0);
    expect(partial).toEqual(latin1('A: 1\r\n'));
  });
});

// Quadratic work would take minutes, and the test's time would run out.
describe('a byte at a time takes linear work', () => {
  test.each<[string, string, HeaderBlockParserOptions]>([
    ['a plain line', `A: ${'x'.repeat(1_000_000)}\r\n`, {}],
    ['blanks', `A: x${' '.repeat(1_000_000)}\r\n`, {}],
    ['many lines', 'A: x\r\n'.repeat(200_000), {}],
    ['many folds', `A: x\r\n${' \r\n'.repeat(300_000)}`, {}],
    ['bare CRs', `A: x${'\r'.repeat(1_000_000)}x\r\n`, { tolerate: ['bare-cr'] }],
    ['a name', `${'x'.repeat(1_000_000)}: x\r\n`, {}],
    ['strict off', `A: ${'x'.repeat(500_000)}\r\n${' x\r\n'.repeat(100_000)}`, { strict: false }],
  ])('%s', (_, text, options) => {
    const bytes = latin1(`${text}\r\n`);
    const parser = new HeaderBlockParser({ maxHeaders: 1e6, maxLineLength: 1e9, ...options });
    let end = -1;
    for (let at = 1; at <= bytes.length; at++) end = parser.scan(bytes, 0, at);
    expect(end).toBe(bytes.length);
    expect(parser.finish(bytes, 0).size).toBeGreaterThan(0);
  });
});
