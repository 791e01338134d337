import { channel as diagnosticsChannel } from 'node:diagnostics_channel';

import type { RequestBody } from '@http-client/body';
import { HTTPException, ImproperConnectionState, NotConnected, type ConnectionState } from '@http-client/errors';
import {
  HTTPMessage,
  validateHost,
  validateMethod,
  validateTarget,
  type HeaderValue,
} from '@http-client/headers';
import { decodeLatin1, encodeLatin1, type Connector, type Transport } from '@http-client/io';

import { makeResponse } from './answer.js';
import { attempt } from './attempt.js';
import type { BodyReader } from './body-reader.js';
import { Channel, PENDING, type Waiting } from './channel.js';
import { printHeader, printReply } from './debug.js';
import { withDelivery, type ExchangeRecord } from './exchange-record.js';
import { HeadReader, type ResponseHead } from './exchange.js';
import { authorityOf, hostField, splitHost } from './host.js';
import { Opening } from './opening.js';
import { checkOptions, type CheckedOptions, type HTTPConnectionOptions, type RequestOptions } from './options.js';
import { completeHead, RequestHead } from './request-head.js';
import type { HTTPResponse } from './response.js';
import { sendBlocks, sendWhole } from './sender.js';
import { StateMachine, type Call } from './state.js';
import { connectTCP, unixConnector } from './tcp.js';
import { NO_UPLOAD, prepareUpload, type Upload } from './upload.js';

/** The port of `http:` (RFC 9110, section 4.2.1). */
export const HTTP_PORT = 80;
/** The port of `https:` (RFC 9110, section 4.2.2). */
export const HTTPS_PORT = 443;

const CONNECT = diagnosticsChannel('http.client.connect');

/**
 * A connection to one HTTP/1.1 server, held by its user: one request at a time goes out, and its answer comes back.
 *
 * @example
 * const connection = new HTTPConnection('www.example.org');
 * await connection.request('GET', '/');
 * const response = await connection.getResponse();
 * console.log(response.status, await response.text());
 * connection.close();
 */
export class HTTPConnection implements AsyncDisposable, Disposable {
  /** The port where neither the argument nor the host names one. */
  static readonly defaultPort: number = HTTP_PORT;

  readonly host: string;
  readonly port: number;
  /** Milliseconds that each wait may take; none where undefined. */
  timeout: number | undefined;
  /** Bytes that the `read` of a file-like body is asked for. */
  blockSize: number;
  /** Above 0, what is sent and received is printed to standard output. */
  debugLevel: number;
  /** Whether a request opens a connection where there is none. */
  autoOpen: boolean;

  readonly #options: CheckedOptions;
  readonly #connector: Connector;
  readonly #scheme: string;
  /** The value of Host, for every target that does not say otherwise. */
  readonly #hostField: string;
  readonly #heads: HeadReader;
  readonly #machine = new StateMachine();

  #channel: Channel | undefined;
  #opening: Opening | undefined;
  /** The request that is being put together. */
  #head: RequestHead | undefined;
  /** The request whose answer is due, or was the last to come. */
  #record: ExchangeRecord | undefined;
  /** The body that is still going out. */
  #sending: Promise<void> | undefined;
  /** Somebody waits in `getResponse`. */
  #receiving = false;
  /** The response whose body is still on the channel. */
  #unread: BodyReader | undefined;
  /** A 101 or a 2xx to CONNECT has come: the transport speaks something else now, and can be detached. */
  #switched = false;

