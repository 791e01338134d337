import type { RequestBody } from '@http-client/body';
import {
  checkOptionNames,
  checkTimeout,
  checkType,
  NotConnected,
  quote,
  type ConnectionState,
} from '@http-client/errors';
import { eachField, HTTPMessage, validateHost, validateMethod, type HeaderValue } from '@http-client/headers';
import { decodeLatin1, encodeLatin1, type OwnBytes, type Transport } from '@http-client/io';
import { validateTunnel, type TunnelOptions } from '@http-client/tunnel';

import { attempt } from './attempt.js';
import { hostField, splitHost, type HostAndPort } from './host.js';
import {
  checkOptions,
  flag,
  NO_OPTIONS,
  REQUEST_OPTIONS,
  signalIn,
  signalOf,
  type HTTPConnectionOptions,
  type RequestOptions,
} from './options.js';
import { endFields, frameBody, RequestHead } from './request-head.js';
import { checkASCII, checkRequestTarget, isWithin, replacesEncoding } from './request-line.js';
import type { HTTPResponse } from './response.js';
import { Route } from './route.js';
import { Session } from './session.js';
import { prepareUpload } from './upload.js';

/** The default port of `http:` (RFC 9110, section 4.2.1). */
export const HTTP_PORT = 80;
/** The default port of `https:` (RFC 9110, section 4.2.2). */
export const HTTPS_PORT = 443;

/**
 * A connection to one HTTP/1.1 server. It sends one request at a time. Unknown options of a call are a TypeError.
 *
 * @example
 * const connection = new HTTPConnection('www.example.org');
 * await connection.request('GET', '/');
 * const response = await connection.getResponse();
 * console.log(response.status, await response.text());
 * connection.close();
 */
export class HTTPConnection implements AsyncDisposable, Disposable {
  /** The port used if neither the argument nor the host names one. */
  static readonly defaultPort: number = HTTP_PORT;

  /** The host to connect to, without the port; an IPv6 address without brackets. */
  readonly host: string;
  /** The port to connect to. */
  readonly port: number;
  /** The number of bytes requested from the `read` of a file-like body. Default: 8192. */
  blockSize: number;
  /** Above 0, what is sent and received is printed to standard output. Default: 0. */
  debugLevel: number;
  /** Whether a request opens a connection if there is none. Default: true. */
  autoOpen: boolean;

  #timeout: number | undefined;
  /** The Host line for every target that does not name another host; built once, not per request. */
  #hostLine!: string;
  /** The origin that precedes the target in the URLs of requests. */
  #origin!: string;
  readonly #route: Route;
  readonly #session: Session;

