import type { Delivery } from '@http-client/errors';

import { authorityOf } from './host.js';

/** One request and its answer, as far as they have got: what errors tell, and what the answer's framing depends on. */
export interface ExchangeRecord {
  readonly method: string;
  readonly target: string;
  /** What the URL begins with, where the target is only the rest: `https://www.example.org`. */
  readonly origin: string;
  /** Whether the request asked for another protocol, so that a 101 may be the answer. */
  upgrade: boolean;
  /** Whether the request says `close`: none may follow it on its connection (RFC 9112, section 9.6). */
  closes: boolean;
  /** Whether the body waits for a 100 (Continue), since the request says `Expect: 100-continue`. */
  expects: boolean;
  /** Whether a final answer came while the body waited: it was not sent, and the server may still count on it. */
  withheld: boolean;
  /**
   * How many bytes of the body the head promises and have not been sent; negative if too many were, NaN if a transfer
   * coding delimits the body.
   */
  owed: number;
  delivery: Delivery;
}

/** The URL of a request, where its target is of the origin or the absolute form (RFC 9112, section 3.3). */
export function urlOf({ method, target, origin }: ExchangeRecord): string | undefined {
  if (method !== 'CONNECT' && target[0] === '/') return origin + target;
  return authorityOf(target) === undefined ? undefined : target;
}
