import { cannotUse, quoteValue } from '@http-client/errors';

import type { HeaderValue } from './grammar.js';
import type { HTTPMessage } from './message.js';

/** What there is to be known of the platform's `Headers` where its types are not loaded. */
export interface HeadersLike extends Iterable<[string, string]> {
  /** Adds a field. */
  append(name: string, value: string): void;
  /** All values of that name, joined by `', '`. */
  get(name: string): string | null;
  /** Whether there is a field of that name. */
  has(name: string): boolean;
}

/** The platform's own `Headers` where its types are loaded. */
export type WebHeaders = typeof globalThis extends { Headers: new (...args: never) => infer Instance }
  ? Instance
  : HeadersLike;

/**
 * Fields as a caller may give them: a message, the platform's `Headers`, pairs (an array of them, a `Map`), or an
 * object, of which the own enumerable properties count.
 */
export type HeadersInput =
  | HTTPMessage
  | WebHeaders
  | Iterable<readonly [string, HeaderValue]>
  | Readonly<Record<string, HeaderValue | readonly HeaderValue[]>>;

/**
 * Calls `append` with the names and values in their order; it is to validate them. It is for the packages of this project
 * that send fields.
 *
 * @throws TypeError for what is not an object, and at an entry that is not a pair.
 */
export function eachField(fields: HeadersInput, append: (name: string, value: HeaderValue) => void): void {
  const given: unknown = fields;
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(cannotUse(given, 'fields', 'it is not an object'));
  }
  if (Symbol.iterator in given) {
    let index = 0;
    for (const pair of given as Iterable<unknown>) {
      if (!Array.isArray(pair) || pair.length !== 2) {
        throw new TypeError(`Cannot use entry ${index} of the fields: it is not a pair: ${quoteValue(pair)}`);
      }
      append(pair[0] as string, pair[1] as HeaderValue);
      index++;
    }
  } else {
    const record = given as Record<string, HeaderValue | readonly HeaderValue[]>;
    for (const name of Object.keys(record)) {
      const values = record[name]!;
      if (Array.isArray(values)) for (const value of values as HeaderValue[]) append(name, value);
      else append(name, values as HeaderValue);
    }
  }
}
