import { BadStatusLine, checkType, quote, UnknownProtocol } from '@http-client/errors';

import { checkText, trimWhitespace } from './grammar.js';
import { quoteAt } from './line-rules.js';

/** The parts of a status line. HTTP/1.2 and higher count as 1.1, the highest known minor (RFC 9110, section 2.5). */
export interface StatusLine {
  /** 10 for HTTP/1.0, 11 for HTTP/1.1. */
  readonly version: 10 | 11;
  /** The status code, 100 to 999. */
  readonly status: number;
  /** The reason phrase, `''` if there is none. */
  readonly reason: string;
}

/** A line in an error is truncated to this many characters. */
const SHOWN = 200;

// HTTP-version SP status-code, and what may follow (RFC 9112, section 4):
//   status-line   = HTTP-version SP status-code SP [ reason-phrase ]
//   HTTP-version  = %s"HTTP" "/" DIGIT "." DIGIT
//   reason-phrase = 1*( HTAB / SP / VCHAR / obs-text )
// One deviation, which is harmless and occurs in practice: the second SP may be absent together with the reason.
const STRICT = /^HTTP\/1\.(\d) ([1-9]\d\d)(?: ([\t -~\x80-\xff]*))?$/;
const OTHER_VERSION = /^(HTTP\/(?!1\.)\d+(?:\.\d+)?) [1-9]\d\d(?: |$)/;

/**
 * Parses a status line, passed without its line ending, strictly or as the reference does.
 *
 * @throws BadStatusLine if it is not one; UnknownProtocol if it is that of another version of HTTP. TypeError for a line
 * that is not a string, and a `strict` that is not a boolean.
 */
export function parseStatusLine(line: string, strict = true): StatusLine {
  checkText(line, 'a status line');
  checkType(strict, 'strict', 'boolean');
  return strict ? parseStrict(line) : parseLenient(line);
}

function parseStrict(line: string): StatusLine {
  const match = STRICT.exec(line);
  if (match === null) {
    const other = OTHER_VERSION.exec(line);
    throw other === null ? badStatusLine(line) : unknownProtocol(other[1]!);
  }
  return {
    version: match[1] === '0' ? 10 : 11,
    status: Number(match[2]),
    reason: trimWhitespace(match[3] ?? ''),
  };
}

/** What is whitespace to Python's `str.split` in ISO-8859-1, but not to JavaScript. */
const MORE_WHITESPACE = '[\x1c-\x1f\x85]';

/** As the reference splits it: at any whitespace, with any minor version, HTTP/0.9 counting as 1.0. */
function parseLenient(line: string): StatusLine {
  const plain = line.replace(new RegExp(MORE_WHITESPACE, 'g'), ' ').trimEnd();
  const [before, version = '', code = ''] = /^\s*(\S*)\s*(\S*)\s*/.exec(plain)!;
  const reason = line.slice(before.length, plain.length);
  // Without a reason, the reference parses the code with all the whitespace after it, and its `int` does not strip that
  // from U+001C to U+001F.
  const isSeparated = reason === '' && /[^\t-\r -\xff]/.test(line.slice(plain.length));
  if (isSeparated || !version.startsWith('HTTP/') || !/^[1-9]\d\d$/.test(code)) throw badStatusLine(line);
  const isOld = version === 'HTTP/1.0' || version === 'HTTP/0.9';
  if (!isOld && !version.startsWith('HTTP/1.')) throw unknownProtocol(version);
  return { version: isOld ? 10 : 11, status: Number(code), reason };
}

export function badStatusLine(line: string): BadStatusLine {
  const control = line.search(/[^\t -~\x80-\xff]/);
  return new BadStatusLine(
    `Cannot read the response: ${quoteAt(line, control)} is not a status line${whyNot(line, control)} (expected "HTTP/1.1 200 OK"; RFC 9112, section 4)`,
    { line: line.slice(0, SHOWN) },
  );
}

/** What else arrives in place of a status line, and what is hard to see in one that looks valid. */
function whyNot(line: string, control: number): string {
  // A record with an alert or a handshake (RFC 8446, section 5.1).
  if (line[1] === '\x03' && (line[0] === '\x15' || line[0] === '\x16')) return `: it is TLS${SPOKEN}`;
  // A SETTINGS frame, the first that either side sends (RFC 9113, section 3.4).
  if (line.startsWith('\0\0') && line.startsWith('\x04\0\0\0\0\0', 3)) return `: it is HTTP/2${SPOKEN}`;
  if (/^HTTP\/1\.\d (?! |[1-9]\d\d\b)/.test(line)) return ': its code is not three digits from 100 to 999';
  return control < 0 ? '' : ': it has a control character';
}

const SPOKEN = ', which the peer speaks on this port';

function unknownProtocol(version: string): UnknownProtocol {
  return new UnknownProtocol(
    `Cannot read the response: it is ${quote(version)}, and this client speaks HTTP/1.1 and 1.0`,
    { version },
  );
}
