import { checkInteger } from '@http-client/errors';
import type { HTTPMessage, Violation } from '@http-client/headers';
import { bytesOf, type OwnBytes } from '@http-client/io';

import { attempt } from './attempt.js';
import type { BodyReader } from './body-reader.js';
import { urlOf, type ExchangeRecord } from './exchange-record.js';
import { textDecoder, UTF_8 } from './text.js';

/** An interim response (RFC 9110, section 15.2), received before the final one. */
export interface InterimResponse {
  /** The status code: 100 to 199. */
  readonly status: number;
  /** The reason phrase; `''` if the server sent none. */
  readonly reason: string;
  /** The header fields. */
  readonly headers: HTTPMessage;
}

/** The parts that a connection creates a response from. */
export interface ResponseParts {
  readonly head: InterimResponse & { readonly version: 10 | 11 };
  readonly informational: readonly InterimResponse[];
  /** What was tolerated in the heads. */
  readonly violations: readonly Violation[];
  readonly record: ExchangeRecord;
  readonly chunked: boolean;
  readonly willClose: boolean;
  readonly debugLevel: number;
  readonly body: BodyReader;
}

/**
 * The response to a request, returned by `HTTPConnection.getResponse` once its head has arrived. The body is read from
 * it. Not constructed by callers.
 *
 * Reading methods may be mixed in any order, and overlapping calls are served one after another. Reading past the end
 * returns nothing and is not an error; a truncated body is an `IncompleteRead` (with `strict`), never a short result.
 *
 * Amounts are in bytes: whole numbers from 0, otherwise the call rejects with RangeError, or with TypeError for
 * anything but a number; so it does for a target that is not a view of an `ArrayBuffer`. Whatever reads the body may
 * reject with IncompleteRead, whose `cause` is the system's error if there is one; for chunks and trailers with
 * InvalidChunk, InvalidHeader, LineTooLong or TooManyHeaders; with TimeoutError (phase `body`); and with HTTPException
 * if the connection is closed meanwhile. After any of these but the last, the response is closed: as in the reference,
 * further calls then return nothing; a loop over blocks, the web stream, `text()`, `json()` and `bytes()`, whose result
 * would seem complete, reject again.
 *
 * @example
 * const response = await connection.getResponse();
 * console.log(response.status, response.reason, await response.text());
 */
export class HTTPResponse implements AsyncIterable<OwnBytes>, AsyncDisposable {
  /** 11 for HTTP/1.1 (and 1.2 and above), 10 for HTTP/1.0. */
  readonly version: 10 | 11;
  /** The status code, 100 to 999. */
  readonly status: number;
  /** The reason phrase; `''` if the server sent none. */
  readonly reason: string;
  /** The header fields. */
  readonly headers: HTTPMessage;
  /** The interim responses received before this one, in order. */
  readonly informational: readonly InterimResponse[];
  /** Whether the body is chunked. */
  readonly chunked: boolean;
  /**
   * Whether it is the last response on its connection. It then owns the transport: closing the connection leaves it
   * open, and it has to be read to its end or closed itself.
   */
  readonly willClose: boolean;
  /** The `debugLevel` that the connection had when the head arrived. */
  debugLevel: number;
  readonly #record: ExchangeRecord;
  readonly #body: BodyReader;
  readonly #violations: readonly Violation[];
  #stream: ReadableStream<OwnBytes> | undefined;

  private constructor(parts: ResponseParts) {
    ({ version: this.version, status: this.status, reason: this.reason, headers: this.headers } = parts.head);
    this.informational = parts.informational;
    this.chunked = parts.chunked;
    this.willClose = parts.willClose;
    this.debugLevel = parts.debugLevel;
    this.#record = parts.record;
    this.#body = parts.body;
    this.#violations = parts.violations;
  }

  /** The same object as `headers`. */
  get msg(): HTTPMessage {
    return this.headers;
  }

