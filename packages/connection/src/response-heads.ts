import { HeadReader, type HeadRules, type ResponseHead, type Violation } from '@http-client/headers';
import { printReply } from '@http-client/tunnel';

import type { Channel } from './channel.js';
import type { InterimResponse } from './response.js';
import { PENDING } from './waiting.js';

/** A final head, and where it begins in the stream. */
export interface FinalHead {
  readonly head: ResponseHead;
  readonly offset: number;
}

/** The heads that answer one request after the other, shown to those who look on. */
export class ResponseHeads {
  readonly #reader: HeadReader;
  readonly #debugLevel: () => number;
  readonly #onInformational: ((interim: InterimResponse) => void) | undefined;
  /** A final head that came while the body waited for a 100. */
  #early: FinalHead | undefined;
  /** Whether a body that was announced may go: a 100 came, or a final head before that; undefined while neither has. */
  mayGo: boolean | undefined;
  /** Called when `mayGo` has been decided: the head may have been taken by somebody else than who waits for it. */
  onDecided: (mayGo: boolean) => void = () => undefined;

  constructor(
    rules: HeadRules & { readonly onInformational: ((interim: InterimResponse) => void) | undefined },
    debugLevel: () => number,
  ) {
    // The reference knows no other interim status than 100.
    this.#reader = new HeadReader(rules, rules.strict ? undefined : (status) => status === 100);
    this.#debugLevel = debugLevel;
    this.#onInformational = rules.onInformational;
  }

  /** The interim responses that came since `reset`. */
  get interim(): readonly ResponseHead[] {
    return this.#reader.interim;
  }

  /** What was tolerated in the heads since `reset`. */
  get violations(): readonly Violation[] {
    return this.#reader.violations;
  }

  /** A request goes out. */
  reset(): void {
    this.#reader.reset();
    this.#early = undefined;
    this.mayGo = undefined;
  }

  /** The next final head, behind the interim ones. */
  final(channel: Channel): FinalHead | typeof PENDING {
    const early = this.#early;
    this.#early = undefined;
    if (early !== undefined) return early;
    for (;;) {
      const next = this.#next(channel);
      if (next === PENDING || !this.#reader.isInterim(next.head.status)) return next;
    }
  }

  /** Whether a 100 has come, and not a final head, which is kept. */
  continued(channel: Channel): boolean | typeof PENDING {
    while (this.mayGo === undefined) {
      const next = this.#next(channel);
      if (next === PENDING) return PENDING;
      if (!this.#reader.isInterim(next.head.status)) this.#early = next;
    }
    return this.mayGo;
  }

  #next(channel: Channel): FinalHead | typeof PENDING {
    // `onInformational` may have closed it: what came behind the interim response is nobody's.
    if (channel.closed) return PENDING;
    const { input, tap } = channel;
    const offset = input.position;
    const head = this.#reader.next(input, tap);
    if (head === undefined) return PENDING;
    if (head.status === 100 || !this.#reader.isInterim(head.status)) {
      this.mayGo ??= head.status === 100;
      this.onDecided(this.mayGo);
    }
    if (this.#debugLevel() > 0) printReply(head.line, head.headers);
    if (this.#reader.isInterim(head.status)) this.#onInformational?.(head);
    return { head, offset };
  }
}
