import { decodeLatin1, type WireEvent } from '@http-client/client';

import type { WireItem } from './api.js';
import { LIMITS } from './limits.js';

/** What went over the wire, as the page is told of it: each range of bytes, while there is room for it. */
export class WireLog {
  /** All bytes that were received, kept or not. */
  received = 0;
  readonly #began: number;
  readonly #proxied: boolean;
  readonly #tell: (item: WireItem) => void;
  #items = 0;
  #kept = 0;
  /** Between the CONNECT and the first request that goes through the tunnel. */
  #tunnelling = false;

  constructor(began: number, proxied: boolean, tell: (item: WireItem) => void) {
    this.#began = began;
    this.#proxied = proxied;
    this.#tell = tell;
  }

  add({ direction, part, data, time }: WireEvent): WireItem {
    if (direction === 'received') this.received += data.length;
    if (part === 'request-line') this.#tunnelling = this.#proxied && isConnect(data);
    const room = Math.max(0, LIMITS.wire - this.#kept);
    const kept = data.subarray(0, room);
    this.#kept += kept.length;
    const item: WireItem = {
      direction,
      part,
      tunnel: this.#tunnelling,
      data: decodeLatin1(kept),
      size: data.length,
      time: time - this.#began,
    };
    if (++this.#items <= LIMITS.wireItems) this.#tell(item);
    return item;
  }

  /** How many ranges were not told, since there were too many. */
  get untold(): number {
    return Math.max(0, this.#items - LIMITS.wireItems);
  }
}

function isConnect(line: Uint8Array): boolean {
  return decodeLatin1(line.subarray(0, 8)) === 'CONNECT ';
}
