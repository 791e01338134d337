import { expect, test } from 'vitest';

import { isClientError, isInformational, isRedirection, isServerError, isSuccess } from './index.js';

const classes = [isInformational, isSuccess, isRedirection, isClientError, isServerError];

/** The classes to which a code belongs: 1 for 1xx and so on. */
const found = (code: number): number[] => classes.flatMap((is, index) => (is(code) ? [index + 1] : []));

test('every code from 100 to 599 belongs to the class of its first digit', () => {
  for (let code = 100; code < 600; code++)
    expect([code, found(code)]).toEqual([code, [Number(String(code)[0])]]);
});

test.each([0, -0, 1, 2, 99, 600, 999, 1000, 40400, -100, -404, 99.5, 404.5, 599.9, NaN, Infinity, -Infinity])(
  '%d belongs to no class',
  (code) => {
    expect(found(code)).toEqual([]);
  },
);

test('text belongs to no class', () => {
  expect(found('404' as unknown as number)).toEqual([]);
});
