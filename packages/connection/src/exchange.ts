import type { Delivery } from '@http-client/errors';
import { onAbort } from '@http-client/tunnel';

import type { BodyReader } from './body-reader.js';
import type { Channel } from './channel.js';
import type { ExchangeRecord } from './exchange-record.js';
import { Pauses } from './turns.js';

/** Stands for what is being written right now: what an observer of it sends waits its turn. */
const NOW = /* @__PURE__ */ Promise.resolve();

/** One request on a connection, and what is being sent for it, which waits its turn here. */
export class Exchange {
  readonly record: ExchangeRecord;
  /** The channel that it was sent on; undefined until then. */
  channel: Channel | undefined;
  /** Pending until the request is being sent, if it has to wait for its channel; never rejects. */
  preparing: Promise<void> | undefined;
  /** The first part of that: until what the system had received before the request has been read. */
  settling: Promise<void> | undefined;
  /** A `getResponse` is pending. */
  receiving = false;
  /** The response was a 101, or a 2xx to CONNECT: the channel speaks another protocol, and can be detached. */
  switched = false;
  /** Reads the body of the response; undefined until that has begun. */
  reader: BodyReader | undefined;
  #lastSend: Promise<void> | undefined;
  /** What was begun last: the end of what is written `NOW`. */
  #begun: Promise<void> | undefined;
  #pauses: Pauses | undefined;

  constructor(record: ExchangeRecord) {
    this.record = record;
  }

  /** How far the request got. What arrived when nothing had been sent is no response to it. */
  get delivery(): Delivery {
    const { delivery } = this.record;
    return delivery !== 'unsent' && this.channel?.answerBegan === true ? 'answered' : delivery;
  }

  /** Whether something is still being sent, or waits for its turn. */
  get isSending(): boolean {
    return this.#lastSend !== undefined;
  }

  /**
   * Whether as many body bytes were sent as the head promises, and none are still being sent. Otherwise the server
   * would take the next request for the rest of the body, or the surplus for the next request.
   */
  get isComplete(): boolean {
    const { owed } = this.record;
    // Both are false for NaN.
    return !this.isSending && !(owed > 0 || owed < 0);
  }

  /** Sends at once; returns undefined if that has ended already, as it usually has. */
  begin(send: () => Promise<void> | undefined): Promise<void> | undefined {
    this.#lastSend = NOW;
    this.#begun = undefined;
    try {
      this.#begun = send();
    } finally {
      if (this.#lastSend === NOW) this.#lastSend = this.#begun;
    }
    return this.#begun && this.#tracked(this.#begun);
  }

  #tracked(sending: Promise<void>): Promise<void> {
    const done = (): void => {
      if (this.#lastSend === sending) this.#lastSend = undefined;
    };
    sending.then(done, done);
    return sending;
  }

  /**
   * Sends at once, or when all earlier sends have ended. If the signal is aborted before that, `cancel` is called,
   * which has to end those, and nothing is sent.
   */
  inTurn(
    send: () => Promise<void> | undefined,
    signal: AbortSignal | undefined,
    cancel: () => void,
  ): Promise<void> {
    if (this.#lastSend === undefined)
      return this.begin(send) ?? (this.#pauses ??= new Pauses()).afterWrite() ?? Promise.resolve();
    const turn = (): Promise<void> | undefined => {
      ignore();
      signal?.throwIfAborted();
      return send();
    };
    const ignore = onAbort(signal, cancel);
    // Chained to the last one waiting, not the first: each end wakes one, however many are waiting.
    const last = this.#lastSend === NOW ? NOW.then(() => this.#begun) : this.#lastSend;
    return this.#tracked((this.#lastSend = last.then(turn, turn)));
  }
}
