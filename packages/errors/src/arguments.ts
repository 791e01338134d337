import { cannotUse } from './quote.js';

/**
 * A count, a size or an amount that a caller gave, if it is one.
 *
 * @throws TypeError for what is no number; RangeError for one that is not whole, or out of range.
 * @internal
 */
export function checkInteger(
  value: unknown,
  as: string,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  if (typeof value !== 'number') throw new TypeError(cannotUse(value, as, 'it is no number'));
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(cannotUse(value, as, `expected a whole number from ${least} to ${most}`));
}

/**
 * Looks at a time in milliseconds, where one was given.
 *
 * @throws TypeError for what is no number; RangeError for one that no wait can take.
 * @internal
 */
export function checkTimeout(value: unknown, as: string): void {
  if (value === undefined) return;
  if (typeof value !== 'number') throw new TypeError(cannotUse(value, as, 'it is no number'));
  if (!(value > 0 && value < Infinity))
    throw new RangeError(cannotUse(value, as, 'expected milliseconds above 0'));
}

/**
 * Looks at a function, where one was given.
 *
 * @throws TypeError
 * @internal
 */
export function checkFunction(value: unknown, as: string): void {
  if (value !== undefined && typeof value !== 'function')
    throw new TypeError(cannotUse(value, as, 'expected a function'));
}
