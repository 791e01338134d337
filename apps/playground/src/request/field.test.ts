import { expect, test } from 'vitest';

import { parseField } from './field.js';

test.each([
  ['accept: text/html', ['accept', 'text/html']],
  ['Accept:text/html', ['Accept', 'text/html']],
  ['host: a:80', ['host', 'a:80']],
  ['x: \t a b \t', ['x', 'a b']],
  ['x:', ['x', '']],
  ['x: ü', ['x', 'ü']],
])('%j', (text, field) => {
  expect(parseField(text)).toEqual(field);
});

test.each([
  ['accept', /"accept" as a header field: it has no colon; a good one looks like 'accept: \*\/\*'$/],
  ['', /it has no colon/],
  [': x', /it is empty/],
  ['a b: x', /"a b" as a field name: a space is not a token character/],
  ['a : x', /a space is not a token character/],
  ['a: x\r\nb: y', /could end the field line/],
  ['a: ☃', /beyond U\+00FF/],
])('%j is refused', (text, message) => {
  expect(() => parseField(text)).toThrow(message);
});
