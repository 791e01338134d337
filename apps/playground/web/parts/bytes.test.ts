import { expect, test } from 'vitest';

import { count, decoded, hexLines, milliseconds, shown } from './bytes.js';

test('everything that is shown is visible', () => {
  expect(shown('a b\r\n\t\0\x1b\xff')).toEqual([
    { text: 'a b', isControl: false },
    ...['\\r\\n', '\\t\\0\\x1b\\xff'].map((text) => ({ text, isControl: true })),
  ]);
  const all = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('');
  for (const { text } of shown(all)) expect(text).toMatch(/^[ -~]+$/);
});

test('binary data is divided only into lines', () => {
  expect(shown('a\0'.repeat(99) + '\n' + '\xff'.repeat(99))).toEqual([
    { text: 'a\\0'.repeat(99) + '\\n', isControl: true },
    { text: '\\xff'.repeat(99), isControl: true },
  ]);
  expect(shown('one line\r\n'.repeat(99))).toHaveLength(198);
});

test('a hex dump has every byte, at its offset', () => {
  expect(hexLines('GET /\r\nabc', 0x10, 4)).toEqual([
    { offset: '000010', hex: '47 45 54 20', text: 'GET ' },
    { offset: '000014', hex: '2f 0d 0a 61', text: '/··a' },
    { offset: '000018', hex: '62 63', text: 'bc' },
  ]);
});

test('text is UTF-8 if it is valid', () => {
  expect(decoded('gr\xc3\xbcn')).toBe('grün');
  expect(decoded('gr\xfcn')).toBe('grün');
});

test('amounts', () => {
  expect([count(1), count(1234), milliseconds(1.25), milliseconds(1234.5)]).toEqual([
    '1 byte',
    '1,234 bytes',
    '1.3 ms',
    '1,235 ms',
  ]);
});
