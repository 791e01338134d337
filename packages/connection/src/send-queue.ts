import { onAbort } from '@http-client/tunnel';

import { Turns } from './turns.js';

/** What goes out on a connection, one thing after the other. */
export class SendQueue {
  #last: Promise<void> | undefined;
  readonly #turns = new Turns();

  /** Whether something is still going out, or waits for its turn. */
  get busy(): boolean {
    return this.#last !== undefined;
  }

  /** Follows what goes out to its end; undefined where it has gone already, which is the rule. */
  track(sending: Promise<void> | undefined): Promise<void> {
    if (sending === undefined) return Promise.resolve();
    this.#last = sending;
    const done = (): void => {
      if (this.#last === sending) this.#last = undefined;
    };
    sending.then(done, done);
    return sending;
  }

  /**
   * Sends at once, or when all before it have gone. Where the signal is aborted before that, `cancel` is called, which
   * has to end those, and nothing is sent.
   */
  inTurn(
    send: () => Promise<void> | undefined,
    signal: AbortSignal | undefined,
    cancel: () => void,
  ): Promise<void> {
    if (this.#last === undefined) {
      const sending = send();
      return sending === undefined ? (this.#turns.next() ?? Promise.resolve()) : this.track(sending);
    }
    const turn = (): Promise<void> | undefined => {
      ignore();
      signal?.throwIfAborted();
      return send();
    };
    const ignore = onAbort(signal, cancel);
    // Behind the last that waits, not behind the first: each end wakes one, however many there are.
    return this.track(this.#last.then(turn, turn));
  }
}
