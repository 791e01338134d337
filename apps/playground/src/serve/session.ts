import { randomUUID } from 'node:crypto';

import type { HTTPConnection, HTTPResponse, WireEvent } from '@http-client/client';

import { Failure } from '../failure.js';
import type { Call, CallRecord, ConnectionView, Outcome, Settings, Update } from './api.js';
import { codeOfCall, makeCall } from './calls.js';
import type { Limits } from './limits.js';
import { connectionFor, routeOf, tolerancesOf } from './route.js';
import { StateObserver } from './state-observer.js';
import type { EmbeddedServers } from './targets/embedded.js';
import { Timeline } from './timeline.js';
import { ReadBody, viewOfError, viewOfResponse } from './view.js';
import { WireLog } from './wire-log.js';

/**
 * A connection that the page holds from afar: it is called here, and everything that happens to it is told as it happens.
 * It lasts until it is ended, which closes all that it opened.
 */
export class PlaySession {
  readonly id = randomUUID();
  /** When something was last called, as `performance.now()` counts. */
  lastUsed = performance.now();

  readonly #began = performance.now();
  readonly #limits: Limits;
  readonly #tell: (update: Update) => void;
  readonly #connection: HTTPConnection;
  readonly #state: StateObserver;
  readonly #log: WireLog;
  readonly #timeline = new Timeline(() => performance.now() - this.#began);
  /** All that were handed out, the last one the current one. Each may own a transport. */
  readonly #responses: HTTPResponse[] = [];
  #body = new ReadBody();
  #calls = 0;
  #pending = 0;
  /** Why it is over. */
  #ended: string | undefined;

  /** @throws Failure, or what the connection's constructor throws, for settings that make none. */
  constructor(settings: Settings, embedded: EmbeddedServers, limits: Limits, tell: (update: Update) => void) {
    this.#limits = limits;
    this.#tell = tell;
    const route = routeOf(settings, embedded);
    this.#log = new WireLog(this.#began, route.proxy !== undefined, (item) => {
      tell({ type: 'wire', item });
    });
    this.#connection = connectionFor(
      route,
      {
        strict: settings.strict,
        tolerate: tolerancesOf(settings.tolerate),
        timeout: settings.timeout,
        onWire: (event) => {
          this.#seen(event);
        },
      },
      this.#timeline,
    );
    this.#state = new StateObserver(this.#connection);
    tell({ type: 'opened', session: this.id, place: route.place });
    this.#show();
  }

  /**
   * Begins a call, and gives its number. It is told of when it begins, and again when all has been told that came of it;
   * what it throws is its outcome.
   *
   * @throws Failure where the session takes no more calls.
   */
  call(call: Call): number {
    if (this.#ended !== undefined) throw new Failure(`Cannot call ${call.call}: the session is over`);
    if (this.#pending >= this.#limits.pendingCalls || this.#calls >= this.#limits.calls) {
      throw new Failure(
        `Cannot call ${call.call}: the session has had ${this.#calls} calls, of which ${this.#pending} are under way`,
      );
    }
    const number = ++this.#calls;
    void this.#make(call, number);
    return number;
  }

  /** Closes the connection, and the response that may own its transport, and says why. */
  end(why: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = why;
    this.#connection.close();
    for (const response of this.#responses) response.close();
    this.#tell({ type: 'ended', why });
  }

  async #make(call: Call, number: number): Promise<void> {
    const record = { number, call: call.call, code: codeOfCall(call) };
    this.#pending++;
    this.lastUsed = performance.now();
    this.#tellCall({ ...record, outcome: undefined });
    const outcome = await this.#outcomeOf(call);
    this.lastUsed = performance.now();
    this.#pending--;
    this.#show();
    this.#tellCall({ ...record, outcome });
  }

  async #outcomeOf(call: Call): Promise<Outcome> {
    const began = performance.now();
    const duration = (): number => performance.now() - began;
    const timer = setTimeout(() => {
      this.end(`${call.call} took longer than ${this.#limits.callTime / 1000} seconds`);
    }, this.#limits.callTime);
    try {
      const value = await makeCall(call, this.#connection, {
        response: this.#responses.at(-1),
        answered: (response) => {
          this.#responses.push(response);
          this.#body = new ReadBody();
          this.#state.answered(response);
        },
        read: (bytes) => {
          this.#body.add(bytes);
        },
      });
      return { ok: true, value, duration: duration() };
    } catch (error) {
      return { ok: false, error: viewOfError(error), duration: duration() };
    } finally {
      clearTimeout(timer);
    }
  }

  #seen(event: WireEvent): void {
    if (this.#ended !== undefined) return;
    this.#timeline.seen(this.#log.add(event));
    if (this.#log.received > this.#limits.received) {
      // Not within the connection's own work.
      setImmediate(() => {
        this.end(`more than ${this.#limits.received / 1024 / 1024} MiB were received`);
      });
    }
  }

  #tellCall(record: CallRecord): void {
    if (this.#ended === undefined) this.#tell({ type: 'call', record });
  }

  #show(): void {
    if (this.#ended === undefined) this.#tell({ type: 'view', view: this.#view() });
  }

  #view(): ConnectionView {
    const response = this.#responses.at(-1);
    return {
      state: this.#state.state,
      connected: this.#connection.transport !== undefined,
      reusable: this.#connection.reusable,
      response: response && viewOfResponse(response, this.#body),
      timing: this.#timeline.phases,
      untold: this.#log.untold,
    };
  }
}
