import { describe, expect, test } from 'vitest';

import { checkFunction, checkInteger, checkTimeout } from './index.js';

describe('an integer', () => {
  test.each([0, 1, 5, Number.MAX_SAFE_INTEGER])('may be %d', (value) => {
    expect(checkInteger(value, 'x', 0)).toBe(value);
  });

  test.each([
    [-1, RangeError],
    [0.5, RangeError],
    [NaN, RangeError],
    [Infinity, RangeError],
    [2 ** 53, RangeError],
    ['1', TypeError],
    [1n, TypeError],
    [null, TypeError],
    [undefined, TypeError],
  ])('is not %s', (value, kind) => {
    expect(() => checkInteger(value, 'x', 0)).toThrow(kind);
  });

  test('keeps its bounds, which the error names', () => {
    expect(checkInteger(7, 'x', 5, 7)).toBe(7);
    expect(() => checkInteger(8, 'x', 5, 7)).toThrow(
      'Cannot use "8" as x: expected a whole number from 5 to 7',
    );
    expect(() => checkInteger('8', 'x', 5, 7)).toThrow('Cannot use "8" as x: it is no number');
  });
});

describe('a timeout', () => {
  test.each([undefined, 0.5, 1, 2 ** 40])('may be %s', (value) => {
    expect(() => {
      checkTimeout(value, 'x');
    }).not.toThrow();
  });

  test.each([
    [0, RangeError],
    [-1, RangeError],
    [NaN, RangeError],
    [Infinity, RangeError],
    ['1', TypeError],
    [null, TypeError],
  ])('is not %s', (value, kind) => {
    expect(() => {
      checkTimeout(value, 'x');
    }).toThrow(kind);
  });
});

test('a function is one, or is not given', () => {
  for (const value of [undefined, () => 1]) {
    expect(() => {
      checkFunction(value, 'x');
    }).not.toThrow();
  }
  expect(() => {
    checkFunction({}, 'x');
  }).toThrow(new TypeError('Cannot use "[object Object]" as x: expected a function'));
});
