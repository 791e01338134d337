import { cannotUse } from './quote.js';

/**
 * Returns a count, size or amount that a caller passed, if it is valid.
 *
 * @throws TypeError if it is not a number; RangeError if it is not an integer, or out of range.
 * @internal
 */
export function checkInteger(
  value: unknown,
  as: string,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  if (typeof value !== 'number') throw cannotUse(value, as, 'it is not a number');
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw cannotUse(value, as, `expected a whole number from ${least} to ${most}`, RangeError);
}

/**
 * Validates a time in milliseconds, if one was passed.
 *
 * @throws TypeError if it is not a number; RangeError if it is not positive and finite.
 * @internal
 */
export function checkTimeout(value: unknown, as: string): void {
  checkType(value, as, 'number');
  if (value === undefined || (Number(value) > 0 && Number(value) < Infinity)) return;
  throw cannotUse(value, as, 'expected milliseconds above 0, or undefined', RangeError);
}

/**
 * Validates the type of a value, if one was passed.
 *
 * @throws TypeError
 * @internal
 */
export function checkType(
  value: unknown,
  as: string,
  type: 'boolean' | 'function' | 'number' | 'string',
): void {
  if (value !== undefined && typeof value !== type) throw cannotUse(value, as, `expected a ${type}`);
}

/**
 * Validates bytes that a caller passed. A string in their place would be searched like bytes, and nothing found.
 *
 * @throws TypeError
 * @internal
 */
export function checkBytes(value: unknown, as: string): void {
  // By its tag, since an array from another realm is not an instance of this realm's class.
  if (!ArrayBuffer.isView(value) || (value as Partial<Uint8Array>)[Symbol.toStringTag] !== 'Uint8Array')
    throw cannotUse(value, as, 'expected a Uint8Array');
}

/**
 * Validates the options of a call. A body or fields in their place, passed by position as in Python, would be ignored.
 * So anything that is not an object, or is iterable, is rejected. `as` and `content` are for an argument that is not
 * called options.
 *
 * @throws TypeError
 * @internal
 */
export function checkObject(options: unknown, as = 'options', content = 'named options'): void {
  if (
    typeof options !== 'object' ||
    options === null ||
    Symbol.iterator in options ||
    Symbol.asyncIterator in options
  )
    throw cannotUse(options, as, `expected an object with ${content}`);
}

/**
 * The names of the options of a call: a record, so that the compiler finds one that is missing.
 *
 * @internal
 */
export type OptionNames<Options> = Readonly<Record<keyof Options, unknown>>;

/**
 * Validates that the options of a call are an object, and have no names but the known ones, whatever their values. A
 * name that is misspelt, or that belongs to another call, would be ignored. And one that somebody has added to every
 * object (prototype pollution) would be read, though the caller has not passed it.
 *
 * @throws TypeError
 * @internal
 */
export function checkOptionNames(options: unknown, of: string, known: object): void {
  checkObject(options);
  // Inherited names too: they are read as well, and an `AbortSignal` passed by mistake has no others.
  for (const name in options as object) {
    // What some library has added to every object is of no interest, unless it is an option.
    const isEverywhere = name in Object.prototype;
    if (isEverywhere !== Object.hasOwn(known, name)) continue;
    const why = isEverywhere
      ? 'it has been added to every object'
      : `it takes ${Object.keys(known).join(', ')}`;
    throw cannotUse(name, `an option of ${of}`, why);
  }
}

/**
 * Validates a signal, if one was passed. An `AbortController` is easily passed by mistake.
 *
 * @throws TypeError
 * @internal
 */
export function checkSignal(signal: unknown): void {
  if (signal === undefined || signal === null) return;
  if (typeof (signal as Partial<Record<string, unknown>>)['throwIfAborted'] !== 'function')
    throw cannotUse(signal, 'a signal', 'expected an AbortSignal');
}
