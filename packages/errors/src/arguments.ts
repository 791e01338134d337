import { cannotUse } from './quote.js';

/**
 * A count, a size or an amount that a caller gave, if it is one.
 *
 * @throws TypeError for what is not a number; RangeError for one that is not whole, or out of range.
 * @internal
 */
export function checkInteger(
  value: unknown,
  as: string,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  if (typeof value !== 'number') throw new TypeError(cannotUse(value, as, 'it is not a number'));
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(cannotUse(value, as, `expected a whole number from ${least} to ${most}`));
}

/**
 * Looks at a time in milliseconds, where one was given.
 *
 * @throws TypeError for what is not a number; RangeError for one that no wait can take.
 * @internal
 */
export function checkTimeout(value: unknown, as: string): void {
  if (value === undefined) return;
  if (typeof value !== 'number') throw new TypeError(cannotUse(value, as, 'it is not a number'));
  if (!(value > 0 && value < Infinity))
    throw new RangeError(cannotUse(value, as, 'expected milliseconds above 0'));
}

const EXPECTED = {
  boolean: 'true or false',
  function: 'a function',
  number: 'a number',
  string: 'a string',
} as const;

/**
 * Looks at the type of a value, where one was given.
 *
 * @throws TypeError
 * @internal
 */
export function checkType(value: unknown, as: string, type: keyof typeof EXPECTED): void {
  if (value !== undefined && typeof value !== type)
    throw new TypeError(cannotUse(value, as, `expected ${EXPECTED[type]}`));
}

/**
 * Looks at bytes that a caller gave. Text in their place would be looked through, and nothing found in it.
 *
 * @throws TypeError
 * @internal
 */
export function checkBytes(value: unknown, as: string): void {
  // By its tag, since an array of another realm is not an instance of this one's class.
  if (!ArrayBuffer.isView(value) || (value as Partial<Uint8Array>)[Symbol.toStringTag] !== 'Uint8Array')
    throw new TypeError(cannotUse(value, as, 'expected a Uint8Array'));
}

/**
 * Looks at a call's options. A value in their place, a body or fields, say, as Python takes them one after the other,
 * would be passed over: what is not an object, and what can be iterated.
 *
 * @throws TypeError
 * @internal
 */
export function checkObject(options: unknown): void {
  const isObject = typeof options === 'object' && options !== null;
  if (!isObject || Symbol.iterator in options || Symbol.asyncIterator in options)
    throw new TypeError(cannotUse(options, 'options', 'expected an object with named options'));
}

/**
 * Looks at a signal, where one was given. An `AbortController` in its place would never be listened to.
 *
 * @throws TypeError
 * @internal
 */
export function checkSignal(signal: unknown): void {
  if (signal === undefined || signal === null) return;
  if (typeof (signal as Partial<Record<string, unknown>>)['throwIfAborted'] !== 'function')
    throw new TypeError(cannotUse(signal, 'a signal', 'expected an AbortSignal'));
}
