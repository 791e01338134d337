import { expect, test } from 'vitest';

import { readInteger } from './read-integer.js';

// As in Python 3.13: int(bytes, 16) and int(str).
test.each<[text: string, hexadecimal: number | undefined]>([
  ['5', 5],
  ['ff', 255],
  ['FF', 255],
  ['0x5', 5],
  ['0X5', 5],
  ['0x_5', 5],
  ['0x__5', undefined],
  ['0x', undefined],
  ['0xx5', undefined],
  ['0x0x5', undefined],
  ['x5', undefined],
  ['0_5', 5],
  ['5_0', 80],
  ['0x5_0', 80],
  ['_5', undefined],
  ['5_', undefined],
  ['5__0', undefined],
  ['1_af_AF', 0x1afaf],
  ['5_`', undefined],
  ['5_g', undefined],
  ['`', undefined],
  ['+5', 5],
  ['-5', -5],
  ['-0', 0],
  ['+0x5', 5],
  ['-0x1', -1],
  ['+-5', undefined],
  ['--5', undefined],
  ['+ 5', undefined],
  ['0b1', 177],
  ['0o7', undefined],
  ['\t\n\v\f\r 5\t\n\v\f\r ', 5],
  ['\b5', undefined],
  ['5\b', undefined],
  ['\x0e5', undefined],
  ['5\x0e', undefined],
  ['5\0', undefined],
  ['\x005', undefined],
  ['\x1c5', undefined],
  ['\x855', undefined],
  ['\xa05', undefined],
  ['', undefined],
  [' ', undefined],
  ['0'.repeat(5000) + '5', 5],
  ['f'.repeat(20), 16 ** 20],
  ['f'.repeat(400), Infinity],
])('in base 16, %j', (text, value) => {
  expect(readInteger(text, 16)).toBe(value);
});

test.each<[text: string, decimal: number | undefined]>([
  ['5', 5],
  ['05', 5],
  ['0_5', 5],
  ['00_5', 5],
  ['_5', undefined],
  ['+5', 5],
  ['-5', -5],
  ['-0', 0],
  ['- 5', undefined],
  ['+-5', undefined],
  ['0x5', undefined],
  ['a', undefined],
  ['\xb2', undefined],
  ['\xb25', undefined],
  ['12_34', 1234],
  ['\t\n\v\f\r 5\t\n\v\f\r ', 5],
  ['\b5', undefined],
  ['5\b', undefined],
  ['\x0e5', undefined],
  ['5\x0e', undefined],
  ['5\0', undefined],
  ['5\x1c', undefined],
  ['5\x1f\x1e', undefined],
  ['\x855', 5],
  ['\xa05\xa0', 5],
  ['\x1c5\xa0', undefined],
  ['5\xe9', undefined],
  ['5\xa05', undefined],
  // Its limit on digits, not including underscores.
  ['0'.repeat(4300), 0],
  ['0'.repeat(4301), undefined],
  ['1_'.repeat(4299) + '1', Infinity],
  ['1_'.repeat(4300) + '1', undefined],
])('in base 10, %j', (text, value) => {
  expect(readInteger(text, 10)).toBe(value);
});

test('takes linear time', () => {
  // Runs on which an expression that backtracks would exceed the time limit of a test.
  for (const text of [
    ' '.repeat(3e6) + 'x',
    '1_'.repeat(1.5e6),
    '0'.repeat(3e6) + 'g',
    '\xa0'.repeat(3e6) + 'x',
  ]) {
    expect(readInteger(text, 16)).toBeUndefined();
    expect(readInteger(text, 10)).toBeUndefined();
  }
});
