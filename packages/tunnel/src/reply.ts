import { HeadReader, type ResponseHead } from '@http-client/headers';
import { Input, readFrom, type Transport } from '@http-client/io';

import { printReply } from './debug.js';
import type { CheckedOptions } from './options.js';

/** Reads one reply to CONNECT. */
export class ReplyReader {
  /** The bytes received after the head that was read last. */
  readonly input = new Input();
  readonly #transport: Transport;
  readonly #options: CheckedOptions;

  constructor(transport: Transport, options: CheckedOptions) {
    this.#transport = transport;
    this.#options = options;
  }

  /** Whether any byte of the reply has arrived. */
  get began(): boolean {
    return this.input.position + this.input.length > 0;
  }

  /**
   * The final reply, after the interim ones. A 101 does not switch protocols here, and is final.
   *
   * @throws the errors of a response head; the system's error if the transport fails.
   */
  async final(): Promise<ResponseHead> {
    const { observer, debugLevel } = this.#options;
    const heads = new HeadReader(this.#options);
    for (;;) {
      const head = heads.next(this.input, observer);
      if (head === undefined) {
        await this.fill();
        continue;
      }
      if (debugLevel > 0) printReply(head.line, head.headers);
      if (!heads.isInterim(head.status)) return head;
    }
  }

  /** Reads more, using only `read`: a transport that is also iterable may close itself after an iteration. */
  async fill(): Promise<void> {
    const block = await readFrom(this.#transport);
    if (block === null) this.input.ended = true;
    else this.input.add(block, block.length, true);
  }
}