  /**
   * Nothing is opened yet. `host` may carry the port where `port` is absent: `'www.example.org:8080'`, `'[::1]:8080'`.
   *
   * @throws InvalidURL for a host or port that is none; RangeError and TypeError for wrong options.
   */
  constructor(host: string, port?: number, options: HTTPConnectionOptions = {}) {
    this.#options = checkOptions(options);
    const { defaultPort } = this.constructor as typeof HTTPConnection;
    ({ host: this.host, port: this.port } = splitHost(host, port, defaultPort));
    this.validateHost(this.host);
    this.#scheme = defaultPort === HTTPS_PORT ? 'https' : 'http';
    this.#hostField = hostField(this.host, this.port, defaultPort);
    this.timeout = options.timeout;
    this.blockSize = this.#options.blockSize;
    this.debugLevel = options.debugLevel ?? 0;
    this.autoOpen = options.autoOpen ?? true;
    this.#connector =
      options.connector ?? (options.socketPath === undefined ? connectTCP : unixConnector(options.socketPath));
    this.#heads = new HeadReader(this.#options);
  }

  /** How far the request that is being made has got. */
  get state(): ConnectionState {
    return this.#machine.shown;
  }

  /** What the connection runs on; undefined while there is none. */
  get transport(): Transport | undefined {
    return this.#channel === undefined || this.#channel.closed ? undefined : this.#channel.transport;
  }

  /** Whether the next request can use this connection: open, in step, and nothing there that nobody asked for. */
  get reusable(): boolean {
    return this.#channel !== undefined && this.#channel.usable && !this.#switched;
  }

  setDebugLevel(level: number): void {
    this.debugLevel = level;
  }

  /**
   * Sends a request; settles when the transport has taken its last byte. Opens a connection where there is none, or
   * where the last one cannot be used again.
   *
   * @throws CannotSendRequest while another request is under way. TypeError, RangeError or InvalidURL for what cannot be
   * sent; nothing has been, then. The system's error, or TimeoutError, with how far it got in `delivery`.
   */
  request(method: string, url: string, options: RequestOptions = {}): Promise<void> {
    return attempt(() => {
      options.signal?.throwIfAborted();
      this.#check('putRequest');
      this.#checkConnected(this.autoOpen || this.#ready() !== undefined);
      const headers = new HTTPMessage(options.headers);
      const head = this.#begin(method, url, headers.has('host'), headers.has('accept-encoding'));
      const upload = completeHead(head, headers, options, this.blockSize);
      this.#machine.move('putRequest');
      this.#machine.move('endHeaders');
      return this.#sendHead(head, upload, options.signal);
    });
  }

  /** Begins a request: its line, and the fields Host and Accept-Encoding unless they are skipped. Sends nothing yet. */
  putRequest(method: string, url: string, options: { skipHost?: boolean; skipAcceptEncoding?: boolean } = {}): void {
    this.#check('putRequest');
    this.#head = this.#begin(method, url, options.skipHost ?? false, options.skipAcceptEncoding ?? false);
    this.#machine.move('putRequest');
  }

  /**
   * Adds a header field. Further values go on continuation lines (obsolete folding, RFC 9112 section 5.2), which the
   * reference documents and many servers refuse.
   */
  putHeader(name: string, ...values: HeaderValue[]): void {
    this.#check('putHeader');
    this.#head!.putOwn(name, values);
    this.#machine.move('putHeader');
  }

  /** Ends the head and sends it, with the body where one is given: as it is, or chunk-encoded. */
  endHeaders(body?: RequestBody, options: { encodeChunked?: boolean; signal?: AbortSignal } = {}): Promise<void> {
    return attempt(() => {
      options.signal?.throwIfAborted();
      this.#check('endHeaders');
      this.#checkConnected(this.autoOpen || this.#ready() !== undefined);
      const head = this.#head!;
      const chunked = options.encodeChunked ?? false;
      const upload = body === undefined ? NO_UPLOAD : this.#prepare(body, chunked, chunked ? undefined : head.promised);
      this.#machine.move('endHeaders');
      return this.#sendHead(head, upload, options.signal);
    });
  }

  /** Sends more of the body, as it is, behind `endHeaders`. */
  send(data: RequestBody, options: { signal?: AbortSignal } = {}): Promise<void> {
    return attempt(() => {
      options.signal?.throwIfAborted();
      this.#checkConnected(this.autoOpen || this.#opening !== undefined || this.transport !== undefined);
      this.#check('send');
      return this.#sendMore(this.#prepare(data, false, undefined), options.signal);
    });
  }

