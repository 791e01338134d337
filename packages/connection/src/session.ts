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

/** What a session goes by, as it stands when it is needed: the connection that its user holds. */
export interface SessionOwner {
  readonly host: string;
  readonly port: number;
  readonly timeout: number | undefined;
  readonly debugLevel: number;
}

/**
 * The exchange behind a connection: where it stands, the channel it runs on, the request that is under way and the
 * response that is unread.
 *
 * A channel serves one request after the other. It is left to the response that is read from it where that is its
 * last one, and closed as soon as its place in the exchange is no longer certain.
 */
export class Session implements BodyOwner {
  readonly machine = new StateMachine();
  /** The request that is being put together. */
  head: RequestHead | undefined;

  readonly #owner: SessionOwner;
  readonly #options: CheckedOptions;
  readonly #route: Route;
  readonly #heads: ResponseHeads;

  #channel: Channel | undefined;
  #opening: Opening | undefined;
  /** The request whose answer is due, or was the last to come; none once the connection has been closed. */
  #record: ExchangeRecord | undefined;
  /** What it went out on. */
  #asked: Channel | undefined;
  readonly #sends = new SendQueue();
  /** Somebody waits in `getResponse`. */
  #receiving = false;
  /** The response whose body is still on the channel, and the request that it answers. */
  #unread: { readonly reader: BodyReader; readonly record: ExchangeRecord } | undefined;
  /** A 101 or a 2xx to CONNECT has come: the transport speaks something else now, and can be detached. */
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
    // As long as the rest can be sent, nothing is lost yet.
    const inStep = !this.#owes() || this.machine.allows('send');
    return this.#channel !== undefined && this.#channel.usable && !this.#switched && inStep;
  }

  // No getters: the engine has no fast way to those of private names.

  /** Whether the server takes the next bytes for those that the last request promised; asked before that is forgotten. */
  #owes(): boolean {
    return this.#record !== undefined && this.#record.owed > 0 && this.#asked === this.#channel;
  }

  /** A body that still goes out is in the way, too: its answer came before all of it was sent, and has been read. */
  #isFree(): boolean {
    return this.reusable && !this.#owes() && !this.#sends.busy;
  }

  /** Whether a request could go out without a connection being opened for it. */
  get open(): boolean {
    return this.#opening !== undefined || this.#isFree();
  }

  /** Throws where it matters already where the connection leads. */
  checkUnconnected(): void {
    if (!this.connected && this.machine.logical === 'Idle') return;
    throw new ImproperConnectionState(
      `Cannot set a tunnel: the connection is ${this.connected ? 'open' : `in state ${this.machine.shown}`} (close() it first)`,
    );
  }

  /** Throws where a call is out of order; changes nothing. */
  check(call: Call): void {
    if (this.machine.allows(call)) return;
    throw outOfOrder(call, this.machine, this.head?.record ?? this.#record, this.#unread?.record);
  }

  // Sending

  /** Sends a head, and what there is of the body, on the connection that there is or on another one. */
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

  /** Sends more of a body, behind what is being sent. */
  sendMore(upload: Upload, signal: AbortSignal | undefined): Promise<void> {
    const record = this.#record;
    // What waited for its turn may belong to a request that is over, and would be taken for a part of the next one.
    const isCurrent = (): boolean => record === this.#record;
    const put = (): Promise<void> | undefined => {
      const channel = isCurrent() ? this.#askedChannel() : undefined;
      if (channel === undefined) return Promise.reject(this.#closedError('send body data'));
      record!.owed -= upload.whole?.length ?? 0;
      return this.#put(channel, '', upload, record!, signal);
    };
    return this.#sends.inTurn(put, signal, () => {
      if (isCurrent()) this.close();
    });
  }

  /** The channel, where the request went out on it: it may have gone with the response before, and another be open. */
  #askedChannel(): Channel | undefined {
    return this.#channel === this.#asked ? this.#channel : undefined;
  }

  async #openAndPut(head: RequestHead, upload: Upload, signal: AbortSignal | undefined): Promise<void> {
    let channel: Channel;
    try {
      channel = await this.#open(signal);
      // Between the opening and this line others had their turn.
      signal?.throwIfAborted();
      channel.checkWritable('send the request');
    } catch (error) {
      throw this.#sendFailed(undefined, head.record, error, signal);
    }
    await this.#put(channel, head.whole, upload, head.record, signal);
  }

  /** Puts bytes on the wire; undefined where the system took them at once, which is the rule. */
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

  /** A write that failed is no reason to give up an answer that may have come; anything else closes the connection. */
  #sendFailed(
    channel: Channel | undefined,
    record: ExchangeRecord,
    error: unknown,
    signal: AbortSignal | undefined,
  ): unknown {
    const place = this.#failurePlace(channel === undefined ? 'connect' : 'send', record.delivery);
    if (channel === undefined || channel.writeFailure !== error) {
      // Perhaps another request is under way by now, or the answer has come and owns its channel.
      if (record === this.#record && (channel ?? this.#channel) === this.#channel) this.close();
      else channel?.close();
    }
    return failure(error, place, signal);
  }

  // Opening and closing

  async connect(signal: AbortSignal | undefined): Promise<void> {
    const stays = this.#channel?.usable === true && !this.#owes();
    const inUse = stays || (this.#channel !== undefined && this.machine.logical !== 'Idle');
    if (!inUse && this.ready() === undefined) await this.#open(signal);
  }

  /** The channel, if a request may go out on it. One that is of no more use is left to its unread response, or closed. */
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

  /** The response is the last on its channel, and owns it from here on. */
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
    // First the state: what the closing rejects may call back.
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
    // Before its channel: reads that come later shall say what those that wait now do.
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
    // Its channel went with the response before it, which was given up.
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
    // Not to be used on where the connection has gone on without it, either: the response said that it is the last.
    if (!clean || !own) channel.close();
    // Behind a switch of protocols it is left alone: what comes belongs to whoever detaches it.
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

/** For operations whose failure is dealt with where they are awaited. */
function asItIs(error: unknown): unknown {
  return error;
}
