/**
 * Whether a value is a `Uint8Array`, of this realm or another: an array from a `vm` context, or from Jest's
 * environments, is not an instance of this realm's class.
 *
 * @internal
 */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && (value as Partial<Uint8Array>)[Symbol.toStringTag] === 'Uint8Array';
}

/**
 * Whether a value is an `Error`, of this realm or another: where Jest runs a program, Node's own errors are of another.
 *
 * @internal
 */
export function isError(value: unknown): value is Error {
  return value instanceof Error || tagOf(value) === 'Error';
}

/**
 * What the language calls a value, of any realm: `Error`, `ArrayBuffer`, `Generator`.
 *
 * @internal
 */
export function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/**
 * The kind of a value, for a message: `a string`, `undefined`, `a DataView`.
 *
 * @internal
 */
export function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  const { constructor } = value as { constructor?: unknown };
  const name = typeof constructor === 'function' ? constructor.name : '';
  return name === '' ? 'an object' : `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`;
}
