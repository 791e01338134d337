import type { HTTPResponse, WireEvent } from '@http-client/client';
import type { Har } from 'har-format';

import type { Address } from '../request/address.js';
import { NAME, VERSION } from '../version.js';
import { entryOf } from './entry.js';
import { Recorded } from './recorded.js';
import { Timeline } from './timeline.js';

export interface RecorderOptions {
  readonly method: string;
  readonly address: Address;
  readonly showCredentials: boolean;
  /** Whether the exchange goes through a proxy, so that the connection is to the proxy. */
  readonly proxied: boolean;
}

/** Observes one exchange, and makes an HTTP Archive (HAR 1.2) of it. */
export class Recorder {
  readonly timeline = new Timeline();
  readonly #options: RecorderOptions;
  #sent = new Recorded();
  #received = new Recorded();
  #response: HTTPResponse | undefined;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** To be called for each event on the wire. */
  onWire(event: WireEvent): void {
    this.timeline.onWire(event);
    const { direction, part } = event;
    // A CONNECT is superseded by the request after it, and an interim response by the final one.
    if (part === 'request-line') this.#sent = new Recorded();
    if (part === 'request-line' || part === 'status-line') this.#received = new Recorded();
    (direction === 'sent' ? this.#sent : this.#received).push(event);
  }

  /** To be called with the response. */
  answered(response: HTTPResponse): void {
    this.#response = response;
  }

  /**
   * Ends the recording.
   *
   * @param failure what the exchange failed with, if it did.
   * @returns undefined if no connection was attempted.
   */
  finish(failure: string | undefined): Har | undefined {
    const { method, address, proxied, showCredentials } = this.#options;
    const timings = this.timeline.end({ secure: address.secure, failed: failure !== undefined });
    if (!this.timeline.begun) return undefined;
    const entry = entryOf({
      address,
      method,
      showCredentials,
      sent: this.#sent,
      received: this.#received,
      response: this.#response,
      started: new Date(performance.timeOrigin + this.timeline.begin),
      timings,
      serverAddress: proxied ? undefined : this.timeline.address,
      failure,
    });
    return { log: { version: '1.2', creator: { name: NAME, version: VERSION }, entries: [entry] } };
  }
}
