import { BadStatusLine, quote, UnknownProtocol } from '@http-client/errors';

/** What a status line says. HTTP/1.2 and above count as 1.1 (RFC 9110, section 2.5: the highest minor that is known). */
export interface StatusLine {
  readonly version: 10 | 11;
  readonly status: number;
  readonly reason: string;
}

/** A line in an error is cut to this many characters. */
const SHOWN = 200;

// HTTP-version SP status-code, and what may follow (RFC 9112, section 4):
//   status-line   = HTTP-version SP status-code SP [ reason-phrase ]
//   HTTP-version  = %s"HTTP" "/" DIGIT "." DIGIT
//   reason-phrase = 1*( HTAB / SP / VCHAR / obs-text )
// Two deviations, both known from servers in use and harmless: the second SP may be absent together with the reason.
const STRICT = /^HTTP\/1\.([0-9]) ([1-9][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
const OTHER_VERSION = /^HTTP\/([0-9]+(?:\.[0-9]+)?) [1-9][0-9]{2}(?: |$)/;

/** The blanks that Python's `str.split` and `str.strip` go by, among ISO-8859-1. */
const BLANKS = '[\\t-\\r\\x1c-\\x20\\x85\\xa0]';
const LENIENT = new RegExp(
  `^${BLANKS}*(HTTP/[^\\t-\\r\\x1c-\\x20\\x85\\xa0]*)${BLANKS}+([1-9][0-9]{2})(?:${BLANKS}+([^]*))?$`,
);
const TRAILING = new RegExp(`${BLANKS}+$`);

/**
 * Reads a status line, given without its line end.
 *
 * @throws BadStatusLine where it is none; UnknownProtocol where it is that of another version of HTTP.
 */
export function parseStatusLine(line: string, strict: boolean): StatusLine {
  return strict ? parseStrict(line) : parseLenient(line);
}

function parseStrict(line: string): StatusLine {
  const match = STRICT.exec(line);
  if (match === null) {
    const other = OTHER_VERSION.exec(line);
    if (other !== null && !other[1]!.startsWith('1.')) throw unknownProtocol(`HTTP/${other[1]!}`);
    throw badStatusLine(line);
  }
  return { version: match[1] === '0' ? 10 : 11, status: Number(match[2]), reason: match[3] ?? '' };
}

/** As the reference splits it: by any white space, with any minor version, HTTP/0.9 taken for 1.0. */
function parseLenient(line: string): StatusLine {
  const match = LENIENT.exec(line.replace(TRAILING, ''));
  if (match === null) throw badStatusLine(line);
  const version = match[1]!;
  const status = Number(match[2]);
  const reason = match[3] ?? '';
  if (version === 'HTTP/1.0' || version === 'HTTP/0.9') return { version: 10, status, reason };
  if (version.startsWith('HTTP/1.')) return { version: 11, status, reason };
  throw unknownProtocol(version);
}

function badStatusLine(line: string): BadStatusLine {
  return new BadStatusLine(
    `Cannot read the response: ${quote(line)} is no status line (expected "HTTP/1.1 200 OK"; RFC 9112, section 4)`,
    { line: line.slice(0, SHOWN) },
  );
}

function unknownProtocol(version: string): UnknownProtocol {
  return new UnknownProtocol(
    `Cannot read the response: it is ${quote(version)}, and this client speaks HTTP/1.1 and 1.0`,
    { version },
  );
}
