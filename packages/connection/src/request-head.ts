import { contentLength } from '@http-client/body';
import { checkType } from '@http-client/errors';
import { fieldValue, validateHeaderName, type HeaderValue } from '@http-client/headers';

import type { ExchangeRecord } from './exchange-record.js';
import type { RequestOptions } from './options.js';
import { NO_UPLOAD, prepareUpload, type Upload } from './upload.js';

/** A bit for each length of a name that `#note` looks for: others are not put in lower case. */
const TELLING = (1 << 4) | (1 << 6) | (1 << 7) | (1 << 10) | (1 << 14) | (1 << 15) | (1 << 17);

/** A request's head while it is put together; nothing of it has been sent. */
export class RequestHead {
  readonly record: ExchangeRecord;
  /** The Content-Length that the caller promises. */
  promised: number | undefined;
  /** Which of the fields that are sent automatically the caller has set. */
  hasHost = false;
  hasAcceptEncoding = false;
  hasTransferEncoding = false;
  /** The request line, and the fields that are sent automatically, each line with its CRLF. */
  #begin: string;
  /** The caller's own fields, which follow. */
  #own = '';

  constructor(requestLine: string, record: ExchangeRecord) {
    this.#begin = requestLine + '\r\n';
    this.record = record;
  }

  /** The head as it is sent. */
  get whole(): string {
    return this.#begin + this.#own + '\r\n';
  }

  /** Lines of fields that are sent automatically, each with its CRLF. */
  put(lines: string): void {
    this.#begin += lines;
  }

  /**
   * A field of the caller's: the name, a colon, a space and the value; further values on continuation lines, each begun by
   * a tab. That is obsolete folding (RFC 9112, section 5.2): kept because the reference documents it, and for servers of
   * one's own. A refused field leaves the head as it was.
   *
   * @throws TypeError for a name that is not a token, and for a value with CR, LF, NUL or a character beyond U+00FF.
   */
  putOwn(name: string, values: readonly HeaderValue[]): void {
    validateHeaderName(name);
    const texts =
      values.length === 1 ? fieldValue(name, values[0]!) : values.map((value) => fieldValue(name, value));
    const value = typeof texts === 'string' ? texts : texts.join('\r\n\t');
    if (((TELLING >> name.length) & 1) === 1) this.#note(name.toLowerCase(), value, texts);
    this.#own += `${name}: ${value}\r\n`;
  }

  /** The head is complete: from here on the record counts what is sent of the body. */
  end(chunked: boolean): void {
    this.record.owed = chunked || this.hasTransferEncoding ? NaN : (this.promised ?? 0);
  }

  /** What a field says of the message. `TELLING` has the length of each name here. */
  #note(name: string, value: string, texts: string | readonly string[]): void {
    switch (name) {
      case 'host':
        this.hasHost = true;
        break;
      case 'accept-encoding':
        this.hasAcceptEncoding = true;
        break;
      case 'transfer-encoding':
        this.hasTransferEncoding = true;
        break;
      case 'content-length':
        this.#promise(typeof texts === 'string' ? texts : texts.join(', '));
        break;
      case 'upgrade':
        this.record.upgrade = true;
        break;
      case 'connection':
        this.record.closes ||= /(^|[,\t ])close[\t ]*(,|\r|$)/i.test(value);
        break;
      case 'expect':
        this.record.expects = /100-continue/i.test(value);
        break;
    }
  }

  /** Two lengths in one head are two messages to two recipients (request smuggling). */
  #promise(value: string): void {
    const length = promisedLength(value);
    if (this.promised !== undefined && this.promised !== length) {
      throw new RangeError(
        `Cannot use ${length} as Content-Length: the head has one already, ${this.promised} (RFC 9112, section 6.3)`,
      );
    }
    this.promised = length;
  }
}

/**
 * The number of a Content-Length that a caller sets.
 *
 * @throws TypeError where it is none: the server would be told one thing and sent another.
 */
function promisedLength(value: string): number {
  const length = /^[0-9]+$/.test(value) ? Number(value) : NaN;
  if (!Number.isSafeInteger(length)) {
    throw new TypeError(
      `Cannot use ${JSON.stringify(value)} as Content-Length: expected a number of bytes (RFC 9110, section 8.6)`,
    );
  }
  return length;
}

/**
 * Puts the fields that frame the body, and prepares it. Where the caller's own fields, which are there already, frame it,
 * the caller's word stands.
 */
export function frameBody(head: RequestHead, options: RequestOptions, blockSize: number): Upload {
  const { trailers } = options;
  // Asked for behind the body: what is not a function would be found out when most of the request has gone.
  checkType(trailers, 'trailers', 'function');
  const body = options.body ?? undefined;
  const ownCoding = head.hasTransferEncoding;
  const ownLength = head.promised !== undefined;
  let chunked = options.encodeChunked === true && ownCoding && !ownLength;
  if (!ownCoding && !ownLength) {
    const length = trailers === undefined ? contentLength(body, head.record.method) : undefined;
    chunked = length === undefined && (body !== undefined || trailers !== undefined);
    if (chunked) head.put('Transfer-Encoding: chunked\r\n');
    else if (length !== undefined) {
      head.put(`Content-Length: ${length}\r\n`);
      // A Blob's size is its own word, and what it gives may be something else.
      head.promised = length;
    }
  }
  if (trailers !== undefined && !chunked) {
    throw new TypeError(
      'Cannot send trailers: the body is not chunk-encoded, and nothing else has room for them (RFC 9112, section 7.1.2)',
    );
  }
  head.end(chunked);
  if (body === undefined && !chunked) {
    head.record.expects = false;
    return NO_UPLOAD;
  }
  return prepareUpload(body ?? '', {
    blockSize,
    chunked,
    trailers,
    promised: ownCoding ? undefined : head.promised,
  });
}
