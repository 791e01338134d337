import { decodeLatin1, type WireEvent } from '@http-client/client';

import { Kept } from './kept.js';

/** One direction of an exchange. */
export class Recorded {
  /** The lines of the head that were seen, without their ends. */
  readonly lines: string[] = [];
  headSize = 0;
  /** Whether the head is over: a blank line ends the trailers, too. */
  #headed = false;
  readonly body = new Kept();

  push({ part, data }: WireEvent): void {
    switch (part) {
      case 'body':
      case 'chunk-data':
        this.body.push(data);
        break;
      case 'request-line':
      case 'status-line':
      case 'header':
      case 'blank-line':
        if (this.#headed) break;
        this.headSize += data.length;
        if (part === 'blank-line') this.#headed = true;
        else this.lines.push(decodeLatin1(data).trimEnd());
        break;
    }
  }
}
