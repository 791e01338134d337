import { PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks';

import { connectTCP, type Connector, type WireEvent } from '@http-client/client';

/** How long the phases of an exchange took, in milliseconds; -1 for one that there was none of (HAR 1.2, timings). */
export interface Timings {
  readonly blocked: number;
  readonly dns: number;
  /** TCP, the tunnel and TLS: `ssl` is a part of it. */
  readonly connect: number;
  readonly ssl: number;
  readonly send: number;
  readonly wait: number;
  readonly receive: number;
}

/** What the platform tells of its look-ups and connects; its types leave the detail open. */
interface NetEntry extends PerformanceEntry {
  readonly detail: { readonly host?: string };
}

/**
 * Takes the times of one exchange: of its connection, as the platform measures it, and of what goes over the wire. All
 * as `performance.now()` counts.
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

  /** Opens the TCP connection, and notes when. */
  readonly connector: Connector = async (target) => {
    this.#connecting ??= performance.now();
    const transport = await connectTCP(target);
    this.#connected = performance.now();
    return transport;
  };

  /** To be told of all that goes over the wire. */
  onWire({ direction, part, time }: WireEvent): void {
    if (direction === 'received') {
      this.#answering ??= time;
      this.#lastReceived = time;
      return;
    }
    if (part === 'request-line') {
      // What was said before was the asking for a tunnel.
      this.#tunnelled = this.#lastReceived;
      this.#sending = time;
      this.#answering = undefined;
    }
    this.#sent = time;
  }

  /** The request has been sent whole: the transport has taken its last byte. */
  onSent(): void {
    this.#sent = performance.now();
  }

  /** Whether it has come to a connection. */
  get begun(): boolean {
    return this.#connecting !== undefined;
  }

  /** The address that was connected to; undefined where there was none. */
  get address(): string | undefined {
    return this.#entries.findLast(({ entryType }) => entryType === 'net')?.detail.host;
  }

  /** Ends it: with the last byte, or now where it has failed. What has not begun by then has taken no time. */
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
    // An answer may come before all of the request has gone.
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

/** To the microsecond, as fine as the clock is. */
function span(from: number, to: number): number {
  return Math.max(Math.round((to - from) * 1000) / 1000, 0);
}
