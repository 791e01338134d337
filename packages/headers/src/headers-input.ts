import { nameOf } from '@http-client/io';

import type { HeaderValue } from './grammar.js';
import type { HTTPMessage } from './message.js';

/** The platform's `Headers` as declared here, for programs in which its types are not loaded. */
export interface HeadersLike extends Iterable<[string, string]> {
  /** Adds a field. */
  append(name: string, value: string): void;
  /** All values of that name, joined by `', '`. */
  get(name: string): string | null;
  /** Whether there is a field of that name. */
  has(name: string): boolean;
}

/** The platform's own `Headers`, if its types are loaded. */
export type WebHeaders = typeof globalThis extends { Headers: new (...args: never) => infer Instance }
  ? Instance
  : HeadersLike;

/**
 * Fields as a caller may pass them: a message, the platform's `Headers`, pairs (an array of them, a `Map`), or an
 * object, of which the own enumerable properties count.
 */
export type HeadersInput =
  | HTTPMessage
  | WebHeaders
  | Iterable<readonly [string, HeaderValue]>
  | Readonly<Record<string, HeaderValue | readonly HeaderValue[]>>;

/**
 * Calls `append` with each name and value, in order; validating them is up to `append`.
 *
 * @throws TypeError if `fields` is not an object, or one that cannot hold fields, or at an entry that is not a pair.
 * What `append` throws.
 * @internal
 */
export function eachField(fields: HeadersInput, append: (name: string, value: HeaderValue) => void): void {
  const given: unknown = fields;
  // Named by their kinds, here and below: what stands in place of fields may hold a secret, and messages are logged.
  if (typeof given !== 'object' || given === null)
    throw new TypeError(`Cannot use ${nameOf(given)} as fields: it is not an object`);
  if (Symbol.iterator in given) {
    let index = 0;
    for (const pair of given as Iterable<unknown>) {
      if (!Array.isArray(pair) || pair.length !== 2) {
        throw new TypeError(`Cannot use entry ${index} of the fields: it is ${nameOf(pair)}, not a pair`);
      }
      append(pair[0] as string, pair[1] as HeaderValue);
      index++;
    }
  } else {
    const record = given as Record<string, HeaderValue | readonly HeaderValue[]>;
    const names = Object.keys(record);
    // A promise that was not awaited, for example. A plain object may be empty.
    if (names.length === 0 && !/ object$/i.test(nameOf(given)))
      throw new TypeError(`Cannot use ${nameOf(given)} as fields: it has no properties of its own`);
    for (const name of names) {
      const values = record[name]!;
      if (Array.isArray(values)) for (const value of values as HeaderValue[]) append(name, value);
      else append(name, values as HeaderValue);
    }
  }
}
