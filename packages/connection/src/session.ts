import { type HTTPException, ImproperConnectionState } from '@http-client/errors';
import type { Transport } from '@http-client/io';

import { makeResponse } from './answer.js';
import type { BodyOwner, BodyReader } from './body-reader.js';
import type { Channel } from './channel.js';
import type { ExchangeRecord } from './exchange-record.js';
import { sendWhenExpected } from './expectation.js';
import { closedError, failure, outOfOrder, type FailurePlace } from './failure.js';
import type { Opening } from './opening.js';
import type { CheckedOptions } from './options.js';
import type { RequestHead } from './request-head.js';
import type { HTTPResponse } from './response.js';
import { ResponseHeads, type FinalHead } from './response-heads.js';
import type { Route } from './route.js';
import { SendQueue } from './send-queue.js';
import { discard, send } from './sender.js';
import { StateMachine, type Call } from './state.js';
import { NO_UPLOAD, type Upload } from './upload.js';
import { PENDING, type Waiting } from './waiting.js';

/** The properties of the caller's connection that a session uses, read whenever they are needed. */
export interface SessionOwner {
  readonly host: string;
  readonly port: number;
  readonly timeout: number | undefined;
  readonly debugLevel: number;
}

/**
 * The exchange behind a connection: its state, the channel it runs on, the current request and the unread response.
 *
 * A channel serves one request after another. It is handed over to the response that is read from it if that is its
 * last one, and closed as soon as its place in the exchange is no longer certain.
 */
export class Session implements BodyOwner {
  readonly machine = new StateMachine();
  /** The request that is being built. */
  head: RequestHead | undefined;

  readonly #owner: SessionOwner;
  readonly #options: CheckedOptions;
  readonly #route: Route;
  readonly #heads: ResponseHeads;

  #channel: Channel | undefined;
  #opening: Opening | undefined;
  /** The request whose response is due, or was the last to arrive; none once the connection has been closed. */
  #record: ExchangeRecord | undefined;
  /** The channel that it was sent on. */
  #asked: Channel | undefined;
  readonly #sends = new SendQueue();
  /** A `getResponse` is pending. */
  #receiving = false;
  /** The response whose body is still on the channel, and the request that it answers. */
  #unread: { readonly reader: BodyReader; readonly record: ExchangeRecord } | undefined;
  /** A 101 or a 2xx to CONNECT has been received: the transport has switched protocols, and can be detached. */
  #switched = false;

  constructor(owner: SessionOwner, options: CheckedOptions, route: Route) {
    this.#owner = owner;
    this.#options = options;
    this.#route = route;
    this.#heads = new ResponseHeads(options, () => owner.debugLevel);
  }

  get transport(): Transport | undefined {
    return this.#channel === undefined || this.#channel.closed ? undefined : this.#channel.transport;
  }

  /** Whether there is a connection, or soon will be. */
  get connected(): boolean {
    return this.transport !== undefined || this.#opening !== undefined;
  }

  get reusable(): boolean {
    // As long as the rest of the body can still be sent, the connection is in step.
    const inStep = !this.#isOutOfStep() || (this.#record!.owed > 0 && this.machine.allows('send'));
    return this.#channel !== undefined && this.#channel.usable && !this.#switched && inStep;
  }

  // Methods, not getters: V8 has no fast path for private accessors.

  /**
   * Whether the last request was sent with another number of body bytes than it promised: the server would take the
   * next request for the rest of the body, or the surplus for the next request.
   */
  #isOutOfStep(): boolean {
    if (this.#record === undefined || this.#asked !== this.#channel || this.#sends.busy) return false;
    const { owed } = this.#record;
    // Both false for NaN.
    return owed > 0 || owed < 0;
  }

