import type { Transport } from '@http-client/io';

import type { Channel } from './channel.js';
import type { Opening, OpeningOwner } from './opening.js';
import type { Route } from './route.js';

/** A connection's channel, or the attempt to open one. */
export class Link implements OpeningOwner {
  channel: Channel | undefined;
  /** The attempt in progress, which all who wait for a channel share. */
  opening: Opening | undefined;
  readonly #route: Route;

  constructor(route: Route) {
    this.#route = route;
  }

  get transport(): Transport | undefined {
    return this.channel?.closed === false ? this.channel.transport : undefined;
  }

  /** Whether there is a connection, or soon will be. */
  get connected(): boolean {
    return this.transport !== undefined || this.opening !== undefined;
  }

  open(): Opening {
    if (this.opening !== undefined) return this.opening;
    const opening = this.#route.open(this);
    this.opening = opening;
    // Only now: a caller's code runs in it, and may call back, to close the connection, for example.
    opening.start();
    return opening;
  }
}
