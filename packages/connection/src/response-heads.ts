import { HeadReader, type HeadRules, type ResponseHead, type Violation } from '@http-client/headers';
import { printReply } from '@http-client/tunnel';

import type { Channel } from './channel.js';
import type { InterimResponse } from './response.js';
import { PENDING } from './waiting.js';

/** A final head, and its offset in the stream. */
export interface FinalHead {
  readonly head: ResponseHead;
  readonly offset: number;
}

/** Reads the heads of responses, one request after another, and reports them to observers. */
export class ResponseHeads {
  readonly #reader: HeadReader;
  readonly #owner: { readonly debugLevel: number };
  readonly #onInformational: ((interim: InterimResponse) => void) | undefined;
  /** A final head that arrived while the body waited for a 100. */
  #early: FinalHead | undefined;
  /** Whether a body that expects a 100 may be sent: true after a 100, false after a final head, else undefined. */
  mayGo: boolean | undefined;
  /** Called when `mayGo` has been decided: another operation than the one that waits may have read the head. */
  onDecided: ((mayGo: boolean) => void) | undefined;

  constructor(
    rules: HeadRules & { readonly onInformational: ((interim: InterimResponse) => void) | undefined },
    owner: { readonly debugLevel: number },
  ) {
    // For the reference, 100 is the only interim status.
    this.#reader = new HeadReader(rules, rules.strict ? undefined : (status) => status === 100);
    this.#owner = owner;
    this.#onInformational = rules.onInformational;
  }

  /** The interim responses received since `reset`. */
  get interim(): readonly ResponseHead[] {
    return this.#reader.interim;
  }

  /** The deviations tolerated in the heads since `reset`. */
  get violations(): readonly Violation[] {
    return this.#reader.violations;
  }

  /** Prepares for the response to another request. */
  reset(): void {
    this.#reader.reset();
    this.#early = undefined;
    this.mayGo = undefined;
    this.onDecided = undefined;
  }

  /** The next final head, after any interim ones. */
  final(channel: Channel): FinalHead | typeof PENDING {
    if (this.#early !== undefined) return this.#early;
    for (;;) {
      const next = this.#next(channel);
      if (next === PENDING || !this.#reader.isInterim(next.head.status)) return next;
    }
  }

  /** Whether a 100 has arrived rather than a final head, which is kept for `final`. */
  continued(channel: Channel): boolean | typeof PENDING {
    while (this.mayGo === undefined) {
      const next = this.#next(channel);
      if (next === PENDING) return PENDING;
      if (!this.#reader.isInterim(next.head.status)) this.#early = next;
    }
    return this.mayGo;
  }

  #next(channel: Channel): FinalHead | typeof PENDING {
    // `onInformational` may have closed it: what was received after the interim response is discarded.
    if (channel.closed) return PENDING;
    const { input, tap } = channel;
    const offset = input.position;
    const head = this.#reader.next(input, tap);
    if (head === undefined) return PENDING;
    const isInterim = this.#reader.isInterim(head.status);
    if (this.#owner.debugLevel > 0) printReply(head.line, head.headers);
    if (isInterim) this.#onInformational?.(head);
    // Last: it ends the wait for a 100, and what `onInformational` throws has to reject that.
    if (head.status === 100 || !isInterim) {
      this.mayGo ??= head.status === 100;
      this.onDecided?.(this.mayGo);
    }
    return { head, offset };
  }
}
