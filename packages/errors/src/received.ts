import { brand } from './brand.js';
import { HTTPException, type ExceptionFields, type Taking } from './exception.js';

/** The first line of the answer is not a status line (RFC 9112, section 4). */
export class BadStatusLine extends (HTTPException as Taking<{ line: string }>) {
  static override readonly code: string = /* @__PURE__ */ brand(() => this, 'BadStatusLine');
  declare readonly code: 'HTTP_BAD_STATUS_LINE' | 'ECONNRESET';
  /** The line at fault as text (ISO-8859-1), without its line end, cut to 200 characters. */
  declare readonly line: string;
}

/** The peer closed the connection before one byte of a response. */
export class RemoteDisconnected extends BadStatusLine {
  static override readonly code: string = /* @__PURE__ */ brand(
    () => this,
    'RemoteDisconnected',
    'ECONNRESET',
  );
  declare readonly code: 'ECONNRESET';

  constructor(message: string, fields?: ExceptionFields) {
    super(message, { ...fields, line: '' });
  }
}

/** A status line of another protocol version than HTTP/1.x. */
export class UnknownProtocol extends (HTTPException as Taking<{ version: string }>) {
  static override readonly code: string = /* @__PURE__ */ brand(() => this, 'UnknownProtocol');
  declare readonly code: 'HTTP_UNKNOWN_PROTOCOL';
  /** The version as received: `'HTTP/2.0'`. */
  declare readonly version: string;
}

/** A transfer coding other than one `chunked` (RFC 9112, section 6.1). */
export class UnknownTransferEncoding extends HTTPException {
  static override readonly code: string = /* @__PURE__ */ brand(() => this, 'UnknownTransferEncoding');
  declare readonly code: 'HTTP_UNKNOWN_TRANSFER_ENCODING';
}

/** The stream ended before the message did (RFC 9112, section 8). */
export class IncompleteRead extends (HTTPException as Taking<{
  partial: Uint8Array;
  expected?: number | undefined;
}>) {
  static override readonly code: string = /* @__PURE__ */ brand(() => this, 'IncompleteRead');
  declare readonly code: 'HTTP_INCOMPLETE_READ';
  /** The bytes of the failed call that no call has delivered. */
  declare readonly partial: Uint8Array;
  /** How many bytes the framing says are missing, from the body or the current chunk, where it says so. */
  declare readonly expected: number | undefined;
}

/** A line that is longer than its limit. */
export class LineTooLong extends (HTTPException as Taking<{ what: string; limit: number }>) {
  static override readonly code: string = /* @__PURE__ */ brand(() => this, 'LineTooLong');
  declare readonly code: 'HTTP_LINE_TOO_LONG';
  /** What the line is: `'status line'`. */
  declare readonly what: string;
  /** The most bytes that the line may have, its line end counted. */
  declare readonly limit: number;
}

/** More field lines than the limit, in the head or in the trailers. */
export class TooManyHeaders extends (HTTPException as Taking<{ limit: number }>) {
  static override readonly code: string = /* @__PURE__ */ brand(() => this, 'TooManyHeaders');
  declare readonly code: 'HTTP_TOO_MANY_HEADERS';
  /** The most field lines that there may be. */
  declare readonly limit: number;
}

/** A received field line, or a field value that frames the message, that cannot be trusted. */
export class InvalidHeader extends (HTTPException as Taking<{ line: string }>) {
  static override readonly code: string = /* @__PURE__ */ brand(() => this, 'InvalidHeader');
  declare readonly code: 'HTTP_INVALID_HEADER';
  /** The line at fault as text (ISO-8859-1), without its line end, cut to 200 characters. */
  declare readonly line: string;
}

/** Broken chunked framing (RFC 9112, section 7.1). */
export class InvalidChunk extends (HTTPException as Taking<{ line: string }>) {
  static override readonly code: string = /* @__PURE__ */ brand(() => this, 'InvalidChunk');
  declare readonly code: 'HTTP_INVALID_CHUNK';
  /** The line at fault as text (ISO-8859-1), without its line end, cut to 200 characters. */
  declare readonly line: string;
}
