import { decodeLatin1, type WireEvent } from '@http-client/client';

import type { WireItem } from './api.js';
import type { Limits } from './limits.js';

export interface WireLogOptions {
  /** When the session began, in `performance.now()` time. */
  readonly began: number;
  readonly proxied: boolean;
  readonly limits: Pick<Limits, 'wire' | 'wireItems'>;
  readonly tell: (item: WireItem) => void;
}

/** What goes over the wire, as the page is told of it: each range of bytes, within limits. */
export class WireLog {
  /** All bytes received, kept or not. */
  received = 0;
  readonly #options: WireLogOptions;
  #items = 0;
  #kept = 0;
  /** Between a CONNECT and the first request through the tunnel. */
  #tunnelling = false;

  constructor(options: WireLogOptions) {
    this.#options = options;
  }

  add({ direction, part, data, time }: WireEvent): WireItem {
    const { began, proxied, limits, tell } = this.#options;
    if (direction === 'received') this.received += data.length;
    if (part === 'request-line') this.#tunnelling = proxied && isConnect(data);
    const room = Math.max(0, limits.wire - this.#kept);
    const kept = data.subarray(0, room);
    this.#kept += kept.length;
    const item: WireItem = {
      direction,
      part,
      tunnel: this.#tunnelling,
      data: decodeLatin1(kept),
      size: data.length,
      time: time - began,
    };
    if (++this.#items <= limits.wireItems) tell(item);
    return item;
  }

  /** The number of ranges that were not told, because there were too many. */
  get untold(): number {
    return Math.max(0, this.#items - this.#options.limits.wireItems);
  }
}

function isConnect(line: Uint8Array): boolean {
  return decodeLatin1(line.subarray(0, 8)) === 'CONNECT ';
}
