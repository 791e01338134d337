import { randomUUID } from 'node:crypto';

import type { HTTPConnection, HTTPResponse, WireEvent } from '@http-client/client';

import { Failure } from '../failure.js';
import type { Call, CallRecord, ConnectionView, Outcome, Settings, Update } from './api.js';
import { codeOfCall, makeCall } from './calls.js';
import type { Limits } from './limits.js';
import { PhaseClock } from './phase-clock.js';
import { connectionFor, routeOf, tolerancesOf } from './route.js';
import { StateObserver } from './state-observer.js';
import type { EmbeddedServers } from './targets/embedded.js';
import { ReadBody, viewOfError, viewOfResponse } from './view.js';
import { WireLog } from './wire-log.js';

/**
 * A connection that the page controls remotely: it makes calls, and gets an update for everything that happens. It
 * lasts until it is ended, which closes everything that it opened.
 */
export class PlaySession {
  readonly id = randomUUID();
  /** When something was last called, in `performance.now()` time. */
  lastUsed = performance.now();

  readonly #began = performance.now();
  readonly #limits: Limits;
  readonly #tell: (update: Update) => void;
  readonly #connection: HTTPConnection;
  readonly #state: StateObserver;
  readonly #log: WireLog;
  readonly #clock = new PhaseClock(() => performance.now() - this.#began);
  /** All responses so far; the last one is the current one. Each may own a transport. */
  readonly #responses: HTTPResponse[] = [];
  #body: ReadBody;
  #calls = 0;
  #pending = 0;
  /** Why it has ended. */
  #ended: string | undefined;

  /** @throws Failure, or what the connection's constructor throws, for invalid settings. */
  constructor(settings: Settings, embedded: EmbeddedServers, limits: Limits, tell: (update: Update) => void) {
    this.#limits = limits;
    this.#tell = tell;
    this.#body = new ReadBody(limits.shownBody);
    const route = routeOf(settings, embedded);
    this.#log = new WireLog({
      began: this.#began,
      proxied: route.proxy !== undefined,
      limits,
      tell: (item) => {
        tell({ type: 'wire', item });
      },
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
      this.#clock,
    );
    this.#state = new StateObserver(this.#connection);
    tell({ type: 'opened', session: this.id });
    this.#show();
  }

  /**
   * Begins a call, and returns its number. The page gets an update when it begins, and another one with its outcome
   * after all other updates that result from it. What the call throws is its outcome.
   *
   * @throws Failure if the session accepts no more calls.
   */
  call(call: Call): number {
    if (this.#ended !== undefined) throw new Failure(`Cannot call ${call.call}: the session has ended`);
    if (this.#pending >= this.#limits.pendingCalls || this.#calls >= this.#limits.calls) {
      throw new Failure(
        `Cannot call ${call.call}: the session has had ${this.#calls} calls, of which ${this.#pending} are under way`,
      );
    }
    const number = ++this.#calls;
    void this.#make(call, number);
    return number;
  }

  /** Closes the connection, and the responses that may own a transport; tells the page why. */
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
          this.#body = new ReadBody(this.#limits.shownBody);
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
    this.#clock.seen(this.#log.add(event));
    if (this.#log.received > this.#limits.received) {
      // Not while the connection is handling these bytes.
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
      response: response && viewOfResponse(response, this.#body),
      timing: this.#clock.phases,
      untold: this.#log.untold,
    };
  }
}