  /**
   * The response to the request that was sent, when its head has come. May be called before the request is sent
   * whole, and gives the answer while it goes on.
   *
   * @throws ResponseNotReady where no request has been sent, or an earlier response is unread. RemoteDisconnected where the
   * peer closed before it answered. After an error the connection is closed and ready to be opened again.
   */
  getResponse(options: { signal?: AbortSignal } = {}): Promise<HTTPResponse> {
    return attempt(() => {
      if (this.#receiving) throw this.#machine.refusal('getResponse', 'and another getResponse waits already');
      this.#check('getResponse');
      const record = this.#record!;
      this.#heads.reset();
      this.#receiving = true;
      if (this.#channel !== undefined) return this.#receive(this.#channel, record, options.signal);
      if (this.#opening !== undefined) return this.#receiveLater(this.#opening.channel, record, options.signal);
      // Its channel went with the response before it, which was given up.
      this.#closeWith(this.#closedError());
      throw withDelivery(this.#closedError(), record.delivery, undefined);
    });
  }

  /** Opens the connection; does nothing where it is open. */
  async connect(options: { signal?: AbortSignal } = {}): Promise<void> {
    options.signal?.throwIfAborted();
    const inUse = this.#channel !== undefined && (this.#channel.usable || this.#machine.logical !== 'Idle');
    if (!inUse && this.#ready() === undefined) await this.#open(options.signal);
  }

  /** Closes the connection at once, in any state; whatever waits is rejected. The next request opens another. */
  close(): void {
    this.#closeWith(this.#closedError());
  }

  [Symbol.dispose](): void {
    this.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /**
   * Hands over the transport after a 101, or a 2xx to CONNECT, with what was read behind the response. The connection
   * forgets it, and opens another for the next request.
   *
   * @throws ImproperConnectionState where no such response has come.
   */
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

  // What a subclass may replace: the one explicit way round the checks against injection.

  /** Throws where the method may not be sent. */
  protected validateMethod(method: string): void {
    validateMethod(method);
  }

  /** Throws where the target may not be sent. */
  protected validateTarget(target: string): void {
    validateTarget(target);
  }

  /** Throws where the host may not be named. */
  protected validateHost(host: string): void {
    validateHost(host);
  }

  /** The request line, without its line end, as bytes. */
  protected encodeRequestLine(line: string): Uint8Array {
    validateTarget(line.replaceAll(' ', ''));
    return encodeLatin1(line, 'request line');
  }

  // Sending

  #check(call: Call): void {
    if (this.#machine.allows(call)) return;
    const request = this.#head?.record ?? this.#record;
    const what = request === undefined ? undefined : `${request.method} ${request.target}`;
    const unread = this.#unread === undefined ? '' : 'the response to ';
    const why = { Idle: undefined, 'Request-started': 'has not been ended', 'Request-sent': 'has been sent' }[this.state];
    throw this.#machine.refusal(
      call,
      what === undefined || (why === undefined && unread === '')
        ? undefined
        : `${unread}${what} ${unread === '' ? String(why) : 'has not been read'}`,
    );
  }

  #checkConnected(connected: boolean): void {
    if (connected) return;
    throw new NotConnected(
      `Cannot send to ${this.#place}: there is no connection, and autoOpen is off (connect() opens one)`,
    );
  }

  #begin(method: string, url: string, skipHost: boolean, skipAcceptEncoding: boolean): RequestHead {
    const target = url === '' ? '/' : url;
    this.validateMethod(method);
    this.validateTarget(target);
    const line = decodeLatin1(this.encodeRequestLine(`${method} ${target} HTTP/1.1`));
    const head = new RequestHead(line, { method, target, upgrade: false, delivery: 'unsent' });
    if (!skipHost) head.put('Host', authorityOf(target) ?? this.#hostField);
    if (!skipAcceptEncoding) head.put('Accept-Encoding', 'identity');
    return head;
  }

  #prepare(body: RequestBody, chunked: boolean, promised: number | undefined): Upload {
    return prepareUpload(body, { blockSize: this.blockSize, chunked, promised });
  }

  /** Sends a head, and what there is of the body, on the connection that there is or on another one. */
  #sendHead(head: RequestHead, upload: Upload, signal: AbortSignal | undefined): Promise<void> {
    this.#head = undefined;
    this.#record = head.record;
    const channel = this.#ready();
    return this.#track(
      channel === undefined
        ? this.#openAndPut(head, upload, signal)
        : this.#put(channel, head.whole, upload, head.record, signal),
    );
  }

  /** Sends more of a body, behind what is being sent. */
  #sendMore(upload: Upload, signal: AbortSignal | undefined): Promise<void> {
    if (this.#sending !== undefined) {
      const next = (): Promise<void> => this.#sendMore(upload, signal);
      return this.#sending.then(next, next);
    }
    if (this.#channel === undefined) return Promise.reject(this.#closedError());
    return this.#track(this.#put(this.#channel, '', upload, this.#record!, signal));
  }

  async #openAndPut(head: RequestHead, upload: Upload, signal: AbortSignal | undefined): Promise<void> {
    let channel: Channel;
    try {
      channel = await this.#open(signal);
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
    if (head !== '') channel.expect();
    const waiting = this.#waiting('send', 'send the request', signal, (error) => error);
    const sending = { channel, record, waiting, debugLevel: this.debugLevel, connection: this };
    const sent =
      upload.blocks === undefined
        ? sendWhole(sending, head, upload.bytes)
        : sendBlocks(sending, head, upload.blocks);
    return sent?.catch((error: unknown) => {
      throw this.#sendFailed(channel, record, error, signal);
    });
  }

  #track(sending: Promise<void> | undefined): Promise<void> {
    if (sending === undefined) return Promise.resolve();
    this.#sending = sending;
    const done = (): void => {
      if (this.#sending === sending) this.#sending = undefined;
    };
    sending.then(done, done);
    return sending;
  }

  /** A write that failed is no reason to give up an answer that may have come; anything else closes the connection. */
  #sendFailed(
    channel: Channel | undefined,
    record: ExchangeRecord,
    error: unknown,
    signal: AbortSignal | undefined,
  ): unknown {
    if (channel !== this.#channel) channel?.close();
    else if (channel === undefined || channel.writeFailure !== error) this.#closeWith(this.#closedError());
    return withDelivery(error, record.delivery, signal);
  }

  // Opening and closing

  /** The channel, if a request may go out on it. One that is of no more use is left to its unread response, or closed. */
  #ready(): Channel | undefined {
    const channel = this.#channel;
    if (channel === undefined) return undefined;
    // A body that still goes out is in the way: the answer came before it was sent, and has been read.
    if (this.reusable && this.#sending === undefined) return channel;
    this.#channel = undefined;
    this.#switched = false;
    if (this.#unread === undefined) channel.close();
    else this.#handOver();
    return undefined;
  }

  /** The response is the last on its transport, and owns it from here on. */
  #handOver(): void {
    this.#channel = undefined;
    this.#unread = undefined;
    this.#machine.move('end');
  }

  #open(signal: AbortSignal | undefined): Promise<Channel> {
    return attempt(() => {
      signal?.throwIfAborted();
      return (this.#opening ??= this.#startOpening()).wait(signal);
    });
  }

  #startOpening(): Opening {
    const { host, port, timeout } = this;
    const { sourceAddress } = this.#options;
    if (CONNECT.hasSubscribers) CONNECT.publish({ connection: this, host, port });
    return new Opening(
      this.#connector,
      {
        host,
        port,
        ...(timeout === undefined ? {} : { timeout }),
        ...(sourceAddress === undefined ? {} : { sourceAddress }),
      },
      this.#place,
      (channel) => {
        this.#channel = channel;
      },
      () => {
        this.#opening = undefined;
      },
    );
  }

