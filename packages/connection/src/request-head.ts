import { contentLength, type RequestBody } from '@http-client/body';
import { cannotUse, checkType } from '@http-client/errors';
import { fieldValue, validateHeaderName, type HeaderValue } from '@http-client/headers';

import type { ExchangeRecord } from './exchange-record.js';
import { authorityOf } from './host.js';
import { flag, type RequestOptions } from './options.js';
import { NO_UPLOAD, prepareUpload, type Upload, type UploadRules } from './upload.js';

/** A bit for the length of each name that `#note` looks for: names of other lengths are not converted to lower case. */
const NOTED_LENGTHS = (1 << 4) | (1 << 6) | (1 << 7) | (1 << 10) | (1 << 14) | (1 << 15) | (1 << 17);

/** The head of a request while it is being built; nothing of it has been sent. */
export class RequestHead {
  readonly record: ExchangeRecord;
  /** The Content-Length that is promised. */
  promised: number | undefined;
  /** Which of the automatic fields the caller has set. */
  hasHost = false;
  hasAcceptEncoding = false;
  /** The caller or this client has set one. */
  hasTransferEncoding = false;
  /** The request line and the automatic fields, each line with its CRLF. */
  #begin: string;
  /** The caller's own fields, which follow. */
  #own = '';

  constructor(requestLine: string, method: string, target: string, origin: string) {
    this.#begin = requestLine + '\r\n';
    this.record = {
      method,
      target,
      origin,
      upgrade: false,
      closes: false,
      expects: false,
      withheld: false,
      owed: 0,
      delivery: 'unsent',
    };
  }

  /** The head as it is sent. */
  get whole(): string {
    return this.#begin + this.#own + '\r\n';
  }

  /** Adds automatic field lines, each with its CRLF. */
  put(lines: string): void {
    this.#begin += lines;
  }

  /**
   * Adds the fields that are sent with every request, unless they are skipped. A target that names another host
   * replaces that of the Host line.
   */
  putAutomatic(hostLine: string, skipHost: boolean, skipAcceptEncoding: boolean): void {
    const authority = authorityOf(this.record.target, this.record.method);
    if (!skipHost) this.put(authority === undefined ? hostLine : `Host: ${authority}\r\n`);
    if (!skipAcceptEncoding) this.put('Accept-Encoding: identity\r\n');
  }

  /**
   * Adds a field of the caller's: the name, a colon, a space and the value; further values on continuation lines, each
   * beginning with a tab. That is obsolete line folding (RFC 9112, section 5.2): supported because the reference
   * documents it, and for servers under the caller's control. A refused field leaves the head unchanged.
   *
   * @throws TypeError for a name that is not a token, and for a value with CR, LF, NUL or a character beyond U+00FF.
   * For a Content-Length: TypeError for anything but a number, RangeError for a second one.
   */
  putOwn(name: string, values: readonly HeaderValue[]): void {
    validateHeaderName(name);
    const value =
      values.length === 1
        ? fieldValue(name, values[0]!)
        : values.map((each) => fieldValue(name, each)).join('\r\n\t');
    if (((NOTED_LENGTHS >> name.length) & 1) === 1) this.#note(name.toLowerCase(), value);
    this.#own += `${name}: ${value}\r\n`;
  }

  /**
   * The head is complete: prepares the body, if there is one. From here on the record counts what is sent of it.
   *
   * @throws as {@link prepareUpload}.
   */
  end(
    body: RequestBody | undefined,
    blockSize: number,
    chunked: boolean,
    trailers?: UploadRules['trailers'],
  ): Upload {
    // A transfer coding takes precedence over a length (RFC 9112, section 6.3).
    const promised = this.hasTransferEncoding ? undefined : this.promised;
    // Chunks that no field announces are surplus from the first byte on.
    this.record.owed = this.hasTransferEncoding ? NaN : chunked ? -1 : (promised ?? 0);
    return body === undefined ? NO_UPLOAD : prepareUpload(body, { blockSize, chunked, trailers, promised });
  }

  /** Notes what a field says about the message. `NOTED_LENGTHS` has the length of each name here. */
  #note(name: string, value: string): void {
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
        this.#promise(value);
        break;
      case 'upgrade':
        this.record.upgrade = true;
        break;
      case 'connection':
        this.record.closes ||= /(^|[,\t ])close[\t ]*(,|\r|$)/i.test(value);
        break;
      case 'expect':
        this.record.expects ||= /100-continue/i.test(value);
        break;
    }
  }

  /** @throws TypeError if it is not a number: the server would be told one length and sent another. */
  #promise(value: string): void {
    const length = /^[0-9]+$/.test(value) ? Number(value) : NaN;
    if (!Number.isSafeInteger(length)) {
      const why = 'expected a number of bytes (RFC 9110, section 8.6)';
      throw cannotUse(value, 'Content-Length', why);
    }
    // With two lengths in one head, two recipients may see different messages (request smuggling). Even equal ones are
    // not to be sent: only a list may have several lines, and recipients may reject them.
    if (this.promised !== undefined) {
      const why = `the head has one already, ${this.promised} (RFC 9110, section 5.3)`;
      throw cannotUse(length, 'Content-Length', why, RangeError);
    }
    this.promised = length;
  }
}

/**
 * Adds the fields that frame the body, and prepares it. If the caller's own fields, which have been added before,
 * already frame it, they are left as they are.
 */
export function frameBody(head: RequestHead, options: RequestOptions, blockSize: number): Upload {
  const { trailers } = options;
  // It is called after a streamed body: otherwise a wrong type would only be detected once most of it has been sent.
  checkType(trailers, 'trailers', 'function');
  const body = options.body ?? undefined;
  const encodes = flag(options, 'encodeChunked');
  let chunked = head.hasTransferEncoding && encodes;
  if (!head.hasTransferEncoding && head.promised === undefined) {
    const length = trailers === undefined ? contentLength(body, head.record.method) : undefined;
    chunked = length === undefined && (body !== undefined || trailers !== undefined);
    if (chunked) {
      head.put('Transfer-Encoding: chunked\r\n');
      head.hasTransferEncoding = true;
    } else if (length !== undefined) {
      head.put(`Content-Length: ${length}\r\n`);
      // A Blob reports its own size, and may deliver a different number of bytes.
      head.promised = length;
    }
  }
  if (trailers !== undefined && !chunked) {
    throw new TypeError(
      'Cannot send trailers: the body is not chunk-encoded, and nothing else has room for them (RFC 9112, section 7.1.2)',
    );
  }
  if (body === undefined && !chunked) head.record.expects = false;
  return head.end(chunked ? (body ?? '') : body, blockSize, chunked, trailers);
}

/**
 * Ends a head that the caller has put together field by field, and prepares the body that is given with it, if any.
 *
 * @throws as {@link prepareUpload}. RangeError for chunks if a Content-Length promises the body as it is: with their
 * sizes they have another length, which for a stream is known only once most of it has been sent.
 */
export function endFields(
  head: RequestHead,
  body: RequestBody | undefined,
  encodeChunked: boolean,
  blockSize: number,
): Upload {
  const { promised, hasTransferEncoding } = head;
  const chunked = encodeChunked && body !== undefined;
  if (chunked && promised !== undefined && !hasTransferEncoding) {
    throw new RangeError(
      `Cannot send the body in chunks: Content-Length promises ${promised} bytes, and no Transfer-Encoding announces chunks (RFC 9112, section 6)`,
    );
  }
  return head.end(body, blockSize, chunked);
}
