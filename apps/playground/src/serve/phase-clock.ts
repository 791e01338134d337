import type { Phase, PhaseName, WireItem } from './api.js';

/** The phases of an exchange, in their order. */
const PHASES: readonly PhaseName[] = ['connect', 'tunnel', 'TLS', 'send', 'wait', 'body'];

/**
 * Measures the phases of one exchange, in milliseconds since the session began. Connecting and the TLS handshake are
 * timed where they are done; the others are derived from what is seen on the wire.
 */
export class PhaseClock {
  readonly #phases = new Map<PhaseName, { start: number; end: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Times the opening of a connection, with which a new exchange begins. */
  connecting<T>(work: () => Promise<T>): Promise<T> {
    // A proxy that requires credentials may close the connection, so that a second one is opened for the same exchange.
    if (!this.#phases.has('tunnel') || this.#phases.has('send')) this.#phases.clear();
    return this.#measure('connect', work);
  }

  /** Times the handshake. */
  securing<T>(work: () => Promise<T>): Promise<T> {
    return this.#measure('TLS', work);
  }

  /** To be called for each range of bytes on the wire. */
  seen({ direction, part, tunnel, data, time }: WireItem): void {
    const sending = this.#phases.get('send');
    if (tunnel) {
      this.#extend('tunnel', time);
    } else if (direction === 'sent') {
      // The next request on the same connection.
      if (part === 'request-line' && sending !== undefined) this.#phases.clear();
      this.#extend('send', time);
    } else if (sending !== undefined) {
      const isFinal = part === 'status-line' && !/^HTTP\/1\.\d 1(?!01)/.test(data);
      if (isFinal) this.#phases.set('wait', { start: Math.min(sending.end, time), end: time });
      if (this.#phases.has('wait')) this.#extend('body', time);
    }
  }

  get phases(): Phase[] {
    return PHASES.flatMap((name) => {
      const phase = this.#phases.get(name);
      return phase === undefined ? [] : [{ name, ...phase }];
    });
  }

  #extend(name: PhaseName, time: number): void {
    const phase = this.#phases.get(name);
    if (phase === undefined) this.#phases.set(name, { start: time, end: time });
    else phase.end = time;
  }

  async #measure<T>(name: PhaseName, work: () => Promise<T>): Promise<T> {
    const start = this.#now();
    try {
      return await work();
    } finally {
      this.#phases.set(name, { start: this.#phases.get(name)?.start ?? start, end: this.#now() });
    }
  }
}
