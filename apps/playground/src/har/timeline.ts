import { PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks';

import { connectTCP, type Connector, type WireEvent } from '@http-client/client';

/** How long the phases of an exchange took, in milliseconds; -1 if there was no such phase (HAR 1.2, timings). */
export interface Timings {
  readonly blocked: number;
  readonly dns: number;
  /** TCP, the tunnel and TLS: `ssl` is included. */
  readonly connect: number;
  readonly ssl: number;
  readonly send: number;
  readonly wait: number;
  readonly receive: number;
}

/** The platform's entries for lookups and connects, whose types do not describe the detail. */
interface NetEntry extends PerformanceEntry {
  readonly detail: { readonly host?: string };
}

/**
 * Measures one exchange: its connection, as the platform times it, and the events on the wire, in `performance.now()`
 * time.
 */
export class Timeline {
  readonly begin = performance.now();
  #connecting: number | undefined;
  #connected: number | undefined;
  #tunnelled: number | undefined;
  #sending: number | undefined;
  #sent: number | undefined;
  #answering: number | undefined;
  #lastReceived: number | undefined;
  readonly #entries: NetEntry[] = [];
  readonly #observer = new PerformanceObserver((list) =>
    this.#entries.push(...(list.getEntries() as NetEntry[])),
  );

  constructor() {
    this.#observer.observe({ entryTypes: ['dns', 'net'] });
  }

  /** Opens the TCP connection, and measures it. */
  readonly connector: Connector = async (target) => {
    this.#connecting ??= performance.now();
    const transport = await connectTCP(target);
    this.#connected = performance.now();
    return transport;
  };

  /** To be called for each event on the wire. */
  onWire({ direction, part, time }: WireEvent): void {
    if (direction === 'received') {
      // An interim response is followed by another status line, and after 100 also by the body of the request.
      if (part === 'status-line') this.#answering = time;
      else this.#answering ??= time;
      this.#lastReceived = time;
      return;
    }
    if (part === 'request-line') {
      // Everything before this was the request for a tunnel.
      this.#tunnelled = this.#lastReceived;
      this.#sending = time;
      this.#answering = undefined;
    }
    this.#sent = time;
  }

  /** To be called when the request has been sent: the transport has accepted its last byte. */
  onSent(): void {
    this.#sent = performance.now();
  }

  /** Whether a connection was attempted. */
  get begun(): boolean {
    return this.#connecting !== undefined;
  }

  /** The address of the peer; undefined if no connection was made. */
  get address(): string | undefined {
    return this.#entries.findLast(({ entryType }) => entryType === 'net')?.detail.host;
  }

  /** Ends the exchange, at its last byte, or now if it has failed. Phases that have not begun get no time. */
  end({ secure, failed }: { readonly secure: boolean; readonly failed: boolean }): Timings {
    this.#entries.push(...(this.#observer.takeRecords() as NetEntry[]));
    this.#observer.disconnect();
    const end = failed ? performance.now() : (this.#lastReceived ?? performance.now());
    const lookup = this.#entries.find(({ entryType }) => entryType === 'dns');
    const connecting = this.#connecting ?? end;
    const resolving = lookup?.startTime ?? connecting;
    const resolved = lookup === undefined ? connecting : resolving + lookup.duration;
    const sending = this.#sending ?? end;
    const answering = this.#answering ?? end;
    // A response may begin before the whole request has been sent.
    const sent = Math.min(this.#sending === undefined ? end : (this.#sent ?? end), answering);
    const secured = this.#tunnelled ?? this.#connected;
    return {
      blocked: span(this.begin, resolving),
      dns: lookup === undefined ? -1 : span(resolving, resolved),
      connect: span(resolved, sending),
      ssl: secure && secured !== undefined ? span(secured, sending) : -1,
      send: span(sending, sent),
      wait: span(sent, answering),
      receive: span(answering, end),
    };
  }
}

/** The time between two moments, rounded to microseconds, the resolution of the clock. */
function span(from: number, to: number): number {
  return Math.max(Math.round((to - from) * 1000) / 1000, 0);
}
