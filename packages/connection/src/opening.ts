import { TimeoutError } from '@http-client/errors';
import type { ConnectTarget, Connector, Transport } from '@http-client/io';

import { Channel } from './channel.js';
import { WaitTimer } from './wait-timer.js';
import type { WireTap } from './wire-tap.js';

/** One attempt to open a transport, which ends in time even if the connector does not. */
export class Opening {
  readonly channel: Promise<Channel>;
  readonly #controller = new AbortController();
  readonly #timer: WaitTimer;
  /** It has come to its end; a transport that comes now comes too late. */
  #over = false;
  #reject!: (reason: unknown) => void;

  /**
   * `place` is the peer as errors name it. `on.opened` is called with the channel before anybody else learns of it, unless
   * the attempt was abandoned; `on.ended` when the attempt is over.
   */
  constructor(
    connector: Connector,
    target: ConnectTarget,
    place: string,
    tap: WireTap | undefined,
    on: { opened: (channel: Channel) => void; ended: () => void },
  ) {
    this.#timer = new WaitTimer((limit) => {
      this.abandon(
        new TimeoutError(`Cannot connect to ${place}: no connection within ${limit} ms`, {
          phase: 'connect',
        }),
      );
    });
    if (target.timeout !== undefined) this.#timer.start(target.timeout);
    const end = (): void => {
      this.#over = true;
      this.#timer.dispose();
      on.ended();
    };
    this.channel = new Promise((resolve, reject) => {
      this.#reject = (reason) => {
        end();
        reject(reason);
      };
      open(connector, { ...target, signal: this.#controller.signal })
        .then((transport) => {
          if (this.#over) {
            transport.close();
            return;
          }
          const channel = new Channel(transport, place, tap);
          on.opened(channel);
          end();
          resolve(channel);
        })
        .catch((error: unknown) => {
          if (!this.#over) this.#reject(error);
        });
    });
  }

  /** The channel, for one who may give up waiting for it; the attempt is abandoned then, for all who wait. */
  async wait(signal: AbortSignal | undefined): Promise<Channel> {
    const abort = (): void => {
      this.abandon(signal?.reason);
    };
    if (signal?.aborted === true) abort();
    signal?.addEventListener('abort', abort);
    try {
      return await this.channel;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Gives up: the connector's signal is aborted, and whatever it opens all the same is closed. */
  abandon(reason: unknown): void {
    if (this.#over) return;
    this.#reject(reason);
    this.#controller.abort(reason);
  }
}

/** A connector that throws where it should reject does no harm. */
async function open(connector: Connector, target: ConnectTarget): Promise<Transport> {
  return connector(target);
}
