import { quote } from '@http-client/errors';

import type { HeaderValue } from './grammar.js';
import type { HTTPMessage } from './message.js';

/** What there is to be known of the platform's `Headers` where its types are not loaded. */
export interface HeadersLike extends Iterable<[string, string]> {
  append(name: string, value: string): void;
  get(name: string): string | null;
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

/** The names and values in their order; values are not looked at. */
export function* entriesOf(fields: HeadersInput): Generator<readonly [string, HeaderValue]> {
  const given: unknown = fields;
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(
      `Cannot use ${given === null ? 'null' : `a ${typeof given}`} as fields: give pairs, a record or a message`,
    );
  }
  if (Symbol.iterator in given) {
    let index = 0;
    for (const pair of given as Iterable<unknown>) {
      if (!Array.isArray(pair) || pair.length !== 2) {
        throw new TypeError(
          `Cannot use entry ${index} of the fields: it is no pair of a name and a value: ${quote(String(pair))}`,
        );
      }
      yield pair as unknown as readonly [string, HeaderValue];
      index++;
    }
    return;
  }
  for (const [name, value] of Object.entries(given as Record<string, HeaderValue | readonly HeaderValue[]>)) {
    if (Array.isArray(value)) for (const one of value as readonly HeaderValue[]) yield [name, one];
    else yield [name, value as HeaderValue];
  }
}
