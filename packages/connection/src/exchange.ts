import type { Channel } from './channel.js';
import type { ExchangeRecord } from './exchange-record.js';
import { SendQueue } from './send-queue.js';

/** One request on a connection, from when it is sent until the next one replaces it. */
export class Exchange {
  readonly record: ExchangeRecord;
  /** The channel that it was sent on; undefined until then. */
  channel: Channel | undefined;
  /** What is being sent for it. */
  readonly sends = new SendQueue();
  /** Pending until the request has a channel and is being sent on it, if it has to wait for one; never rejects. */
  preparing: Promise<void> | undefined;
  /** A `getResponse` is pending. */
  receiving = false;

  constructor(record: ExchangeRecord) {
    this.record = record;
  }

  /**
   * Whether as many body bytes were sent as the head promises, and none are still being sent. Otherwise the server would
   * take the next request for the rest of the body, or the surplus for the next request.
   */
  get isComplete(): boolean {
    const { owed } = this.record;
    // Both are false for NaN.
    return !this.sends.busy && !(owed > 0 || owed < 0);
  }
}