  /** The requested URL; undefined if the target names none (`*`, CONNECT's authority). */
  get url(): string | undefined {
    return urlOf(this.#record);
  }

  /** The trailer fields; undefined until the last chunk has been read. */
  get trailers(): HTTPMessage | undefined {
    return this.#body.trailers;
  }

  /** The deviations tolerated in this response, with their offsets in the stream; grows as the body is read. */
  get violations(): readonly Violation[] {
    return [...this.#violations, ...this.#body.violations];
  }

  /** The number of bytes of the body left to read; undefined if the framing does not give it. */
  get length(): number | undefined {
    return this.#body.length;
  }

  /** Whether the body has been read to its end, or the response has been closed. */
  get closed(): boolean {
    return this.#body.closed;
  }

  /** The same as `closed`, for parity with the reference. */
  isClosed(): boolean {
    return this.closed;
  }

  /** Reads the rest of the body, or its next `amount` bytes: fewer only at the end of the body. */
  read(amount?: number): Promise<OwnBytes> {
    return attempt(() => this.#body.read(checkAmount(amount)));
  }

  /** Reads what has been received, at most `amount` bytes; waits only while that is nothing. Empty at the end. */
  read1(amount?: number): Promise<OwnBytes> {
    return attempt(() => this.#body.read1(checkAmount(amount)));
  }

  /** Fills `target`, unless the body ends first; returns the number of bytes written. */
  readInto(target: ArrayBufferView): Promise<number> {
    return attempt(() => this.#body.readInto(bytesOf(target), false));
  }

  /** Writes what has been received into `target`; waits only while that is nothing. Returns the number of bytes. */
  readInto1(target: ArrayBufferView): Promise<number> {
    return attempt(() => this.#body.readInto(bytesOf(target), true));
  }

  /**
   * Returns the next bytes, at most `amount`, without consuming them; waits only while there are none.
   *
   * As in the reference, it does not add to what is buffered, so another call returns no more bytes, however large
   * `amount` is: to wait for that many, use {@link HTTPResponse.read}.
   */
  peek(amount?: number): Promise<OwnBytes> {
    return attempt(() => this.#body.peek(checkAmount(amount)));
  }

  /** Reads the next line with its LF, at most `limit` bytes of it. Empty at the end. */
  readLine(limit?: number): Promise<OwnBytes> {
    return attempt(() => this.#body.readLine(checkAmount(limit)));
  }

  /**
   * The remaining lines, each with its LF, except perhaps the last. The length of a line is not limited:
   * {@link HTTPResponse.readLine} takes a limit.
   *
   * @example
   * for await (const line of response.lines()) console.log(new TextDecoder().decode(line));
   */
  lines(): AsyncIterable<OwnBytes> {
    const body = this.#body;
    return { [Symbol.asyncIterator]: () => ({ next: () => body.nextLine() }) };
  }

  /**
   * The body in blocks as the transport delivers them, each the caller's to keep. Leaving the loop early leaves the
   * response open: the rest can still be read.
   *
   * @example
   * for await (const block of response) hash.update(block);
   */
  [Symbol.asyncIterator](): AsyncIterator<OwnBytes, undefined> {
    const body = this.#body;
    return { next: () => body.next() };
  }

  /** The rest of the body, as from `read()`. */
  bytes(): Promise<OwnBytes> {
    return this.#body.read(Infinity, true);
  }

  /**
   * The rest of the body as text, decoded by the charset of Content-Type, or else as UTF-8; a byte order mark is
   * dropped. ISO-8859-1 is decoded as windows-1252, as in browsers.
   *
   * @throws RangeError for a charset that the platform does not know; the body can still be read.
   */
  text(): Promise<string> {
    // The decoder first: an unknown charset must not consume the body.
    return attempt(() => this.#body.text(textDecoder(this.headers.getContentCharset())));
  }

  /** The rest of the body, parsed as JSON (UTF-8; RFC 8259, section 8.1). Rejects with `SyntaxError` if invalid. */
  async json<T = unknown>(): Promise<T> {
    return JSON.parse(await this.#body.text(UTF_8)) as T;
  }

  /** The body as a web stream, read only as fast as it is consumed. Cancelling it closes the response. */
  get body(): ReadableStream<OwnBytes> {
    this.#stream ??= new ReadableStream<OwnBytes>(
      {
        pull: async (controller) => {
          const { value, done } = await this.#body.next();
          if (done === true) controller.close();
          else controller.enqueue(value);
        },
        cancel: () => {
          this.close();
        },
      },
      // Nothing is read before a consumer asks for it.
      { highWaterMark: 0 },
    );
    return this.#stream;
  }

  /**
   * This response as a web `Response`: status, reason, fields and body; a body that a 205 must not have is discarded.
   *
   * @throws the platform's RangeError for a status that `Response` does not allow: below 200, above 599. Its TypeError
   * if `body` is locked or has been read from, or if the reason has control characters, as `strict: false` allows.
   */
  toWebResponse(): Response {
    // With these the constructor rejects any body, even an empty one (Fetch standard, "null body status").
    const bodiless = [204, 205, 304].includes(this.status);
    // A 205 must not have one (RFC 9110, section 15.3.6). If it does, nobody could read it, nor the next response.
    if (bodiless) this.close();
    return new Response(bodiless ? null : this.body, {
      status: this.status,
      statusText: this.reason,
      headers: this.headers.toHeaders(),
    });
  }

  /** All values of a field joined by `', '`, or else the fallback: a string, or strings joined the same way. */
  getHeader(name: string): string | undefined;
  getHeader(name: string, fallback: string | Iterable<string>): string;
  getHeader(name: string, fallback?: string | Iterable<string>): string | undefined {
    const values = this.headers.getAll(name);
    if (values.length > 0) return values.join(', ');
    return fallback === undefined || typeof fallback === 'string' ? fallback : [...fallback].join(', ');
  }

  /** The fields, as pairs of name and value. */
  getHeaders(): [string, string][] {
    return this.headers.toJSON();
  }

  /** The file descriptor of the transport; -1 if there is none. */
  fileno(): number {
    return this.#body.fileno;
  }

  /** Discards what has not been read. Unless the body was read to its end, the connection is closed, not drained. */
  close(): void {
    this.#body.close();
  }

  /** Closes the response at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /** @deprecated The older name of `headers`. */
  info(): HTTPMessage {
    return this.headers;
  }

  /** @deprecated The older name of `url`. */
  geturl(): string | undefined {
    return this.url;
  }

  /** @deprecated The older name of `status`. */
  getcode(): number {
    return this.status;
  }
}

/** How responses are created: the constructor is private, which keeps what it takes out of the public declarations. */
export const CreatedResponse = HTTPResponse as unknown as new (parts: ResponseParts) => HTTPResponse;

function checkAmount(amount: number | undefined): number {
  return amount === undefined ? Infinity : checkInteger(amount, 'an amount of bytes', 0);
}
