import { HTTPException, InvalidChunk } from '@http-client/errors';
import type { Tolerance } from '@http-client/headers';
import { encodeLatin1 } from '@http-client/io';
import { expect, test } from 'vitest';

import { ChunkedDecoder } from './chunked.js';
import { decodeEveryWay, drive } from './testdata/drive.js';

const END = '0\r\n\r\n';
const TOLERANCES: Tolerance[] = [
  'bare-lf-in-chunks',
  'invalid-chunk-size',
  'missing-chunk-crlf',
  'truncated-body',
];

type Row = [body: string, data: string, offsets: number[], trailers?: [string, string][]];
const rows: [rule: Tolerance, accepted: Row[], refused: string[]][] = [
  [
    'bare-lf-in-chunks',
    [
      ['5\nhello\r\n' + END, 'hello', [1]],
      ['5 \nhello\r\n' + END, 'hello', [2]],
      ['5;a\nhello\r\n' + END, 'hello', [3]],
      ['5\r\nhello\n' + END, 'hello', [8]],
      ['5\r\nhello\r\n0\n\r\n', 'hello', [11]],
      ['5\r\nhello\r\n0\r\n\n', 'hello', [13]],
      ['0\r\nX: y\n\r\n', '', [7], [['X', 'y']]],
      ['5\nhello\n0\nX: y\n\n', 'hello', [1, 7, 9, 14, 15], [['X', 'y']]],
    ],
    [
      '\nhello',
      '5\rhello',
      '5\r\nhello\rX',
      '5\r\nhell\n\rX',
      '5\r\nhello0\r\n',
      '+5\nhello',
      '5;\0\nhello',
      '0\r\nX : y\n\n',
    ],
  ],
  [
    'invalid-chunk-size',
    [
      ['+5\r\nhello\r\n' + END, 'hello', [0]],
      ['0x5\r\nhello\r\n' + END, 'hello', [0]],
      ['0X_5\r\nhello\r\n' + END, 'hello', [0]],
      [' 5\r\nhello\r\n' + END, 'hello', [0]],
      ['\t5\x0b\x0c \r\nhello\r\n' + END, 'hello', [0]],
      ['5\x0c;a\r\nhello\r\n' + END, 'hello', [0]],
      ['5\v\r\nhello\r\n' + END, 'hello', [0]],
      ['5 \v\r\nhello\r\n' + END, 'hello', [0]],
      ['+5;\t ~\x80\xff\r\nhello\r\n' + END, 'hello', [0]],
      ['0_5\r\nhello\r\n' + END, 'hello', [0]],
      ['+5;a="\\"b";c=""\r\nhello\r\n' + END, 'hello', [0]],
      ['1\r\na\r\n +0x_0_5 ;a="b"\r\nhello\r\n' + END, 'ahello', [6]],
      ['5\r\nhello\r\n-0\r\nX: y\r\n\r\n', 'hello', [10], [['X', 'y']]],
      ['5\r\nhello\r\n0_0\r\n\r\n', 'hello', [10]],
    ],
    [
      '\r\nhello',
      '\nhello',
      '-5\r\nhello',
      '-1\r\nhello',
      'g\r\nhello',
      '5 5\r\nhello',
      '5__0\r\n',
      '0x\r\nhello',
      '\xa05\r\nhello',
      '5\0\r\nhello',
      '+20000000000000\r\n',
      '20000000000000\r\n',
      '+5\nhello',
      '5\nhello',
      '5\rhello',
      '+5\r\r\nhello',
      '\r5\r\nhello',
      '+5;a\rb\r\nhello',
      '+5;\0\r\nhello',
      '+5;\x1f\r\nhello',
      '+5;\x7f\r\nhello',
      '+5;a="b"c"\r\nhello',
      '+5;a="b\r\nhello',
      '+5;a="b\\"\r\nhello',
      '5;a="b\r\nhello',
      '5;\0\r\nhello',
      '5\r\nhelloX\r\n' + END,
    ],
  ],
  [
    'missing-chunk-crlf',
    [
      // The next size line follows at once ...
      ['5\r\nhello0\r\n\r\n', 'hello', [8]],
      ['5\r\nhelloA\r\n0123456789\r\n' + END, 'hello0123456789', [8]],
      ['5\r\nhellof\r\n0123456789abcde\r\n' + END, 'hello0123456789abcde', [8]],
      // ... or there are two other bytes.
      ['5\r\nhelloXY' + END, 'hello', [8]],
      ['5\r\nhellog`' + END, 'hello', [8]],
      ['5\r\nhello`g' + END, 'hello', [8]],
      ['5\r\nhello\rX' + END, 'hello', [8]],
      ['5\r\nhello\r\r' + END, 'hello', [8]],
      ['5\r\nhello  ' + END, 'hello', [8]],
      ['1\r\na\r\n5\r\nhelloX01\r\nbXY' + END, 'ahellob', [14, 20]],
    ],
    ['5\r\nhello\n' + END, '5\nhello', '+5\r\nhello', '5\r\nhelloX' + END, '0\r\n\n'],
  ],
  [
    'truncated-body',
    [
      ['', '', [0]],
      ['5', '', [1]],
      ['5\r\nhel', 'hel', [6]],
      ['5\r\nhello', 'hello', [8]],
      ['5\r\nhello\r', 'hello', [9]],
      ['5\r\nhello\r\n', 'hello', [10]],
      ['5\r\nhello\r\n0\r\nX: y\r\n', 'hello', [19]],
    ],
    ['g', '5\n', '5\r\nhelloX', '0\r\n\n'],
  ],
];
for (const [rule, accepted, refused] of rows) {
  test.each(accepted)(`${rule} accepts %j`, (body, data, offsets, trailers = []) => {
    const outcome = decodeEveryWay(body, { tolerate: [rule] });
    const violations = offsets.map((offset) => ({ rule, offset }));
    expect(outcome).toEqual({ data, trailers, used: body.length, violations });
    // None of it is accepted without the rule, and the other rules do not accept it either.
    for (const others of [[], TOLERANCES.filter((other) => other !== rule)]) {
      expect(drive(body, { tolerate: others }).fault).toBeDefined();
    }
  });
  test.each(refused)(`${rule} does not accept %j`, (body) => {
    expect(decodeEveryWay(body, { tolerate: [rule] }).fault?.name).toMatch(/Invalid/);
  });
}

