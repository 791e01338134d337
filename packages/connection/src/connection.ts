import type { RequestBody } from '@http-client/body';
import {
  cannotUse,
  checkObject,
  checkTimeout,
  checkType,
  NotConnected,
  quote,
  type ConnectionState,
} from '@http-client/errors';
import { eachField, HTTPMessage, validateHost, validateMethod, type HeaderValue } from '@http-client/headers';
import { decodeLatin1, encodeLatin1, type Transport } from '@http-client/io';
import { validateTunnel, type TunnelOptions } from '@http-client/tunnel';

import { attempt } from './attempt.js';
import { authorityOf, hostField, splitHost } from './host.js';
import {
  checkOptions,
  NO_OPTIONS,
  signalIn,
  signalOf,
  type HTTPConnectionOptions,
  type RequestOptions,
} from './options.js';
import { frameBody, RequestHead } from './request-head.js';
import { checkASCII, checkTarget, isWithin } from './request-line.js';
import type { HTTPResponse } from './response.js';
import { Route } from './route.js';
import { Session } from './session.js';
import { connectTCP, unixConnector } from './tcp.js';
import { NO_UPLOAD, prepareUpload, type Upload } from './upload.js';

/** The port of `http:` (RFC 9110, section 4.2.1). */
export const HTTP_PORT = 80;
/** The port of `https:` (RFC 9110, section 4.2.2). */
export const HTTPS_PORT = 443;

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

  /** The host that the connection is made to, without the port; an IPv6 address without brackets. */
  readonly host: string;
  /** The port that the connection is made to. */
  readonly port: number;
  /** Bytes that the `read` of a file-like body is asked for. */
  blockSize: number;
  /** Above 0, what is sent and received is printed to standard output. */
  debugLevel: number;
  /** Whether a request opens a connection where there is none. */
  autoOpen: boolean;

  #timeout: number | undefined;
  /** The line of Host, for every target that does not say otherwise: it need not be put together anew each time. */
  #hostLine!: string;
  /** What the URLs of requests begin with. */
  #origin!: string;
  readonly #route: Route;
  readonly #session: Session;

  /**
   * Nothing is opened yet. `host` may carry the port where `port` is absent: `'www.example.org:8080'`, `'[::1]:8080'`.
   *
   * @throws InvalidURL for a host or port that is none; RangeError and TypeError for wrong options.
   */
  constructor(host: string, port?: number, options: HTTPConnectionOptions = {}) {
    const checked = checkOptions(options);
    const { defaultPort } = this.constructor as typeof HTTPConnection;
    ({ host: this.host, port: this.port } = splitHost(host, port, defaultPort));
    this.validateHost(this.host);
    this.#setHost(this.host, this.port);
    this.#timeout = checked.timeout;
    this.blockSize = checked.blockSize;
    this.debugLevel = checked.debugLevel;
    this.autoOpen = checked.autoOpen;
    const { socketPath } = checked;
    const own = socketPath === undefined ? connectTCP : unixConnector(socketPath);
    const connector = checked.connector ?? own;
    this.#route = new Route(this, checked, connector, connector === own, () => this.secure?.bind(this));
    this.#session = new Session(this, checked, this.#route);
  }

  /** Milliseconds that each wait may take; none where undefined. Holds for the operations that begin after it is set. */
  get timeout(): number | undefined {
    return this.#timeout;
  }

  /** @throws RangeError for what is not above 0, TypeError for what is not a number. */
  set timeout(timeout: number | undefined) {
    checkTimeout(timeout, 'timeout');
    this.#timeout = timeout;
  }

  /** How far the request that is being made has got. */
  get state(): ConnectionState {
    return this.#session.machine.shown;
  }

  /** What the connection runs on; undefined while there is none. */
  get transport(): Transport | undefined {
    return this.#session.transport;
  }

  /** Whether the next request can use this connection: open, in step, and nothing there that nobody asked for. */
  get reusable(): boolean {
    return this.#session.reusable;
  }

  /** Sets `debugLevel`: the reference's method. */
  setDebugLevel(level: number): void {
    checkType(level, 'debugLevel', 'number');
    this.debugLevel = level;
  }

  /**
   * Makes a proxy of the connection's host: each time it connects, it asks there for a tunnel to this host and port
   * (CONNECT; RFC 9110, section 9.3.6), and all requests go through that. The port is the default one where neither the
   * argument nor the host names one. Nothing is opened yet.
   *
   * A request that gets no tunnel is rejected with `TunnelError`, which has all that the proxy said.
   *
   * @throws ImproperConnectionState while connected, or with a request under way. InvalidURL for a host or port that is
   * none; TypeError for fields that cannot be sent, and for other options than these two.
   * @example
   * const connection = new HTTPSConnection('proxy.example.org', 3128);
   * connection.setTunnel('www.example.org', 443);
   */
  setTunnel(host: string, port?: number, options: TunnelOptions = {}): void {
    checkObject(options);
    this.#session.checkUnconnected();
    const { defaultPort } = this.constructor as typeof HTTPConnection;
    const { headers, authenticate, ...others } = options;
    const [wrong] = Object.keys(others);
    // Fields in the place of the options, as Python takes them, would be passed over, and the proxy would refuse.
    if (wrong !== undefined)
      throw new TypeError(cannotUse(wrong, 'an option of a tunnel', 'expected headers or authenticate'));
    const target = { ...splitHost(host, port, defaultPort), headers: new HTTPMessage(headers), authenticate };
    this.validateHost(target.host);
    validateTunnel(target, { authenticate });
    this.#setHost(target.host, target.port);
    this.#route.tunnel = target;
  }

  /** The fields of the proxy's last answer to CONNECT, also where it refused; undefined where there was none. */
  getProxyResponseHeaders(): HTTPMessage | undefined {
    return this.#route.proxyHeaders;
  }

  /**
   * Sends a request; settles when the transport has taken its last byte. Opens a connection where there is none, or
   * where the last one cannot be used again.
   *
   * @throws CannotSendRequest while another request is under way. TypeError, RangeError or InvalidURL for what cannot be
   * sent; nothing has been, then. The system's error, or TimeoutError, with how far it got in `delivery`.
   */
  request(method: string, url: string, options: RequestOptions = NO_OPTIONS): Promise<void> {
    return attempt(() => {
      const signal = signalOf(options);
      this.#session.check('putRequest');
      if (!this.autoOpen) this.#checkConnected(this.#session.open);
      const head = this.#begin(method, url);
      if (options.headers !== undefined) {
        eachField(options.headers, (name, value) => {
          head.putOwn(name, [value]);
        });
      }
      this.#putAutomatic(head, head.hasHost, head.hasAcceptEncoding);
      const upload = frameBody(head, options, this.blockSize);
      this.#session.machine.move('putRequest');
      this.#session.machine.move('endHeaders');
      return this.#session.sendHead(head, upload, signal);
    });
  }

  /**
   * Begins a request: its line, and the fields Host and Accept-Encoding unless they are skipped. Sends nothing yet.
   *
   * @throws CannotSendRequest while another request is under way. TypeError for a method that is none, InvalidURL for a
   * target that cannot be sent.
   * @example
   * connection.putRequest('PUT', '/file');
   * connection.putHeader('Content-Length', 5);
   * await connection.endHeaders();
   * await connection.send('hello');
   */
  putRequest(
    method: string,
    url: string,
    options: { skipHost?: boolean; skipAcceptEncoding?: boolean } = {},
  ): void {
    checkObject(options);
    this.#session.check('putRequest');
    const head = this.#begin(method, url);
    this.#putAutomatic(head, options.skipHost ?? false, options.skipAcceptEncoding ?? false);
    this.#session.head = head;
    this.#session.machine.move('putRequest');
  }

  /**
   * Adds a header field. Further values go on continuation lines (obsolete folding, RFC 9112 section 5.2), which the
   * reference documents and many servers refuse.
   *
   * @throws CannotSendHeader where no request has been begun. TypeError for a name or a value that cannot be sent,
   * or a Content-Length that is not a number. The request is left as it was.
   */
  putHeader(name: string, ...values: HeaderValue[]): void {
    this.#session.check('putHeader');
    this.#session.head!.putOwn(name, values);
  }

  /**
   * Ends the head and sends it, with the body where one is given: as it is, or chunk-encoded. Settles when the transport
   * has taken the last byte.
   *
   * @throws CannotSendHeader where no request has been begun. NotConnected with `autoOpen` off and no connection. TypeError
   * or RangeError for a body that cannot be sent, or is not as long as its Content-Length. What sending fails with.
   */
  endHeaders(
    body?: RequestBody,
    options: { encodeChunked?: boolean; signal?: AbortSignal } = NO_OPTIONS,
  ): Promise<void> {
    return attempt(() => {
      const signal = signalOf(options);
      this.#session.check('endHeaders');
      this.#checkConnected(this.#session.open);
      const head = this.#session.head!;
      const chunked = options.encodeChunked ?? false;
      if (body === undefined) head.record.owed = head.promised ?? 0;
      const upload =
        body === undefined ? NO_UPLOAD : this.#prepare(body, chunked, chunked ? undefined : head.promised);
      this.#session.machine.move('endHeaders');
      return this.#session.sendHead(head, upload, signal);
    });
  }

  /**
   * Sends more of the body, as it is, behind `endHeaders`: to keep to its framing is the caller's part. Settles when the
   * transport has taken the last byte.
   *
   * @throws CannotSendRequest where there is no request to add to. TypeError for a body that cannot be sent. What sending
   * fails with.
   */
  send(data: RequestBody, options: { signal?: AbortSignal } = NO_OPTIONS): Promise<void> {
    return attempt(() => {
      const signal = signalOf(options);
      this.#checkConnected(this.#session.connected);
      this.#session.check('send');
      return this.#session.sendMore(this.#prepare(data, false, undefined), signal);
    });
  }

  /**
   * The response to the request that was sent, when its head has come. May be called before the request is sent
   * whole, and gives the answer while it goes on.
   *
   * @throws ResponseNotReady where no request has been sent, or an earlier response is unread. RemoteDisconnected where the
   * peer closed before it answered. After an error the connection is closed and ready to be opened again.
   */
  getResponse(options: { signal?: AbortSignal } = NO_OPTIONS): Promise<HTTPResponse> {
    return attempt(() => this.#session.getResponse(signalIn(options)));
  }

  /**
   * Opens the connection; does nothing where it is open.
   *
   * @throws the system's error (`ECONNREFUSED`, `ENOTFOUND`), TimeoutError (phase `connect`, `tunnel` or `tls`), TunnelError,
   * the signal's reason. Nothing is left open then.
   */
  connect(options: { signal?: AbortSignal } = NO_OPTIONS): Promise<void> {
    return attempt(() => this.#session.connect(signalOf(options)));
  }

  /** Closes the connection at once, in any state; whatever waits is rejected. The next request opens another. */
  close(): void {
    this.#session.close();
  }

  /** Closes the connection at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Closes the connection at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /**
   * Hands over the transport after a 101, or a 2xx to CONNECT, with what was read behind the response. The connection
   * forgets it, and opens another for the next request.
   *
   * @throws ImproperConnectionState where no such response has come.
   * @example
   * await connection.request('GET', '/chat', { headers: { Connection: 'Upgrade', Upgrade: 'websocket' } });
   * const { status } = await connection.getResponse(); // 101
   * const { transport, head } = connection.detach();
   */
  detach(): { transport: Transport; head: Uint8Array } {
    return this.#session.detach();
  }

  // What a subclass may replace: the one explicit way round the checks against injection.

  /** Throws where the method may not be sent. */
  protected validateMethod(method: string): void {
    validateMethod(method);
  }

  /** Throws where the target may not be sent; what is not ASCII is left to `encodeRequestLine`. */
  protected validateTarget(target: string): void {
    checkTarget(target);
  }

  /** Throws where the host may not be named. */
  protected validateHost(host: string): void {
    validateHost(host);
  }

  /** The request line, without its line end, as bytes; throws where it is not ASCII. */
  protected encodeRequestLine(line: string): Uint8Array {
    checkASCII(line);
    return encodeLatin1(line);
  }

  /**
   * Makes a secure transport of the one that was connected, and tunnelled through where there is a tunnel; called
   * before anything else is sent. `serverName` is the host at its far end. There is none here: TLS is for the subclass.
   */
  protected secure?(
    transport: Transport,
    serverName: string,
    options: { timeout?: number; signal?: AbortSignal },
  ): Promise<Transport>;

  // Putting a request together

  #setHost(host: string, port: number): void {
    const { defaultPort } = this.constructor as typeof HTTPConnection;
    const field = hostField(host, port, defaultPort);
    this.#hostLine = `Host: ${field}\r\n`;
    this.#origin = `${defaultPort === HTTPS_PORT ? 'https' : 'http'}://${field}`;
  }

  #checkConnected(connected: boolean): void {
    if (this.autoOpen || connected) return;
    throw new NotConnected(
      `Cannot send to ${quote(this.host)}, port ${this.port}: there is no connection, and autoOpen is off (connect() opens one)`,
    );
  }

  #begin(method: string, url: string): RequestHead {
    const target = url === '' ? '/' : url;
    this.validateMethod(method);
    this.validateTarget(target);
    return new RequestHead(this.#requestLine(method, target), {
      method,
      target,
      origin: this.#origin,
      upgrade: false,
      closes: false,
      expects: false,
      withheld: false,
      owed: 0,
      delivery: 'unsent',
    });
  }

  /** The fields that are sent with every request, unless the caller has them or wants none. */
  #putAutomatic(head: RequestHead, skipHost: boolean, skipAcceptEncoding: boolean): void {
    const authority = authorityOf(head.record.target);
    if (!skipHost) head.put(authority === undefined ? this.#hostLine : `Host: ${authority}\r\n`);
    if (!skipAcceptEncoding) head.put('Accept-Encoding: identity\r\n');
  }

  /** The line as it goes out; it is made bytes, and text again, only where a subclass has a say in that. */
  #requestLine(method: string, target: string): string {
    // No template, which would make text once more of each part.
    const line = method + ' ' + target + ' HTTP/1.1';
    if (this.encodeRequestLine !== HTTPConnection.prototype.encodeRequestLine)
      return decodeLatin1(this.encodeRequestLine(line));
    // The parts, since to look at the line would make one flat text of what was just put together.
    if (!isWithin(target, 0, 0x7f) || !isWithin(method, 0, 0x7f)) checkASCII(line);
    return line;
  }

  #prepare(body: RequestBody, chunked: boolean, promised: number | undefined): Upload {
    return prepareUpload(body, { blockSize: this.blockSize, chunked, promised });
  }
}
