import type { Tolerance } from '../tolerance.js';

type Listed = [rule: Tolerance, offset: number];

/** Blocks and the rules tolerated: the resulting fields, or the line still rejected, and the violations listed. */
export const TOLERATED: [
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

  // bare-cr: each CR becomes a space, and the line is validated as if it had arrived so.
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

  // space-before-colon: the whitespace is dropped.
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
  // ... but no framing can be smuggled past it.
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
  ['`Content`{Length}: 5\r\n', ['malformed-field-line'], { refused: '`Content`{Length}: 5' }],
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

  // Rules that concern other parts of a message have no effect here.
  [
    'A : x\r\n',
    ['invalid-chunk-size', 'bare-lf-in-chunks', 'truncated-body', 'conflicting-content-length'],
    { refused: 'A : x' },
  ],
];
