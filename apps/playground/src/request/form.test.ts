import { expect, test } from 'vitest';

import { addFormField } from './form.js';

test.each([
  [['a=b'], 'a=b'],
  [['a=b', 'c=d e', 'a=&'], 'a=b&c=d+e&a=%26'],
  [['a=b=c'], 'a=b%3Dc'],
  [['a='], 'a='],
  [['=b'], '=b'],
  [['ü=€'], '%C3%BC=%E2%82%AC'],
  [['a=@file'], 'a=%40file'],
])('%j', (fields, body) => {
  const form = fields.reduce<URLSearchParams | undefined>(
    (all, field) => addFormField(field, all),
    undefined,
  );
  expect(String(form)).toBe(body);
});

test('a field without an equals sign is refused', () => {
  expect(() => addFormField('a')).toThrow(
    'Cannot use "a" as a form field: it has no equals sign; a good one looks like name=value',
  );
});
