import type { Transport } from '@http-client/io';

import type { Channel } from './channel.js';
import type { Opening } from './opening.js';
import type { Route } from './route.js';

/** A connection's channel, or the attempt to open one. */
export class Link {
  channel: Channel | undefined;
  /** The attempt in progress, which all who wait for a channel share. */
  opening: Opening | undefined;
  readonly #route: Route;

  constructor(route: Route) {
    this.#route = route;
  }

  get transport(): Transport | undefined {
    return this.channel === undefined || this.channel.closed ? undefined : this.channel.transport;
  }

  /** Whether there is a connection, or soon will be. */
  get connected(): boolean {
    return this.transport !== undefined || this.opening !== undefined;
  }

  open(): Opening {
    return (this.opening ??= this.#route.open({
      opened: (channel) => {
        this.channel = channel;
      },
      ended: () => {
        this.opening = undefined;
      },
    }));
  }

  /** Gives up both, for the caller to end them. */
  take(): { channel: Channel | undefined; opening: Opening | undefined } {
    const { channel, opening } = this;
    this.channel = this.opening = undefined;
    return { channel, opening };
  }
}
