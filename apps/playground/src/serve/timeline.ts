import type { Phase, PhaseName, WireItem } from './api.js';

/** The phases of an exchange, in their order. */
export const PHASES: readonly PhaseName[] = ['connect', 'tunnel', 'TLS', 'send', 'wait', 'body'];

/**
 * Where the time of one exchange went. Connecting and the TLS handshake are measured where they are done, the rest is seen
 * on the wire. Milliseconds since the session began.
 */
export class Timeline {
  readonly #phases = new Map<PhaseName, { start: number; end: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Times what opens a connection; with it another exchange begins. */
  connecting<T>(work: () => Promise<T>): Promise<T> {
    // A proxy that wants credentials may close, and is connected to a second time.
    if (!this.#phases.has('tunnel') || this.#phases.has('send')) this.#phases.clear();
    return this.#measure('connect', work);
  }

  /** Times the handshake. */
  securing<T>(work: () => Promise<T>): Promise<T> {
    return this.#measure('TLS', work);
  }

  /** A range of bytes that was seen on the wire. */
  seen({ direction, part, tunnel, data, time }: WireItem): void {
    const sending = this.#phases.get('send');
    if (tunnel) {
      this.#extend('tunnel', time);
    } else if (direction === 'sent') {
      // The next request on a connection that is there already.
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
