import { decodeLatin1, type WireEvent } from '@http-client/client';

import { Kept } from './kept.js';

/** What was observed in one direction of an exchange. */
export class Recorded {
  /** The lines of the head, without their line ends. */
  readonly lines: string[] = [];
  headSize = 0;
  /** Whether the head has ended: a blank line also ends the trailer section. */
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