  /**
   * Creates a connection without opening it. `host` may include the port if `port` is absent: `'www.example.org:8080'`,
   * `'[::1]:8080'`.
   *
   * @throws InvalidURL for an invalid host or port, TypeError for a host that is not a string. RangeError or TypeError
   * for invalid options, TypeError for unknown ones: a subclass names its own by `optionNames`.
   */
  constructor(host: string, port?: number, options: HTTPConnectionOptions = NO_OPTIONS) {
    const checked = checkOptions(options);
    checkOptionNames(options, 'a connection', this.optionNames(checked));
    ({ host: this.host, port: this.port } = this.#hostAndPort(host, port));
    this.#setHost(this);
    this.#timeout = checked.timeout;
    this.blockSize = checked.blockSize;
    this.debugLevel = checked.debugLevel;
    this.autoOpen = checked.autoOpen;
    this.#route = new Route(this, checked, {
      proxy: () => this.secureProxy?.bind(this),
      server: () => this.secure?.bind(this),
    });
    this.#session = new Session(this, checked, this.#route);
  }

  /**
   * The limit of each wait in milliseconds; none if undefined. A change applies to calls that are made after it, and to
   * a pending read of a body once more of that has arrived.
   */
  get timeout(): number | undefined {
    return this.#timeout;
  }

  /** @throws RangeError for a number that is not above 0, TypeError for anything but a number. */
  set timeout(timeout: number | undefined) {
    checkTimeout(timeout, 'timeout');
    this.#timeout = timeout;
  }

  /** The state of the current request: how far it has got. */
  get state(): ConnectionState {
    return this.#session.machine.shown;
  }

  /** The transport that the connection runs on; undefined while there is none. */
  get transport(): Transport | undefined {
    return this.#session.link.transport;
  }

  /** Whether the next request can use this connection: it is open, in step, and has received nothing unsolicited. */
  get reusable(): boolean {
    return this.#session.reusable;
  }

  /** Sets `debugLevel`, for parity with the reference: undefined is 0. Throws TypeError for anything but a number. */
  setDebugLevel(level: number): void {
    checkType(level, 'debugLevel', 'number');
    this.debugLevel = level || 0;
  }

  /**
   * Uses the connection's host as a proxy. Each time it connects, it requests a tunnel to this host and port (CONNECT;
   * RFC 9110, section 9.3.6), and sends all requests through it. The port is the default one if neither the argument
   * nor the host names one. Nothing is opened yet.
   *
   * If the proxy refuses the tunnel, the request is rejected with `TunnelError`, which holds the proxy's reply.
   *
   * @throws ImproperConnectionState while connected, or while a request is in progress. InvalidURL for an invalid host
   * or port; TypeError for a host that is not a string, and for fields that cannot be sent.
   * @example
   * const connection = new HTTPSConnection('proxy.example.org', 3128);
   * connection.setTunnel('www.example.org', 443);
   */
  setTunnel(host: string, port?: number, options: TunnelOptions = NO_OPTIONS): void {
    checkOptionNames(options, 'setTunnel', { headers: true, authenticate: true });
    const { headers, authenticate } = options;
    const target = { ...this.#hostAndPort(host, port), headers: new HTTPMessage(headers), authenticate };
    validateTunnel(target, { authenticate });
    this.#session.checkUnconnected(); // Last: a generator of the fields may connect.
    this.#setHost(target);
    this.#route.tunnel = target;
  }

  /** The fields of the proxy's last reply to CONNECT, even if it refused; undefined if there was none. */
  getProxyResponseHeaders(): HTTPMessage | undefined {
    return this.#route.proxyHeaders;
  }

  /**
   * Sends a request; resolves once the transport has taken its last byte. Opens a connection if there is none, or if
   * the last one cannot be reused.
   *
   * @throws CannotSendRequest while another request is in progress. NotConnected with `autoOpen` off and no connection.
   * TypeError, RangeError or InvalidURL for what cannot be sent: before anything is sent, except for the content of a
   * streamed body and its trailers. The errors of `connect`; TimeoutError (phase `send` or `continue`); HTTPException
   * if the connection is closed meanwhile; what the body's source throws. `delivery` says how far the request got.
   */
  request(method: string, url: string, options: RequestOptions = NO_OPTIONS): Promise<void> {
    const given = arguments.length; // Python's callers pass the fields fourth: they would not be sent.
    return attempt(() => {
      const signal = signalOf(options, 'request', REQUEST_OPTIONS);
      if (given > 3) throw new TypeError('Cannot use a fourth argument: the third has { headers, body }');
      this.#session.check('putRequest');
      this.#checkConnected(this.#session.open, 'unsent');
      const head = this.#begin(method, url);
      if (options.headers !== undefined) {
        eachField(options.headers, (name, value) => {
          head.putOwn(name, [value]);
        });
      }
      head.putAutomatic(this.#hostLine, head.hasHost, head.hasAcceptEncoding);
      return this.#session.sendHead(head, frameBody(head, options, this.blockSize), true, signal);
    });
  }

  /**
   * Begins a request: the request line, and the fields Host and Accept-Encoding unless skipped. Sends nothing yet.
   *
   * @throws CannotSendRequest while another request is in progress. TypeError for an invalid method, InvalidURL for a
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
    options: { skipHost?: boolean | undefined; skipAcceptEncoding?: boolean | undefined } = NO_OPTIONS,
  ): void {
    checkOptionNames(options, 'putRequest', { skipHost: true, skipAcceptEncoding: true });
    this.#session.check('putRequest');
    const head = this.#begin(method, url);
    head.putAutomatic(this.#hostLine, flag(options, 'skipHost'), flag(options, 'skipAcceptEncoding'));
    this.#session.machine.move('putRequest');
    this.#session.head = head;
  }

  /**
   * Adds a header field. Further values go on continuation lines (obsolete line folding, RFC 9112, section 5.2): the
   * reference documents this, but many servers reject it.
   *
   * @throws CannotSendHeader if no request has been begun. TypeError for a name or value that cannot be sent, or a
   * Content-Length that is not a number; RangeError for a second one. The request is left unchanged.
   */
  putHeader(name: string, ...values: HeaderValue[]): void {
    this.#session.check('putHeader');
    this.#session.head!.putOwn(name, values);
  }

  /**
   * Ends the head and sends it, with the body if one is given: unmodified, or chunk-encoded. Resolves once the
   * transport has taken the last byte.
   *
   * @throws CannotSendHeader if no request has been begun. NotConnected with `autoOpen` off and no connection.
   * TypeError or RangeError for a body that cannot be sent, or does not match its Content-Length. Errors as `request`.
   */
  endHeaders(
    body?: RequestBody,
    options: { encodeChunked?: boolean | undefined; signal?: AbortSignal | undefined } = NO_OPTIONS,
  ): Promise<void> {
    return attempt(() => {
      const signal = signalOf(options, 'endHeaders', { encodeChunked: true, signal: true });
      this.#session.check('endHeaders');
      this.#checkConnected(this.#session.open, 'unsent');
      const head = this.#session.head!;
      const upload = endFields(head, body, flag(options, 'encodeChunked'), this.blockSize);
      return this.#session.sendHead(head, upload, false, signal);
    });
  }

  /**
   * Sends more of the body after `endHeaders`, unmodified: its framing is up to the caller. Resolves once the transport
   * has taken the last byte.
   *
   * @throws CannotSendRequest if there is no request to add to. NotConnected with `autoOpen` off and no connection.
   * TypeError for a body that cannot be sent. The errors that `request` fails with in connecting and sending.
   */
  send(data: RequestBody, options: { signal?: AbortSignal | undefined } = NO_OPTIONS): Promise<void> {
    return attempt(() => {
      const signal = signalOf(options, 'send');
      this.#checkConnected(this.#session.link.connected);
      const exchange = this.#session.check('send')!;
      const upload = prepareUpload(data, { blockSize: this.blockSize, chunked: false });
      return this.#session.sendMore(exchange, upload, signal);
    });
  }

  /**
   * Resolves with the response to the last request, once its head has arrived. May be called before all of the request
   * has been sent; a response that arrives early is returned while sending continues.
   *
   * @throws ResponseNotReady if no request has been sent, an earlier response is unread, or another call waits already.
   * RemoteDisconnected or IncompleteRead if the peer closed before the end of the head. BadStatusLine, UnknownProtocol,
   * InvalidHeader, UnknownTransferEncoding, LineTooLong, TooManyHeaders, TimeoutError (phase `headers`), the errors of
   * `connect`; otherwise a plain HTTPException. The connection is then closed, and can be opened again.
   */
  getResponse(options: { signal?: AbortSignal | undefined } = NO_OPTIONS): Promise<HTTPResponse> {
    return attempt(() => this.#session.getResponse(signalIn(options, 'getResponse')));
  }

  /**
   * Opens the connection; does nothing if it is open. After a switch of protocols without `detach`, opens another.
   *
   * @throws the system's error (`ECONNREFUSED`), TimeoutError (phase `connect`, `tunnel` or `tls`), the signal's
   * reason, HTTPException if closed meanwhile; with a tunnel, TunnelError and the errors of a head. Nothing stays open.
   */
  connect(options: { signal?: AbortSignal | undefined } = NO_OPTIONS): Promise<void> {
    return attempt(() => this.#session.connect(signalOf(options, 'connect')));
  }

  /**
   * Closes the connection at once, in any state; pending operations are rejected. The next request opens another. Only
   * a response that is the last on its connection (`willClose`) owns that, and stays readable until its own `close()`.
   */
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
   * Hands over the transport after a 101, or a 2xx to CONNECT, with the bytes received after the response. The
   * connection gives it up, and opens another for the next request.
   *
   * The request should have been awaited: otherwise the sending of its body ends here, with an error, and the peer would
   * take what is written next for the rest of it (RFC 9110, section 7.8).
   *
   * @throws ImproperConnectionState if no such response has been received.
   * @example
   * await connection.request('GET', '/chat', { headers: { Connection: 'Upgrade', Upgrade: 'websocket' } });
   * const { status } = await connection.getResponse(); // 101
   * const { transport, head } = connection.detach();
   */
  detach(): { transport: Transport; head: OwnBytes } {
    return this.#session.detach();
  }

  // For subclasses to override: the one explicit way around the checks against injection.

  /** Throws TypeError if the method is not a token (RFC 9110, section 9.1). */
  protected validateMethod(method: string): void {
    validateMethod(method);
  }

  /** Throws InvalidURL for a target with spaces or controls; non-ASCII characters are left to `encodeRequestLine`. */
  protected validateTarget(target: string): void {
    checkRequestTarget(target);
  }

  /** Throws InvalidURL if the host is invalid; an IPv6 address is without brackets. */
  protected validateHost(host: string): void {
    validateHost(host);
  }

  /** Encodes the request line, without its line ending; throws InvalidURL if it is not ASCII. */
  protected encodeRequestLine(line: string): Uint8Array {
    checkASCII(line);
    return encodeLatin1(line);
  }

  /**
   * Makes a secure transport of a connected one, tunnelled if there is a tunnel, before any request is sent on it.
   * `serverName` and `port` are those at its far end. Not implemented here: the subclass for TLS adds it.
   */
  protected secure?(
    transport: Transport,
    serverName: string,
    options: { port?: number | undefined; timeout?: number | undefined; signal?: AbortSignal | undefined },
  ): Promise<Transport>;

  /**
   * Makes a secure transport of one that has been connected to the proxy, before a tunnel is requested on it; called
   * only if there is a tunnel. Not implemented here: the subclass for TLS adds it.
   */
  protected secureProxy?(
    transport: Transport,
    serverName: string,
    options: { port?: number | undefined; signal?: AbortSignal | undefined },
  ): Promise<Transport>;

  /** Returns the names of the constructor's options, which rejects others; a subclass adds those of its own. */
  protected optionNames(
    names: Readonly<Record<keyof HTTPConnectionOptions, unknown>>,
  ): Readonly<Record<keyof HTTPConnectionOptions, unknown>> {
    return names;
  }

  // Building a request

  #hostAndPort(text: string, port: number | undefined): HostAndPort {
    const split = splitHost(text, port, (this.constructor as typeof HTTPConnection).defaultPort);
    this.validateHost(split.host);
    return split;
  }

  #setHost({ host, port }: HostAndPort): void {
    const { defaultPort } = this.constructor as typeof HTTPConnection;
    const field = hostField(host, port, defaultPort);
    this.#hostLine = `Host: ${field}\r\n`;
    this.#origin = `${defaultPort === HTTPS_PORT ? 'https' : 'http'}://${field}`;
  }

  /** `delivery` of the request that needs the connection; what `send` adds to may have been sent on another. */
  #checkConnected(connected: boolean, delivery?: 'unsent'): void {
    if (this.autoOpen || connected) return;
    const why = 'there is no connection, and autoOpen is off (connect() opens one)';
    throw new NotConnected(`Cannot send to ${quote(this.host)}, port ${this.port}: ${why}`, { delivery });
  }

  #begin(method: string, url: string): RequestHead {
    const target = url === '' ? '/' : url;
    this.validateMethod(method);
    this.validateTarget(target);
    let line = `${method} ${target} HTTP/1.1`;
    // As bytes only for a subclass's encoding. Otherwise the parts are examined: a scan of the line would flatten it.
    if (replacesEncoding(this)) line = decodeLatin1(this.encodeRequestLine(line));
    else if (!isWithin(target, 0, 0x7f) || !isWithin(method, 0, 0x7f)) checkASCII(line);
    return new RequestHead(line, method, target, this.#origin);
  }
}