  /** Not while a body is still being sent, either: its response came early, and has been read. */
  #isFree(): boolean {
    return this.reusable && !this.#isOutOfStep() && !this.#sends.busy;
  }

  /** Whether a request could go out without a connection being opened for it. */
  get open(): boolean {
    return this.#opening !== undefined || this.#isFree();
  }

  /** Throws if it is too late to change where the connection leads. */
  checkUnconnected(): void {
    if (!this.connected && this.machine.logical === 'Idle') return;
    throw new ImproperConnectionState(
      `Cannot set a tunnel: the connection is ${this.connected ? 'open' : `in state ${this.machine.shown}`} (close() it first)`,
    );
  }

  /** Throws if a call is out of order; changes nothing. */
  check(call: Call): void {
    if (this.machine.allows(call)) return;
    throw outOfOrder(call, this.machine, this.head?.record ?? this.#record, this.#unread?.record);
  }

  // Sending

  /** Sends a head, and the body as far as it is given, on the existing connection or on a new one. */
  sendHead(head: RequestHead, upload: Upload, signal: AbortSignal | undefined): Promise<void> {
    const channel = this.ready();
    this.head = undefined;
    this.#record = head.record;
    this.#heads.reset();
    return this.#sends.track(
      channel === undefined
        ? this.#openAndPut(head, upload, signal)
        : this.#put(channel, head.whole, upload, head.record, signal),
    );
  }

  /** Sends more of a body, after everything that is still being sent. */
  sendMore(upload: Upload, signal: AbortSignal | undefined): Promise<void> {
    const record = this.#record;
    // Data that waited for its turn may belong to a finished request, and would be taken for part of the next one.
    const isCurrent = (): boolean => record === this.#record;
    const put = (): Promise<void> | undefined => {
      const channel = isCurrent() ? this.#askedChannel() : undefined;
      if (channel === undefined) return Promise.reject(this.#closedError('send body data'));
      return this.#put(channel, '', upload, record!, signal);
    };
    return this.#sends.inTurn(put, signal, () => {
      if (isCurrent()) this.close();
    });
  }

  /** The channel, if the request was sent on it: the previous response may have taken that one, and another be open. */
  #askedChannel(): Channel | undefined {
    return this.#channel === this.#asked ? this.#channel : undefined;
  }

  async #openAndPut(head: RequestHead, upload: Upload, signal: AbortSignal | undefined): Promise<void> {
    let channel: Channel;
    try {
      channel = await this.#open(signal);
      // Other code may have run between the opening and this line.
      signal?.throwIfAborted();
      channel.checkWritable('send the request');
    } catch (error) {
      throw this.#sendFailed(undefined, head.record, error, signal);
    }
    await this.#put(channel, head.whole, upload, head.record, signal);
  }

  /** Sends bytes; returns undefined if the system took them at once, as it usually does. */
  #put(
    channel: Channel,
    head: string,
    upload: Upload,
    record: ExchangeRecord,
    signal: AbortSignal | undefined,
  ): Promise<void> | undefined {
    if (head !== '') {
      channel.expect();
      this.#asked = channel;
    }
    const waiting = this.#waiting('send', 'send the request', signal, asItIs);
    const { debugLevel } = this.#owner;
    const sending = { channel, record, waiting, debugLevel, connection: this.#owner };
    if (record.withheld) {
      discard(upload);
      return undefined;
    }
    if (upload.whole?.length === 0) record.expects = false;
    const sent =
      record.expects && upload !== NO_UPLOAD
        ? sendWhenExpected(sending, head, upload, {
            heads: this.#heads,
            waiting: this.#waiting('continue', 'wait for a 100 (Continue)', signal, asItIs),
            limit: this.#options.continueTimeout,
          })
        : send(sending, head, upload);
    return sent?.catch((error: unknown) => {
      throw this.#sendFailed(channel, record, error, signal);
    });
  }

  /** After a failed write the response may still have arrived, so the connection is kept; any other error closes it. */
  #sendFailed(
    channel: Channel | undefined,
    record: ExchangeRecord,
    error: unknown,
    signal: AbortSignal | undefined,
  ): unknown {
    const place = this.#failurePlace(channel === undefined ? 'connect' : 'send', record.delivery);
    if (channel === undefined || channel.writeFailure !== error) {
      // By now another request may be in progress, or the response has arrived and owns its channel.
      if (record === this.#record && (channel ?? this.#channel) === this.#channel) this.close();
      else channel?.close();
    }
    return failure(error, place, signal);
  }

  // Opening and closing

  async connect(signal: AbortSignal | undefined): Promise<void> {
    const stays = this.#channel?.usable === true && !this.#isOutOfStep();
    const inUse = stays || (this.#channel !== undefined && this.machine.logical !== 'Idle');
    if (!inUse && this.ready() === undefined) await this.#open(signal);
  }

  /** The channel, if a request may be sent on it. An unusable one is handed over to its unread response, or closed. */
  ready(): Channel | undefined {
    const channel = this.#channel;
    if (channel === undefined || this.#isFree()) return channel;
    if (this.#unread !== undefined) {
      this.#handOver();
    } else {
      this.#channel = undefined;
      channel.close();
    }
    this.#switched = false;
    return undefined;
  }

  /** The response is the last on its channel, and owns the channel from now on. */
  #handOver(): void {
    this.#channel = undefined;
    this.#unread = undefined;
    this.machine.move('end');
  }

  #open(signal: AbortSignal | undefined): Promise<Channel> {
    return this.#awaitOpening((this.#opening ??= this.#startOpening()), signal);
  }

  async #awaitOpening(opening: Opening, signal: AbortSignal | undefined): Promise<Channel> {
    try {
      return await opening.wait(signal);
    } catch (error) {
      throw failure(error, this.#failurePlace(opening.phase, 'unsent'), signal);
    }
  }

  #startOpening(): Opening {
    return this.#route.open({
      opened: (channel) => {
        this.#channel = channel;
      },
      ended: () => {
        this.#opening = undefined;
      },
    });
  }

  close(): void {
    const channel = this.#channel;
    const opening = this.#opening;
    const unread = this.#unread;
    // The state first: a caller's code may run during the closing, and call back.
    this.#channel = undefined;
    this.#opening = undefined;
    this.#unread = undefined;
    this.head = undefined;
    this.#record = undefined;
    this.#asked = undefined;
    this.#switched = false;
    this.#receiving = false;
    this.machine.move('close');
    opening?.abandon(this.#closedError('connect'));
    // Before its channel, so that later reads fail with the same message as those that are waiting now.
    unread?.reader.abandon(this.#closedError('read the response body'));
    channel?.close();
  }

  detach(): { transport: Transport; head: Uint8Array } {
    if (!this.#switched || this.#channel === undefined) {
      throw new ImproperConnectionState(
        'Cannot detach the transport: no 101 and no 2xx to CONNECT has been received on it',
      );
    }
    const detached = this.#channel.release();
    this.#channel = undefined;
    this.#switched = false;
    return detached;
  }

  #failurePlace(phase: FailurePlace['phase'], delivery: FailurePlace['delivery']): FailurePlace {
    return { peer: this.#route.place, state: this.machine.shown, phase, delivery };
  }

  #closedError(what: string): HTTPException {
    return closedError(what, this.#route.place);
  }

  // Receiving

  getResponse(signal: AbortSignal | undefined): Promise<HTTPResponse> {
    if (this.#receiving) throw this.machine.refusal('getResponse', ', and another getResponse waits already');
    this.check('getResponse');
    const record = this.#record!;
    this.#receiving = true;
    const sent = record.delivery !== 'unsent';
    const channel = sent ? this.#askedChannel() : this.#channel;
    if (channel !== undefined) return this.#receive(channel, record, signal);
    if (!sent && this.#opening !== undefined) return this.#receiveLater(this.#opening, record, signal);
    // Its channel belonged to the previous response, which was closed before its end.
    const place = this.#failurePlace('headers', record.delivery);
    this.close();
    throw failure(this.#closedError('get the response'), place) as Error;
  }

  #receive(channel: Channel, record: ExchangeRecord, signal: AbortSignal | undefined): Promise<HTTPResponse> {
    const waiting = this.#waiting('headers', 'get the response', signal, (error) => {
      const place = this.#failurePlace('headers', channel.answerBegan ? 'answered' : record.delivery);
      if (channel === this.#channel) this.close();
      return failure(error, place, signal);
    });
    return channel.wait(() => {
      const next = this.#heads.final(channel);
      return next === PENDING ? PENDING : this.#answer(channel, record, next);
    }, waiting);
  }

  async #receiveLater(
    opening: Opening,
    record: ExchangeRecord,
    signal: AbortSignal | undefined,
  ): Promise<HTTPResponse> {
    return this.#receive(await this.#awaitOpening(opening, signal), record, signal);
  }

  #answer(channel: Channel, record: ExchangeRecord, final: FinalHead): HTTPResponse {
    const { response, reader, switched } = makeResponse({
      channel,
      record,
      final,
      heads: this.#heads,
      options: this.#options,
      owner: this,
      debugLevel: this.#owner.debugLevel,
    });
    this.#receiving = false;
    this.machine.move('response');
    this.#unread = { reader, record };
    this.#switched = switched;
    if (response.willClose) this.#handOver();
    reader.settle();
    return response;
  }

  get timeout(): number | undefined {
    return this.#owner.timeout;
  }

  bodyFailed(error: unknown): unknown {
    return failure(error, this.#failurePlace('body', 'answered'));
  }

  bodyEnded(reader: BodyReader, channel: Channel, clean: boolean): void {
    const own = this.#unread?.reader === reader;
    // Nor is the channel reusable if the connection has gone on without it: this response is the last on it.
    if (!clean || !own) channel.close();
    // After a switch of protocols it is left alone: what arrives belongs to whoever detaches it.
    else if (!this.#switched) channel.answered();
    if (!own) return;
    this.#unread = undefined;
    this.machine.move('end');
    if (channel.closed) this.#channel = undefined;
  }

  #waiting(
    phase: Waiting['phase'],
    what: string,
    signal: AbortSignal | undefined,
    failed: Waiting['failed'],
  ): Waiting {
    return { phase, what, timeout: this.timeout, signal, failed };
  }
}

/** For operations whose errors are handled where they are awaited. */
function asItIs(error: unknown): unknown {
  return error;
}
