import { contentLength } from '@http-client/body';
import { fieldValue, type HTTPMessage, validateHeaderName, type HeaderValue } from '@http-client/headers';

import type { ExchangeRecord } from './exchange-record.js';
import type { RequestOptions } from './options.js';
import { NO_UPLOAD, prepareUpload, type Upload } from './upload.js';

/** A request's head while it is put together; nothing of it has been sent. */
export class RequestHead {
  /** The lines so far, each with its CRLF. */
  text: string;
  readonly record: ExchangeRecord;
  /** The Content-Length that the caller promises. */
  promised: number | undefined;

  constructor(requestLine: string, record: ExchangeRecord) {
    this.text = `${requestLine}\r\n`;
    this.record = record;
  }

  /** The head as it is sent. */
  get whole(): string {
    return `${this.text}\r\n`;
  }

  /** A field that is sent automatically. */
  put(name: string, value: string): void {
    this.text += `${name}: ${value}\r\n`;
  }

  /** A field of the caller's. A refused one leaves the head as it was. */
  putOwn(name: string, values: readonly HeaderValue[]): void {
    const line = fieldLine(name, values);
    const lower = name.toLowerCase();
    if (lower === 'content-length') this.#promise(values.map((value) => fieldValue(name, value)).join(', '));
    if (lower === 'upgrade') this.record.upgrade = true;
    if (lower === 'connection') this.record.closes ||= /[:,\t ]close[\t ]*(,|\r|$)/i.test(line);
    if (lower === 'expect') this.record.expects = /100-continue/i.test(line);
    this.text += line;
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
 * The lines of one field: the name, a colon, a space and the value; further values on continuation lines, each begun by a
 * tab. That is obsolete folding (RFC 9112, section 5.2): kept because the reference documents it, and for servers of one's own.
 *
 * @throws TypeError for a name that is no token, and for a value with CR, LF, NUL or a character beyond U+00FF.
 */
function fieldLine(name: string, values: readonly HeaderValue[]): string {
  validateHeaderName(name);
  const texts = values.map((value) => fieldValue(name, value));
  return `${name}: ${texts.join('\r\n\t')}\r\n`;
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
 * Puts the fields that frame the body, then the caller's own, and prepares the body. Where the caller frames it, the
 * caller's word stands.
 */
export function completeHead(
  head: RequestHead,
  headers: HTTPMessage,
  options: RequestOptions,
  blockSize: number,
): Upload {
  const { trailers } = options;
  const body = options.body ?? undefined;
  const ownCoding = headers.has('transfer-encoding');
  const ownLength = headers.has('content-length');
  let chunked = options.encodeChunked === true && ownCoding && !ownLength;
  if (!ownCoding && !ownLength) {
    const length = trailers === undefined ? contentLength(body, head.record.method) : undefined;
    chunked = length === undefined && (body !== undefined || trailers !== undefined);
    if (chunked) head.put('Transfer-Encoding', 'chunked');
    else if (length !== undefined) {
      head.put('Content-Length', String(length));
      // A Blob's size is its own word, and what it gives may be something else.
      head.promised = length;
    }
  }
  if (trailers !== undefined && !chunked) {
    throw new TypeError(
      'Cannot send trailers: the body is not chunk-encoded, and nothing else has room for them (RFC 9112, section 7.1.2)',
    );
  }
  for (const [name, value] of headers) head.putOwn(name, [value]);
  if (body === undefined && !chunked) {
    head.record.expects = false;
    head.record.owed = head.promised ?? 0;
    return NO_UPLOAD;
  }
  return prepareUpload(body ?? '', {
    blockSize,
    chunked,
    trailers,
    promised: ownCoding ? undefined : head.promised,
  });
}
