import { expect, test } from 'vitest';

import { quote } from './index.js';

test.each([
  ['nothing', '', '""'],
  ['plain text', 'x y', '"x y"'],
  ['letters beyond ASCII', 'Zürich 東京 🚀', '"Zürich 東京 🚀"'],
  ['quotes and backslashes', 'a"b\\n', String.raw`"a\"b\\n"`],
  ['the common controls', 'a\t\n\v\f\rb', String.raw`"a\t\n\v\f\rb"`],
  ['other controls', '\0\x08\x0e\x1b[2J\x7f', String.raw`"\x00\x08\x0e\x1b[2J\x7f"`],
  ['C1 controls', '\x80\x85\x9f', String.raw`"\x80\x85\x9f"`],
  ['whitespace that looks like a space', 'a\xa0b\u2003c', String.raw`"a\xa0b\u{2003}c"`],
  ['line and paragraph separators', '\u2028\u2029', String.raw`"\u{2028}\u{2029}"`],
  ['writing directions', 'a\u202eb\u2066c', String.raw`"a\u{202e}b\u{2066}c"`],
  ['characters without width', 'a\u200bb\ufeff\xad', String.raw`"a\u{200b}b\u{feff}\xad"`],
  ['tags beyond the first plane', '\u{e0041}', String.raw`"\u{e0041}"`],
  ['lone surrogates', '\ud83da\ude80', String.raw`"\u{d83d}a\u{de80}"`],
])('%s', (_, text, expected) => {
  expect(quote(text)).toBe(expected);
});

test.each([
  ['fits', 'x'.repeat(80), undefined, `"${'x'.repeat(80)}"`],
  ['is one longer', 'x'.repeat(81), undefined, `"${'x'.repeat(80)}…"`],
  ['fits a limit that is given', 'abc', 3, '"abc"'],
  ['exceeds a limit that is given', 'abcd', 3, '"abc…"'],
  ['grows by escaping', '\r\r\r\r', 3, String.raw`"\r\r\r…"`],
  ['is a megabyte', '\0'.repeat(1 << 20), undefined, `"${String.raw`\x00`.repeat(80)}…"`],
  ['would be truncated within a surrogate pair', 'ab🚀', 3, '"ab…"'],
  ['is truncated after a surrogate pair', 'a🚀b', 3, '"a🚀…"'],
  ['ends with a surrogate pair', 'a🚀', 3, '"a🚀"'],
  ['is truncated after the last character of the first plane', 'ab\uffffc', 3, String.raw`"ab\u{ffff}…"`],
])('text that %s', (_, text, limit, expected) => {
  expect(quote(text, limit)).toBe(expected);
});