  #closeWith(error: Error): void {
    const channel = this.#channel;
    const opening = this.#opening;
    const unread = this.#unread;
    // First the state: what the closing rejects may call back.
    this.#channel = undefined;
    this.#opening = undefined;
    this.#unread = undefined;
    this.#head = undefined;
    this.#switched = false;
    this.#receiving = false;
    this.#machine.move('close');
    opening?.abandon(error);
    channel?.close(error);
    unread?.abandon(error);
  }

  get #place(): string {
    return `${this.host.includes(':') ? `[${this.host}]` : this.host}:${this.port}`;
  }

  #closedError(): HTTPException {
    return new HTTPException(`The connection to ${this.#place} was closed`);
  }

  // Receiving

  #receive(channel: Channel, record: ExchangeRecord, signal: AbortSignal | undefined): Promise<HTTPResponse> {
    const waiting = this.#waiting('headers', 'get the response', signal, (error) => {
      const delivery = channel.answerBegan ? 'answered' : record.delivery;
      if (channel === this.#channel) this.#closeWith(this.#closedError());
      return withDelivery(error, delivery, signal);
    });
    return channel.wait(() => this.#nextHead(channel, record), waiting);
  }

  async #receiveLater(opening: Promise<Channel>, record: ExchangeRecord, signal: AbortSignal | undefined): Promise<HTTPResponse> {
    let channel: Channel;
    try {
      channel = await opening;
    } catch (error) {
      throw withDelivery(error, 'unsent', signal);
    }
    return this.#receive(channel, record, signal);
  }

  #nextHead(channel: Channel, record: ExchangeRecord): HTTPResponse | typeof PENDING {
    for (;;) {
      const start = channel.input.position;
      const head = this.#heads.next(channel.input);
      if (head === undefined) return PENDING;
      if (this.debugLevel > 0) {
        printReply(head.line);
        for (const [name, value] of head.headers) printHeader(name, value);
      }
      if (!this.#heads.isInterim(head.status)) return this.#answer(channel, record, head, start);
      this.#options.onInformational?.(head);
    }
  }

  #answer(channel: Channel, record: ExchangeRecord, head: ResponseHead, offset: number): HTTPResponse {
    const answer = makeResponse({
      channel,
      record,
      head,
      offset,
      informational: this.#heads.interim,
      violations: this.#heads.violations,
      options: this.#options,
      timeout: this.timeout,
      debugLevel: this.debugLevel,
      url: this.#urlOf(record),
      ended: (reader, keep) => {
        this.#ended(channel, reader, keep);
      },
    });
    this.#receiving = false;
    this.#machine.move('response');
    this.#unread = answer.reader;
    if (answer.switched) this.#switched = true;
    else if (answer.response.willClose) this.#handOver();
    answer.reader.settle();
    return answer.response;
  }

  /** A response has been read to its end, or given up. */
  #ended(channel: Channel, reader: BodyReader, keep: boolean): void {
    // After a switch of protocols the channel is neither: what comes belongs to whoever detaches it.
    if (keep && !this.#switched) channel.answered();
    else if (!keep) channel.close();
    if (this.#unread !== reader) return;
    this.#unread = undefined;
    this.#machine.move('end');
    if (channel.closed) this.#channel = undefined;
  }

  /** The URL of a request, where its target is of the origin or the absolute form (RFC 9112, section 3.3). */
  #urlOf({ method, target }: ExchangeRecord): string | undefined {
    if (authorityOf(target) !== undefined) return target;
    if (method === 'CONNECT' || !target.startsWith('/')) return undefined;
    return `${this.#scheme}://${this.#hostField}${target}`;
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
