import { HeadReader, type ResponseHead } from '@http-client/headers';
import { Input, readFrom, type Transport } from '@http-client/io';

import { printReply } from './debug.js';
import type { CheckedOptions } from './options.js';

/** Reads one reply to CONNECT. */
export class ReplyReader {
  /** What has come, and stands behind the head that was read last. */
  readonly input = new Input();
  readonly #transport: Transport;
  readonly #options: CheckedOptions;

  constructor(transport: Transport, options: CheckedOptions) {
    this.#transport = transport;
    this.#options = options;
  }

  /** Whether a byte of it has come. */
  get began(): boolean {
    return this.input.position + this.input.length > 0;
  }

  /**
   * The final reply, behind the interim ones: a 101 is not a switch of protocols here, and final.
   *
   * @throws what a response's head is refused with; the system's error where the transport breaks.
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

  /** Reads on, by no more than `read`: a transport that can be iterated too may close itself behind an iteration. */
  async fill(): Promise<void> {
    const block = await readFrom(this.#transport);
    if (block === null) this.input.ended = true;
    else this.input.add(block, block.length, true);
  }
}