test('a truncation is placed where the stream ended, however many pieces came before', () => {
  const decoder = new ChunkedDecoder({ tolerate: ['truncated-body'] });
  for (const piece of ['5\r\n', 'he', 'l']) decoder.decode(encodeLatin1(piece));
  decoder.finish();
  expect(decoder.violations).toMatchObject([{ rule: 'truncated-body', offset: 6 }]);
});

test('several rules together', () => {
  const body = '+5\nhello\n 0x1 ;x\nbXY0\n\n';
  expect(decodeEveryWay(body, { tolerate: TOLERANCES })).toEqual({
    data: 'hellob',
    trailers: [],
    used: body.length,
    violations: [
      { rule: 'bare-lf-in-chunks', offset: 2 },
      { rule: 'invalid-chunk-size', offset: 0 },
      { rule: 'bare-lf-in-chunks', offset: 8 },
      { rule: 'bare-lf-in-chunks', offset: 16 },
      { rule: 'invalid-chunk-size', offset: 9 },
      { rule: 'missing-chunk-crlf', offset: 18 },
      { rule: 'bare-lf-in-chunks', offset: 21 },
      { rule: 'bare-lf-in-chunks', offset: 22 },
    ],
  });
});

// Otherwise the end of the stream, if that is tolerated as well, would hide that these are no chunks.
test.each(['g', 'World', '<html>', 'dear', '5 5', '5,', '\xa05', ';a'])(
  'a size that cannot become a number is rejected before its line has arrived: %j',
  (body) => {
    for (const tolerate of [['invalid-chunk-size'], TOLERANCES] as const) {
      expect(decodeEveryWay(body, { tolerate }).fault?.name).toBe('InvalidChunk');
    }
  },
);

test('describes what was tolerated', () => {
  const decoder = new ChunkedDecoder({ tolerate: TOLERANCES });
  decoder.decode(encodeLatin1('+1\r\naXY'));
  decoder.finish();
  expect(decoder.violations.map(({ detail }) => detail)).toEqual([
    '"+1" is read as 1',
    '"X" stands where CRLF must follow the data of a chunk',
    'the stream ended before the blank line after the last chunk',
  ]);
});

test.each([
  ['+1fffffffffffff', Number.MAX_SAFE_INTEGER],
  ['+20000000000000', undefined],
])('an invalid but tolerated size is also limited to 2^53-1: %s', (size, left) => {
  const decoder = new ChunkedDecoder({ tolerate: ['invalid-chunk-size'] });
  const read = (): unknown => decoder.decode(encodeLatin1(`${size}\r\n`));
  if (left === undefined) expect(read).toThrow(InvalidChunk);
  else {
    read();
    expect(() => {
      decoder.finish();
    }).toThrow(expect.objectContaining({ expected: left }));
  }
});

test.each<[rule: Tolerance, body: string]>([
  ['invalid-chunk-size', '+1\r\na\r\n0\r\n\r\n'],
  ['missing-chunk-crlf', '1\r\naXY0\r\n\r\n'],
  ['bare-cr', '0\r\nA: b\rc\r\n\r\n'],
])('%s is not tolerated if it is added to the array later', (rule, body) => {
  const tolerate: Tolerance[] = [];
  const decoder = new ChunkedDecoder({ tolerate });
  tolerate.push(rule);
  expect(() => {
    decoder.decode(encodeLatin1(body));
    decoder.finish();
  }).toThrow(HTTPException);
});

// Documented in behaviour.md, with the rules of `tolerate`.
test.each([
  ['trailers, which are dropped with what was tolerated in them', '1\r\na\r\n0\r\nA: b\rc\r\n', 'a'],
  ['what would be a size line if a line end followed', '+World', ''],
])('of %s, nothing but the truncation is listed', (_what, body, data) => {
  const tolerate: Tolerance[] = ['bare-cr', 'invalid-chunk-size', 'truncated-body'];
  expect(decodeEveryWay(body, { tolerate })).toEqual({
    data,
    trailers: [],
    used: body.length,
    violations: [{ rule: 'truncated-body', offset: body.length }],
  });
});

test('has no effect with strict: false, which lists nothing', () => {
  const options = { strict: false, tolerate: TOLERANCES };
  expect(drive('+5\nhelloXY0\n\n', options)).toEqual({
    data: 'hello',
    trailers: [],
    used: 13,
    violations: [],
  });
});
