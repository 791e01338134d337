import { expect, test } from 'vitest';

import { isClientError, isInformational, isRedirection, isServerError, isSuccess } from './index.js';

const classes = [isInformational, isSuccess, isRedirection, isClientError, isServerError];

/** Which of the classes say yes: 1 for 1xx and so on. */
const found = (code: number): number[] => classes.flatMap((is, index) => (is(code) ? [index + 1] : []));

test('every code from 100 to 599 is of the class that its first digit names', () => {
  for (let code = 100; code < 600; code++)
    expect([code, found(code)]).toEqual([code, [Number(String(code)[0])]]);
});

test.each([0, -0, 1, 2, 99, 600, 999, 1000, 40400, -100, -404, 99.5, 404.5, 599.9, NaN, Infinity, -Infinity])(
  '%d is of no class',
  (code) => {
    expect(found(code)).toEqual([]);
  },
);

test('text is of no class', () => {
  expect(found('404' as unknown as number)).toEqual([]);
});
