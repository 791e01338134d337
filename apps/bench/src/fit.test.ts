import { describe, expect, test } from 'vitest';

import { exponent, median } from './fit.js';

const SIZES = [10, 100, 1000, 10_000];

describe('exponent', () => {
  test.each([
    ['constant', 0, () => 7],
    ['square-root', 0.5, (size: number) => 3 * Math.sqrt(size)],
    ['linear', 1, (size: number) => 0.002 * size],
    ['quadratic', 2, (size: number) => 1e-6 * size ** 2],
  ])('of %s growth', (_name, expected, time: (size: number) => number) => {
    expect(exponent(SIZES.map((size) => ({ size, time: time(size) })))).toBeCloseTo(expected, 12);
  });

  test('is not affected by errors that cancel out', () => {
    // The logarithms are above, below, below and above the line of slope 1.
    const points = [20, 50, 500, 20_000].map((time, index) => ({ size: SIZES[index]!, time }));
    expect(exponent(points)).toBeCloseTo(1, 12);
  });

  test('is the least-squares slope of the logarithms', () => {
    // By hand, with logarithms to base 10: x = 0, 1, 2 and y = 0, 0, 3 give ((-1)(-1) + 0 + (1)(2)) / 2.
    const points = [1, 1, 1000].map((time, index) => ({ size: 10 ** index, time }));
    expect(exponent(points)).toBeCloseTo(1.5, 12);
  });

  test.each([
    ['no points', []],
    ['a single size', [5, 6].map((time) => ({ size: 10, time }))],
    ['a time of 0', [0, 1].map((time, index) => ({ size: index + 1, time }))],
    ['a size of 0', [1, 2].map((time, index) => ({ size: index, time }))],
    ['no number', [NaN, 1].map((time, index) => ({ size: index + 1, time }))],
  ])('is refused for %s', (_name, points) => {
    expect(() => exponent(points)).toThrow(RangeError);
  });
});

describe('median', () => {
  test.each([
    [[5], 5],
    [[9, 1, 5], 5],
    [[10, 9, 100, 1], 9.5],
    [[2, 2, 2, 1000, 1], 2],
  ])('of %j', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  test('is refused for no values', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});
