import { type HTTPException, ImproperConnectionState } from '@http-client/errors';
import { isError, type OwnBytes, type Transport } from '@http-client/io';

import { makeResponse } from './answer.js';
import type { BodyOwner, BodyReader } from './body-reader.js';
import type { Channel } from './channel.js';
import { Exchange } from './exchange.js';
import { sendRequest, type RequestSending } from './expectation.js';
import { closedError, failure, outOfOrder, unchanged, type FailedRequest } from './failure.js';
import { Link } from './link.js';
import type { CheckedOptions } from './options.js';
import type { RequestHead } from './request-head.js';
import type { HTTPResponse } from './response.js';
import { ResponseHeads, type FinalHead } from './response-heads.js';
import type { Owner, Route } from './route.js';
import { discard } from './sender.js';
import { StateMachine, type Call } from './state.js';
import { turns } from './turns.js';
import { checkWhole, type Upload } from './upload.js';
import { PENDING, type Waiting } from './waiting.js';

/**
 * The exchange behind a connection: its state, the channel it runs on, the current request and the unread response.
 *
 * A channel serves one request after another. It is handed over to the response that is read from it if that is its
 * last one, and closed as soon as its place in the exchange is no longer certain.
 */
export class Session implements BodyOwner {
  readonly machine = new StateMachine();
  readonly link: Link;
  /** The request that is being built. */
  head: RequestHead | undefined;

  readonly #owner: Owner;
  readonly #options: CheckedOptions;
  readonly #route: Route;
  readonly #heads: ResponseHeads;
  /** The request whose response is due, or was the last to arrive; none once the connection has been closed. */
  #exchange: Exchange | undefined;
  /** Earlier requests whose bodies are still being sent, on channels that their responses own. */
  #earlier: Exchange[] = [];
  /** The request whose response is still being read from the channel. */
  #unread: Exchange | undefined;

  constructor(owner: Owner, options: CheckedOptions, route: Route) {
    this.#owner = owner;
    this.#options = options;
    this.#route = route;
    this.link = new Link(route);
    this.#heads = new ResponseHeads(options, owner);
  }

  get reusable(): boolean {
    if (this.#isFree()) return true;
    // As long as the rest of the body can still be sent, the connection is in step.
    const asked = this.#asked();
    return asked?.channel?.usable === true && this.machine.allows('send') && !(asked.record.owed < 0);
  }

  // Methods, not getters: V8 has no fast path for private accessors.

  /** The last request, if it was sent on the current channel: the previous response may have taken that one along. */
  #asked(): Exchange | undefined {
    const exchange = this.#exchange;
    return exchange?.channel === undefined || exchange.channel !== this.link.channel ? undefined : exchange;
  }

