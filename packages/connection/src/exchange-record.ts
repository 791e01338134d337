import type { Delivery } from '@http-client/errors';

/** One request and its answer, as far as they have got: what errors tell, and what the answer's framing depends on. */
export interface ExchangeRecord {
  readonly method: string;
  readonly target: string;
  /** Undefined where the target names none. */
  readonly url: string | undefined;
  /** Whether the request asked for another protocol, so that a 101 may be the answer. */
  upgrade: boolean;
  /** Whether the request says `close`: none may follow it on its connection (RFC 9112, section 9.6). */
  closes: boolean;
  /** Whether the body waits for a 100 (Continue), since the request says `Expect: 100-continue`. */
  expects: boolean;
  /** Whether a final answer came while the body waited: it was not sent, and the server may still count on it. */
  withheld: boolean;
  delivery: Delivery;
}
