import { expect, test } from 'vitest';

import { fromNotation, toNotation } from './notation.js';

const ALL = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('');

test.each(['', 'text', 'a\r\nb\r\n', '\\n', '\\\n', '\n\n', ALL])('%j comes back as it was', (bytes) => {
  const text = toNotation(bytes);
  expect(text).toMatch(/^[ -~\n]*$/);
  expect(fromNotation(text)).toBe(bytes);
  // A text field may change the line ends.
  expect(fromNotation(text.replaceAll('\n', '\r\n'))).toBe(bytes);
});

test('line breaks follow line feeds', () => {
  expect(toNotation('a\r\nb\\n')).toBe('a\\r\\n\nb\\\\n');
});

test.each(['\\q', '\\', '\\x1', '€', '\u{1f600}'])('%s does not stand for a byte', (text) => {
  expect(() => fromNotation(text)).toThrow('does not stand for a byte');
});
