import { TimeoutError } from '@http-client/errors';
import {
  checkTransport,
  closeTransport,
  type ConnectTarget,
  type Connector,
  type Transport,
} from '@http-client/io';
import { onAbort, WaitTimer } from '@http-client/tunnel';

import { Abandonment } from './abandonment.js';
import { Channel } from './channel.js';
import type { TunnelTerms } from './tunnelling.js';
import type { WireTap } from './wire-tap.js';

/** What an attempt is at. */
export type OpeningPhase = 'connect' | 'tunnel' | 'tls';

/** Makes a secure transport of a connected one, for `serverName`. */
export type Secure = (
  transport: Transport,
  serverName: string,
  options: { timeout?: number; signal?: AbortSignal },
) => Promise<Transport>;

/** The way to a transport that requests may go out on. */
export interface OpeningLegs {
  readonly connector: Connector;
  /** The connector is this package's. */
  readonly isOwn: boolean;
  readonly target: ConnectTarget;
  /** Leads on from a proxy that was connected; keeps to its terms by itself. Absent where there is no proxy. */
  readonly tunnel: ((proxy: Transport, terms: TunnelTerms) => Promise<Transport>) | undefined;
  /** Absent where nothing is to be secured. */
  readonly secure: Secure | undefined;
  readonly serverName: string;
}

/** One attempt to open a transport, which ends in time even if the connector does not. */
export class Opening {
  readonly channel: Promise<Channel>;
  readonly #abandonment = new Abandonment();
  readonly #timeout: number | undefined;
  readonly #timer: WaitTimer;
  #phase: OpeningPhase = 'connect';
  /** What has been opened so far, and is closed if the attempt fails. */
  #transport: Transport | undefined;
  /** It has come to its end; a transport that comes now comes too late. */
  #over = false;
  #reject!: (reason: unknown) => void;

  /**
   * `place` is the peer as errors name it. `on.opened` is called with the channel before anybody else learns of it, unless
   * the attempt was abandoned; `on.ended` when the attempt is over.
   */
  constructor(
    legs: OpeningLegs,
    place: string,
    tap: WireTap | undefined,
    on: { opened: (channel: Channel) => void; ended: () => void },
  ) {
    this.#timeout = legs.target.timeout;
    this.#timer = new WaitTimer((limit) => {
      const phase = this.#phase;
      const what = phase === 'tls' ? 'speak TLS with' : 'connect to';
      this.abandon(new TimeoutError(`Cannot ${what} ${place}: no connection within ${limit} ms`, { phase }));
    });
    const end = (): void => {
      this.#over = true;
      this.#timer.dispose();
      on.ended();
    };
    this.channel = new Promise((resolve, reject) => {
      this.#reject = (reason) => {
        end();
        if (this.#transport !== undefined) closeTransport(this.#transport);
        reject(reason);
      };
      this.#run(legs)
        .then((transport) => {
          if (this.#over) return;
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

  /** How far the attempt has got, or had when it ended. */
  get phase(): OpeningPhase {
    return this.#phase;
  }

  /** The channel, for one who may give up waiting for it; the attempt is abandoned then, for all who wait. */
  async wait(signal: AbortSignal | undefined): Promise<Channel> {
    if (signal?.aborted === true) this.abandon(signal.reason);
    const ignore = onAbort(signal, (reason) => {
      this.abandon(reason);
    });
    try {
      return await this.channel;
    } finally {
      ignore();
    }
  }

  /** Gives up: the signal of all that is under way is aborted, and whatever it opens all the same is closed. */
  abandon(reason: unknown): void {
    if (this.#over) return;
    this.#reject(reason);
    this.#abandonment.abort(reason);
  }

  async #run({ connector, isOwn, target, tunnel, secure, serverName }: OpeningLegs): Promise<Transport> {
    const { timeout } = target;
    const plain = isOwn && tunnel === undefined && secure === undefined;
    // Nobody else sees the target then, and `tcp.ts` needs no signal of the platform's.
    const signal = plain ? (this.#abandonment as unknown as AbortSignal) : this.#abandonment.platformSignal();
    target.signal = signal;
    const terms = timeout === undefined ? { signal } : { signal, timeout };
    // A proxy may be connected to again: what a connector does to its target is nothing to the next time.
    const connect = (): Promise<Transport> =>
      this.#leg('connect', () => connector(tunnel === undefined ? target : { ...target }));
    let open = await connect();
    if (tunnel !== undefined && !this.#over) {
      const reopen = async (): Promise<Transport> => {
        const another = await connect();
        this.#phase = 'tunnel';
        return another;
      };
      const proxy = open;
      open = await this.#leg('tunnel', () => tunnel(proxy, { ...terms, reopen }));
    }
    if (secure === undefined || this.#over) return open;
    const insecure = open;
    return this.#leg('tls', () => secure(insecure, serverName, terms));
  }

  /** One leg of the way, within the time that each has for itself. What it gives too late is closed. */
  async #leg(phase: OpeningPhase, open: () => Promise<Transport>): Promise<Transport> {
    this.#phase = phase;
    // A tunnel keeps its time by itself: none passes while a user looks for a password.
    if (this.#timeout !== undefined && phase !== 'tunnel') this.#timer.start(this.#timeout);
    const transport = await open();
    this.#timer.stop();
    checkTransport(transport);
    if (this.#over) closeTransport(transport);
    this.#transport = transport;
    return transport;
  }
}
