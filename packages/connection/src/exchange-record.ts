import type { Delivery } from '@http-client/errors';

import { authorityOf } from './host.js';

/** One request and its response so far: what errors report, and what the framing of the response depends on. */
export interface ExchangeRecord {
  readonly method: string;
  readonly target: string;
  /** The origin that precedes a target in origin form in the URL: `https://www.example.org`. */
  readonly origin: string;
  /** Whether the request asked for another protocol, so that a 101 may be the response. */
  upgrade: boolean;
  /** Whether the request says `close`: none may follow it on its connection (RFC 9112, section 9.6). */
  closes: boolean;
  /** Whether a body is still to come that has to wait for a 100 (Continue): the request says `Expect: 100-continue`. */
  expects: boolean;
  /**
   * Whether that body is held back: it waits for the 100, or a final response came first, so that it is not sent, and
   * the server may still expect it.
   */
  withheld: boolean;
  /**
   * How many bytes of the body the head promises and have not been sent; negative if too many were, NaN if a transfer
   * coding delimits the body.
   */
  owed: number;
  delivery: Delivery;
}

/** The URL of a request, if its target is in origin or absolute form (RFC 9112, section 3.3); otherwise undefined. */
export function urlOf({ method, target, origin }: ExchangeRecord): string | undefined {
  if (method !== 'CONNECT' && target[0] === '/') return origin + target;
  return authorityOf(target) === undefined ? undefined : target;
}
