import { brand } from './brand.js';
import { HTTPException, type ExceptionFields, type Taking } from './exception.js';
import { quote } from './quote.js';

/** The first line of the response is not a status line (RFC 9112, section 4). */
export class BadStatusLine extends (HTTPException as Taking<{ line: string }>) {
  static override readonly code: string = /* @__PURE__ */ brand(() => this, 'BadStatusLine');
  declare readonly code: 'HTTP_BAD_STATUS_LINE' | 'ECONNRESET';
  /** The invalid line as text (ISO-8859-1), without its line ending, truncated to 200 characters. */
  declare readonly line: string;
}

/** The peer closed the connection before the first byte of a response, or after nothing but interim responses. */
export class RemoteDisconnected extends BadStatusLine {
  static override readonly code: string = /* @__PURE__ */ brand(
    () => this,
    'RemoteDisconnected',
    'ECONNRESET',
  );
  declare readonly code: 'ECONNRESET';

  /** Creates an error, whose `line` is empty. */
  constructor(message: string, fields?: ExceptionFields) {
    super(message, { ...fields, line: '' });
  }
}

/** A status line with a protocol version other than HTTP/1.x. */
export class UnknownProtocol extends (HTTPException as Taking<{ version: string }>) {
  static override readonly code: string = /* @__PURE__ */ brand(() => this, 'UnknownProtocol');
  declare readonly code: 'HTTP_UNKNOWN_PROTOCOL';
  /** The version as received: `'HTTP/2.0'`. */
  declare readonly version: string;
}

/** A transfer coding other than a single `chunked` (RFC 9112, section 6.1). */
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
  /** The bytes that the failed call had received, and that no call has delivered. */
  declare readonly partial: Uint8Array;
  /** How many bytes of the body, or of the current chunk, are missing, if the framing determines that. */
  declare readonly expected: number | undefined;
}

/** A line exceeded its limit. */
export class LineTooLong extends (HTTPException as Taking<{ what: string; limit: number }>) {
  static override readonly code: string = /* @__PURE__ */ brand(() => this, 'LineTooLong');
  declare readonly code: 'HTTP_LINE_TOO_LONG';
  /** What kind of line it is: `'status line'`. */
  declare readonly what: string;
  /** The maximum length of the line in bytes, including its line ending. */
  declare readonly limit: number;
}

/**
 * The error for a line whose first characters are `begin`.
 *
 * @internal
 */
export function lineTooLong(what: string, limit: number, begin: string): LineTooLong {
  return new LineTooLong(`Cannot accept a ${what} of more than ${limit} bytes: ${quote(begin, 40)}`, {
    what,
    limit,
  });
}

/** More field lines than the limit, in a head or a trailer section. */
export class TooManyHeaders extends (HTTPException as Taking<{ limit: number }>) {
  static override readonly code: string = /* @__PURE__ */ brand(() => this, 'TooManyHeaders');
  declare readonly code: 'HTTP_TOO_MANY_HEADERS';
  /** The maximum number of field lines. */
  declare readonly limit: number;
}

/** A received field line, or a field value that determines the framing, is invalid and cannot be trusted. */
export class InvalidHeader extends (HTTPException as Taking<{ line: string }>) {
  static override readonly code: string = /* @__PURE__ */ brand(() => this, 'InvalidHeader');
  declare readonly code: 'HTTP_INVALID_HEADER';
  /** The invalid line as text (ISO-8859-1), without its line ending, truncated to 200 characters. */
  declare readonly line: string;
}

/** Malformed chunked framing (RFC 9112, section 7.1). */
export class InvalidChunk extends (HTTPException as Taking<{ line: string }>) {
  static override readonly code: string = /* @__PURE__ */ brand(() => this, 'InvalidChunk');
  declare readonly code: 'HTTP_INVALID_CHUNK';
  /**
   * The invalid line as text (ISO-8859-1), without its line ending, truncated to 200 characters. A size line is
   * rejected at the byte at fault, and ends there; usually the rest has not arrived. For data without CRLF after it,
   * the one or two bytes in place of the CRLF, trimmed.
   */
  declare readonly line: string;
}
