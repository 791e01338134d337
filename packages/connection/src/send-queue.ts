import { onAbort } from '@http-client/tunnel';

import { Turns } from './turns.js';

/** Orders what is sent on a connection, one item after another. */
export class SendQueue {
  #last: Promise<void> | undefined;
  #turns: Turns | undefined;

  /** Whether something is still being sent, or waits for its turn. */
  get busy(): boolean {
    return this.#last !== undefined;
  }

  /** Tracks a send until it ends; `sending` is undefined if it has ended already, as it usually has. */
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
   * Sends at once, or when all earlier sends have ended. If the signal is aborted before that, `cancel` is called,
   * which has to end those, and nothing is sent.
   */
  inTurn(
    send: () => Promise<void> | undefined,
    signal: AbortSignal | undefined,
    cancel: () => void,
  ): Promise<void> {
    if (this.#last === undefined) {
      const sending = send();
      if (sending !== undefined) return this.track(sending);
      this.#turns ??= new Turns();
      return this.#turns.next() ?? Promise.resolve();
    }
    const turn = (): Promise<void> | undefined => {
      ignore();
      signal?.throwIfAborted();
      return send();
    };
    const ignore = onAbort(signal, cancel);
    // Chained to the last one waiting, not the first: each end wakes one, however many are waiting.
    return this.track(this.#last.then(turn, turn));
  }
}
