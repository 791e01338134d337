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
import { keepReason } from './failure.js';
import { nextTurn } from './turns.js';
import type { WireTap } from './wire-tap.js';

/** The step that an attempt has reached. */
export type OpeningPhase = 'connect' | 'tunnel' | 'tls';

/** The limits of one step of an attempt. */
export interface StepLimits {
  readonly timeout: number | undefined;
  readonly signal: AbortSignal;
}

/** The steps to a transport on which requests may be sent. */
export interface OpeningSteps {
  /** Tells the subscribers that a connection is being opened. */
  readonly announce: () => void;
  readonly connector: Connector;
  /** The connector is this package's. */
  readonly isOwn: boolean;
  readonly target: ConnectTarget;
  /**
   * Tunnels through the connected proxy, and enforces its own time limit; `reopen` connects to the proxy once more.
   * Undefined if there is no proxy.
   */
  readonly tunnel:
    | ((proxy: Transport, limits: StepLimits, reopen: () => Promise<Transport>) => Promise<Transport>)
    | undefined;
  /** Undefined if the transport stays insecure. */
  readonly secure: ((transport: Transport, limits: StepLimits) => Promise<Transport>) | undefined;
}

/** Where an attempt leaves its result. */
export interface OpeningOwner {
  /** Set before anyone else receives the channel, unless the attempt was abandoned. */
  channel: Channel | undefined;
  /** The attempt, until it has ended. */
  opening: Opening | undefined;
}

/** One attempt to open a transport. It observes timeout and signal even if the connector does not. */
export class Opening {
  readonly #channel: Promise<Channel>;
  readonly #steps: OpeningSteps;
  readonly #place: string;
  readonly #tap: WireTap | undefined;
  readonly #owner: OpeningOwner;
  /** Kept here: a connector may change its target. */
  readonly #timeout: number | undefined;
  readonly #abandonment = new Abandonment();
  readonly #timer: WaitTimer;
  #phase: OpeningPhase = 'connect';
  /** The transport opened so far, which is closed if the attempt fails. */
  #transport: Transport | undefined;
  #resolve!: (channel: Channel) => void;
  #reject!: (reason: unknown) => void;

  /** `place` is the peer as it appears in errors. */
  constructor(steps: OpeningSteps, place: string, tap: WireTap | undefined, owner: OpeningOwner) {
    this.#steps = steps;
    this.#place = place;
    this.#tap = tap;
    this.#owner = owner;
    this.#timeout = steps.target.timeout;
    this.#timer = new WaitTimer((limit) => {
      const phase = this.#phase;
      const what = phase === 'tls' ? 'speak TLS with' : 'connect to';
      this.abandon(new TimeoutError(`Cannot ${what} ${place}: no connection within ${limit} ms`, { phase }));
    });
    this.#channel = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Begins the attempt. A caller's code runs in it: the subscribers of `http.client.connect`, and the connector. */
  start(): void {
    this.#steps.announce();
    if (!this.#isOver()) void this.#attempt();
  }

  async #attempt(): Promise<void> {
    try {
      const transport = await this.#run();
      if (this.#isOver()) return;
      const channel = new Channel(transport, this.#place, this.#tap);
      // Bytes that were there already close the channel, and an observer of them may have ended the attempt.
      if (this.#isOver()) return;
      this.#owner.channel = channel;
      this.#end();
      this.#resolve(channel);
    } catch (error) {
      if (this.#isOver()) return;
      this.#end();
      this.#fail(error);
    }
  }

  /** How far the attempt has got, or had got when it ended. */
  get phase(): OpeningPhase {
    return this.#phase;
  }

  /** Waits for the channel. If the signal is aborted, the attempt is abandoned, for everyone who waits for it. */
  wait(signal: AbortSignal | undefined): Promise<Channel> {
    // Callers without types may pass null for none, as to `fetch`.
    if (signal == null) return this.#channel;
    const cancel = (reason: unknown): void => {
      keepReason(reason);
      this.abandon(reason);
    };
    if (signal.aborted) cancel(signal.reason);
    return this.#channel.finally(onAbort(signal, cancel));
  }

  /** Abandons the attempt: its signal is aborted, and any transport that is opened nevertheless is closed. */
  abandon(reason: unknown): void {
    if (this.#isOver()) return;
    this.#end();
    this.#abandonment.abort(reason);
    const transport = this.#transport;
    if (this.#phase === 'tls' && transport !== undefined) {
      // TLS closes it itself; this is for a hook that does not. A turn later, since Node frees a TLS session as soon as
      // the socket below it is closed, even in the middle of OpenSSL's call that has the certificate checked: the
      // process would crash.
      this.#transport = undefined;
      nextTurn(() => {
        closeTransport(transport);
      });
    }
    this.#fail(reason);
  }

  /** Whether the attempt has ended; a transport that is opened now is too late. */
  #isOver(): boolean {
    return this.#owner.opening !== this;
  }

  #end(): void {
    this.#owner.opening = undefined;
    this.#timer.dispose();
  }

  #fail(reason: unknown): void {
    if (this.#transport !== undefined) closeTransport(this.#transport);
    this.#reject(reason);
  }

  async #run(): Promise<Transport> {
    const { connector, isOwn, target, tunnel, secure } = this.#steps;
    const plain = isOwn && tunnel === undefined && secure === undefined;
    // In that case only `tcp.ts` sees the target, and needs no signal of the platform's.
    const signal = plain ? (this.#abandonment as unknown as AbortSignal) : this.#abandonment.platformSignal();
    target.signal = signal;
    const limits: StepLimits = { signal, timeout: this.#timeout };
    // A proxy may be connected to again: if a connector changes its target, that must not affect the next call.
    const connect = (): Promise<Transport> =>
      this.#step('connect', () => connector(tunnel === undefined ? target : { ...target }));
    const reopen = async (): Promise<Transport> => {
      const another = await connect();
      this.#phase = 'tunnel';
      return another;
    };
    const first = await connect();
    const open =
      tunnel === undefined || this.#isOver()
        ? first
        : await this.#step('tunnel', () => tunnel(first, limits, reopen));
    if (secure === undefined || this.#isOver()) return open;
    return this.#step('tls', () => secure(open, limits));
  }

  /** One step of the attempt, within its own time limit. A transport that it returns too late is closed. */
  async #step(phase: OpeningPhase, open: () => Promise<Transport>): Promise<Transport> {
    this.#phase = phase;
    // A tunnel enforces its own limit: the time while a user looks for a password does not count.
    if (this.#timeout !== undefined && phase !== 'tunnel') this.#timer.start(this.#timeout);
    const transport = await open();
    this.#timer.stop();
    checkTransport(transport);
    if (this.#isOver()) closeTransport(transport);
    this.#transport = transport;
    return transport;
  }
}
