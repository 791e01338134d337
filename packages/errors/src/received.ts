import { brand } from './brand.js';
import { HTTPException, type ExceptionFields } from './exception.js';

type BadStatusLineCode = 'HTTP_BAD_STATUS_LINE' | 'ECONNRESET';

/** The first line of the answer is no status line (RFC 9112, section 4). */
export class BadStatusLine extends HTTPException {
  static override readonly code: BadStatusLineCode = /* @__PURE__ */ brand(
    this,
    'BadStatusLine',
    'HTTP_BAD_STATUS_LINE',
  );
  declare readonly code: BadStatusLineCode;
  /** The line as text (ISO-8859-1), without its line end, cut to 200 characters. */
  readonly line: string;

  constructor(message: string, fields: ExceptionFields & { line: string }) {
    super(message, fields);
    this.line = fields.line;
  }
}

/** The peer closed the connection before one byte of a response. */
export class RemoteDisconnected extends BadStatusLine {
  static override readonly code = /* @__PURE__ */ brand(this, 'RemoteDisconnected', 'ECONNRESET');
  declare readonly code: 'ECONNRESET';

  constructor(message: string, fields?: ExceptionFields) {
    super(message, { ...fields, line: '' });
  }
}

/** A status line of another protocol version than HTTP/1.x. */
export class UnknownProtocol extends HTTPException {
  static override readonly code = /* @__PURE__ */ brand(this, 'UnknownProtocol', 'HTTP_UNKNOWN_PROTOCOL');
  declare readonly code: 'HTTP_UNKNOWN_PROTOCOL';
  /** The version as received: `'HTTP/2.0'`. */
  readonly version: string;

  constructor(message: string, fields: ExceptionFields & { version: string }) {
    super(message, fields);
    this.version = fields.version;
  }
}

/** A transfer coding other than a single, last `chunked` (RFC 9112, section 6.1). */
export class UnknownTransferEncoding extends HTTPException {
  static override readonly code = /* @__PURE__ */ brand(
    this,
    'UnknownTransferEncoding',
    'HTTP_UNKNOWN_TRANSFER_ENCODING',
  );
  declare readonly code: 'HTTP_UNKNOWN_TRANSFER_ENCODING';
}

/** The stream ended before the message did. */
export class IncompleteRead extends HTTPException {
  static override readonly code = /* @__PURE__ */ brand(this, 'IncompleteRead', 'HTTP_INCOMPLETE_READ');
  declare readonly code: 'HTTP_INCOMPLETE_READ';
  /** The bytes of the failed call that no call has delivered. */
  readonly partial: Uint8Array;
  /** How many bytes the framing says are missing, from the body or from the current chunk, where it says so. */
  readonly expected: number | undefined;

  constructor(
    message: string,
    fields: ExceptionFields & { partial: Uint8Array; expected?: number | undefined },
  ) {
    super(message, fields);
    this.partial = fields.partial;
    this.expected = fields.expected;
  }
}

/** A line that is longer than its limit. */
export class LineTooLong extends HTTPException {
  static override readonly code = /* @__PURE__ */ brand(this, 'LineTooLong', 'HTTP_LINE_TOO_LONG');
  declare readonly code: 'HTTP_LINE_TOO_LONG';
  /** What the line is: `'status line'`. */
  readonly what: string;
  /** The most bytes that the line may have, its line end counted. */
  readonly limit: number;

  constructor(message: string, fields: ExceptionFields & { what: string; limit: number }) {
    super(message, fields);
    this.what = fields.what;
    this.limit = fields.limit;
  }
}

/** More field lines than the limit, in the head or in the trailers. */
export class TooManyHeaders extends HTTPException {
  static override readonly code = /* @__PURE__ */ brand(this, 'TooManyHeaders', 'HTTP_TOO_MANY_HEADERS');
  declare readonly code: 'HTTP_TOO_MANY_HEADERS';
  /** The most field lines that there may be. */
  readonly limit: number;

  constructor(message: string, fields: ExceptionFields & { limit: number }) {
    super(message, fields);
    this.limit = fields.limit;
  }
}

/** A received field line, or a field value that frames the message, that cannot be trusted. */
export class InvalidHeader extends HTTPException {
  static override readonly code = /* @__PURE__ */ brand(this, 'InvalidHeader', 'HTTP_INVALID_HEADER');
  declare readonly code: 'HTTP_INVALID_HEADER';
  /** The line as text (ISO-8859-1), without its line end, cut to 200 characters. */
  readonly line: string;

  constructor(message: string, fields: ExceptionFields & { line: string }) {
    super(message, fields);
    this.line = fields.line;
  }
}

/** Broken chunked framing (RFC 9112, section 7.1). */
export class InvalidChunk extends HTTPException {
  static override readonly code = /* @__PURE__ */ brand(this, 'InvalidChunk', 'HTTP_INVALID_CHUNK');
  declare readonly code: 'HTTP_INVALID_CHUNK';
  /** The line as text (ISO-8859-1), without its line end, cut to 200 characters. */
  readonly line: string;

  constructor(message: string, fields: ExceptionFields & { line: string }) {
    super(message, fields);
    this.line = fields.line;
  }
}