  #isFree(): boolean {
    const asked = this.#asked();
    const inStep = asked === undefined || (asked.isComplete && !asked.switched);
    return inStep && this.link.channel?.usable === true;
  }

  /** Whether a request could go out without a connection being opened for it. */
  get open(): boolean {
    return this.link.opening !== undefined || this.#isFree();
  }

  /** Throws if it is too late to change the destination of the connection. */
  checkUnconnected(): void {
    if (!this.link.connected && this.machine.logical === 'Idle') return;
    throw new ImproperConnectionState(
      `Cannot set a tunnel: the connection is ${this.link.connected ? 'open' : `in state ${this.machine.shown}`} (close() it first)`,
    );
  }

  /** Throws if a call is out of order; changes nothing. Returns the last request that was sent, if there is one. */
  check(call: Call): Exchange | undefined {
    if (this.machine.allows(call)) return this.#exchange;
    throw outOfOrder(call, this.machine, this.head?.record ?? this.#exchange?.record, this.#unread?.record);
  }

  // Sending

  /** Sends a head, and the body as far as it is given. `isNew`: the request has not been begun yet (`putRequest`). */
  sendHead(head: RequestHead, upload: Upload, isNew: boolean, signal?: AbortSignal): Promise<void> {
    const previous = this.#exchange;
    let channel: Channel | undefined;
    try {
      // A generator of the fields, or `trailers`, may have made another request; a getter may have closed this one.
      if (isNew) this.machine.move('putRequest');
      else if (head !== this.head) throw this.machine.refusal('endHeaders', ', of another request');
      this.machine.move('endHeaders');
      channel = this.#ready();
    } catch (error) {
      discard(upload.blocks, true);
      throw error;
    }
    if (previous?.isSending === true) {
      this.#earlier = [...this.#earlier.filter(({ isSending }) => isSending), previous];
    }
    const exchange = new Exchange(head.record);
    this.head = undefined;
    this.#exchange = exchange;
    const put = (): Promise<void> | undefined =>
      channel === undefined || channel.lag > 0
        ? this.#putSoon(exchange, head, upload, signal)
        : this.#put(exchange, channel, head.whole, upload, signal);
    return exchange.begin(put) ?? Promise.resolve();
  }

  /** Sends more of a request's body, after everything that is still being sent for it. */
  sendMore(exchange: Exchange, upload: Upload, signal: AbortSignal | undefined): Promise<void> {
    const put = (): Promise<void> | undefined => {
      // Data that waited for its turn may belong to a finished request, and would be taken for part of the next one. So
      // may data with a getter that has closed the connection.
      const channel = this.#asked() === exchange ? exchange.channel : undefined;
      if (channel !== undefined) return this.#put(exchange, channel, '', upload, signal);
      discard(upload.blocks, exchange.delivery === 'unsent');
      throw this.#failed(this.#closedError('send body data'), 'send', exchange);
    };
    return exchange.inTurn(put, signal, () => {
      discard(upload.blocks);
      (exchange === this.#exchange ? this : exchange.channel)?.close();
    });
  }

  /** For a request that has to wait for its channel. */
  async #putSoon(exchange: Exchange, head: RequestHead, upload: Upload, signal?: AbortSignal): Promise<void> {
    let prepared!: () => void;
    exchange.preparing = new Promise((resolve) => (prepared = resolve));
    let sending: Promise<void> | undefined;
    try {
      let channel: Channel;
      try {
        channel = await this.#prepare(exchange, signal);
        channel.checkWritable({ what: 'send the request', signal });
        checkWhole(upload);
      } catch (error) {
        throw this.#sendFailed(exchange, undefined, upload, error, signal);
      }
      sending = this.#put(exchange, channel, head.whole, upload, signal);
    } finally {
      exchange.preparing = undefined;
      prepared();
    }
    await sending;
  }

  /**
   * The channel for a request: the existing one, once whatever the system had received for it before has been read,
   * since that cannot be the response; or a new one.
   */
  async #prepare(exchange: Exchange, signal: AbortSignal | undefined): Promise<Channel> {
    if (this.link.channel !== undefined) await (exchange.settling = turns(this.link.channel.lag));
    if (exchange !== this.#exchange) throw this.#closedError();
    const channel = this.#ready();
    if (channel !== undefined) return channel;
    if (!this.#owner.autoOpen && this.link.opening === undefined) throw this.#closedError();
    // A promise that is returned as it is takes two more turns of the microtask queue.
    return await this.#open(signal);
  }

  /** Sends bytes; returns undefined if the system took them at once, as it usually does. */
  #put(
    exchange: Exchange,
    channel: Channel,
    head: string,
    upload: Upload,
    signal: AbortSignal | undefined,
  ): Promise<void> | undefined {
    if (head !== '') {
      // Not before: an observer of the previous response's head may have closed the connection, and sent the request.
      this.#heads.reset();
      channel.expect();
      exchange.channel = channel;
    }
    const sending: RequestSending = {
      channel,
      record: exchange.record,
      waiting: { phase: 'send', what: 'send the request', timeout: this.timeout, signal, failed: unchanged },
      debugLevel: this.#owner.debugLevel,
      connection: this.#owner,
      heads: this.#heads,
      continueTimeout: this.#options.continueTimeout,
    };
    return sendRequest(sending, head, upload)?.catch((error: unknown) => {
      throw this.#sendFailed(exchange, channel, upload, error, signal);
    });
  }

  /**
   * After a failed write the response may still have arrived, so the connection is kept; any other error closes it. So
   * is the source of the body, unless the error says `unsent`: nothing has been read from it, and it can be sent again.
   */
  #sendFailed(
    exchange: Exchange,
    channel: Channel | undefined,
    { blocks }: Upload,
    error: unknown,
    signal: AbortSignal | undefined,
  ): unknown {
    const { delivery } = exchange;
    const failed = this.#failed(error, channel === undefined ? 'connect' : 'send', exchange, signal);
    // A source may fail with undefined, as a web stream does by `error()`: that is no failed write.
    if (error === undefined || channel?.writeFailure !== error) {
      // By now another request may be in progress, or the response has arrived and owns its channel. But if the
      // previous response took the channel along, no response will come.
      const isLost = channel?.closed === true && this.machine.allows('send');
      const isCurrent = isLost || (channel ?? this.link.channel) === this.link.channel;
      if (exchange === this.#exchange && isCurrent) this.close();
      else channel?.close();
    }
    const says = isError(failed) && 'delivery' in failed && failed.delivery;
    discard(blocks, delivery === 'unsent' && says === delivery);
    return failed;
  }

  // Opening and closing

  async connect(signal: AbortSignal | undefined): Promise<void> {
    const { channel } = this.link;
    const isSending = channel?.usable === true && this.#asked()?.isSending === true;
    // A response that is due or unread keeps its channel, whatever has become of that.
    const inUse = channel !== undefined && (this.#unread !== undefined || this.machine.allows('send'));
    if (this.#isFree() || isSending || inUse) return;
    this.#ready();
    await this.#open(signal);
  }

  /** The channel, if a request may be sent on it. An unusable one is handed over to its unread response, or closed. */
  #ready(): Channel | undefined {
    const { channel } = this.link;
    const exchange = this.#exchange;
    if (channel === undefined || this.#isFree()) return channel;
    if (this.#unread !== undefined) {
      this.#handOver();
    } else {
      this.link.channel = undefined;
      channel.close();
      // An observer of what was left on it may have closed the connection, and sent another request.
      if (this.#exchange !== exchange)
        throw this.#failed(this.#closedError('connect'), 'connect', { delivery: 'unsent' });
    }
    return undefined;
  }

  /** The response is the last on its channel, and owns the channel from now on. */
  #handOver(): void {
    this.link.channel = undefined;
    this.#unread = undefined;
    this.machine.move('end');
  }

  async #open(signal: AbortSignal | undefined, opening = this.link.open()): Promise<Channel> {
    try {
      return await opening.wait(signal);
    } catch (error) {
      throw this.#failed(error, opening.phase, { delivery: 'unsent' }, signal);
    }
  }

  close(): void {
    const unread = this.#unread;
    const exchanges = [...this.#earlier, this.#exchange];
    // The state first: a caller's code may run during the closing, and call back.
    const { channel, opening } = this.link;
    this.link.channel = this.head = this.#exchange = this.#unread = undefined;
    this.#earlier = [];
    this.machine.move('close');
    opening?.abandon(this.#closedError('connect'));
    // Before its channel, so that later reads fail with the same message as those that are waiting now.
    unread?.reader?.abandon(this.bodyFailed(this.#closedError('read the response body')));
    channel?.close();
    // A body that is still being sent after an early last response: that response owns the channel, and may be read on.
    for (const exchange of exchanges) {
      const stillSends = exchange?.isSending === true && exchange.channel !== channel;
      if (stillSends) exchange.channel?.writeFailed(this.#closedError());
    }
  }

  detach(): { transport: Transport; head: OwnBytes } {
    const asked = this.#asked();
    if (asked?.switched !== true) {
      throw new ImproperConnectionState(
        'Cannot detach the transport: no 101 and no 2xx to CONNECT has been received on it',
      );
    }
    this.link.channel = undefined;
    this.#exchange = undefined;
    return asked.channel!.release();
  }

  /** Completes an error with where it happened. To be called before the connection is closed: it names the state. */
  #failed<E>(error: E, phase: Waiting['phase'], request: FailedRequest, signal?: AbortSignal): E {
    return failure(error, { peer: this.#route.place, state: this.machine.shown, phase }, request, signal);
  }

  #closedError(what = 'send the request'): HTTPException {
    return closedError(what, this.#route.place);
  }

  // Receiving

  getResponse(signal: AbortSignal | undefined): Promise<HTTPResponse> {
    if (this.#exchange?.receiving === true) {
      throw this.machine.refusal('getResponse', ', and another getResponse waits already');
    }
    const exchange = this.check('getResponse')!;
    exchange.receiving = true;
    if (exchange.preparing !== undefined) return this.#receiveLater(exchange, signal);
    return this.#receive(exchange, signal);
  }

  #receive(exchange: Exchange, signal: AbortSignal | undefined): Promise<HTTPResponse> {
    const { channel } = exchange;
    if (channel === undefined) {
      // The connection was closed before the request had a channel.
      throw this.#failed(this.#closedError('get the response'), 'headers', exchange);
    }
    const waiting: Waiting = {
      phase: 'headers',
      what: 'get the response',
      timeout: this.timeout,
      signal,
      failed: (error) => {
        const failed = this.#failed(error, 'headers', exchange, signal);
        if (exchange === this.#exchange) this.close();
        return failed;
      },
    };
    return channel.wait(() => {
      const next = this.#heads.final(channel);
      // An observer may have closed it.
      return next === PENDING || channel.closed ? PENDING : this.#answer(exchange, channel, next);
    }, waiting);
  }

  async #receiveLater(exchange: Exchange, signal: AbortSignal | undefined): Promise<HTTPResponse> {
    await exchange.settling;
    // The signal ends the opening, too. An error waits until the request has it, which closes the connection.
    const opening = exchange === this.#exchange ? this.link.opening : undefined;
    try {
      if (opening !== undefined) await this.#open(signal, opening);
    } finally {
      await exchange.preparing;
    }
    return await this.#receive(exchange, signal);
  }

  #answer(exchange: Exchange, channel: Channel, final: FinalHead): HTTPResponse {
    const { response, reader, switched, isLast } = makeResponse({
      channel,
      record: exchange.record,
      final,
      heads: this.#heads,
      options: this.#options,
      owner: this,
      debugLevel: this.#owner.debugLevel,
    });
    exchange.receiving = false;
    this.machine.move('response');
    exchange.switched = switched;
    exchange.reader = reader;
    this.#unread = exchange;
    if (isLast) this.#handOver();
    reader.settle();
    return response;
  }

  get timeout(): number | undefined {
    return this.#owner.timeout;
  }

  bodyFailed<E>(error: E): E {
    return this.#failed(error, 'body', { delivery: 'answered' });
  }

  bodyEnded(reader: BodyReader, channel: Channel, clean: boolean): void {
    const own = this.#unread?.reader === reader;
    // Nor can it be reused if the connection has gone on without it: this response is the last on it.
    if (!clean || !own) channel.close();
    // After a switch of protocols it is left alone: what arrives belongs to whoever detaches it.
    else if (this.#exchange?.switched !== true) channel.answered();
    if (!own) return;
    this.#unread = undefined;
    this.machine.move('end');
    if (channel.closed) this.link.channel = undefined;
  }
}
