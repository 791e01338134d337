import {
  cannotUse,
  checkInteger,
  checkObject,
  InvalidHeader,
  quote,
  UnknownTransferEncoding,
} from '@http-client/errors';
import { checkTolerances, type HTTPMessage, type Tolerance, type Violation } from '@http-client/headers';

import { checkPersistence, listElements, staysOpen } from './persistence.js';
import { readInteger } from './read-integer.js';

/** Where a response's body ends, and whether the connection ends with it. */
export type Framing = FramingKind & {
  /** Whether the connection is closed after this response. */
  readonly willClose: boolean;
  /** What was tolerated; the offset is added by the caller, who knows the position of the head in the stream. */
  readonly violations: readonly FramingViolation[];
};

/** No body, one up to the end of the stream, a chunked one, or one with a length. */
export type FramingKind =
  { readonly kind: 'none' | 'close' | 'chunked' } | { readonly kind: 'length'; readonly length: number };

/** A rule of RFC 9112 that a head broke, and that was tolerated. */
export type FramingViolation = Omit<Violation, 'offset'>;

/** Everything that determines the framing of a response. */
export interface FramingInput {
  /** The method of the request, in its own case: methods are case-sensitive. */
  readonly method: string;
  /** The status of the response, 100 to 999. */
  readonly status: number;
  /** The version of the response: 10 for HTTP/1.0, 11 for HTTP/1.1. */
  readonly version: 10 | 11;
  /** The header fields of the response. */
  readonly headers: HTTPMessage;
  /** Whether to validate against RFC 9112 (the default), or to frame as the reference does. */
  readonly strict?: boolean | undefined;
  /** Rules of strict mode that are relaxed; none by default. */
  readonly tolerate?: readonly Tolerance[] | undefined;
}

/**
 * Determines how the body of a response is framed (RFC 9112, section 6.3).
 *
 * @throws InvalidHeader for a Content-Length that cannot be trusted.
 * @throws UnknownTransferEncoding for anything but a single `chunked`.
 * @throws TypeError or RangeError for an invalid argument.
 */
export function responseFraming(input: FramingInput): Framing {
  checkObject(input, 'a head', 'method, status, version and headers');
  const { method, status, version, headers, strict, tolerate } = input;
  if (typeof method !== 'string') throw cannotUse(method, 'method', 'expected a string');
  // As text it would be none of those without a body.
  checkInteger(status, 'status', 100, 999);
  checkPersistence(version, headers, strict);
  checkTolerances(tolerate);
  return framingOf(input);
}

/**
 * The same for a head that has been parsed here, whose parts need not be validated. The numbers are those of the list in
 * RFC 9112, section 6.3.
 *
 * @internal
 */
export function framingOf(input: FramingInput): Framing {
  const { method, status, version, headers, strict = true } = input;
  // HTTP/1.0 has no transfer codings: an intermediary may not have understood this one, so in strict mode the
  // connection is not reused, even if there is no body (RFC 9112, section 6.1).
  const isFaulty = strict && version === 10 && headers.has('Transfer-Encoding');
  const closes = isFaulty || !staysOpen(version, headers, strict);
  const violations: FramingViolation[] = [];

  // 1. A response to HEAD, a 1xx, a 204 and a 304 end with their head, whatever their fields say.
  // 2. So does a 2xx to CONNECT: what follows it is a tunnel.
  if (
    method === 'HEAD' ||
    status < 200 ||
    status === 204 ||
    status === 304 ||
    (method === 'CONNECT' && status < 300)
  ) {
    return { kind: 'none', willClose: closes, violations };
  }

  const coding = transferCoding(input, violations);

  // 3. Transfer-Encoding together with Content-Length: the coding takes precedence. An intermediary may have used the
  //    length, so what follows on the connection may be an attacker's (request smuggling, response splitting): in
  //    strict mode the connection is not reused.
  if (coding !== undefined && headers.has('Content-Length')) {
    violations.push({
      rule: 'content-length-with-transfer-encoding',
      detail: `Content-Length ${quote(headers.get('Content-Length')!)} stands beside a Transfer-Encoding`,
    });
  }

  // 4. Chunked, as the last and here the only coding.
  if (coding === 'chunked') {
    return { kind: 'chunked', willClose: closes || (strict && violations.length > 0), violations };
  }

  // 5. An invalid Content-Length is rejected, or parsed as by the reference.
  // 6. A valid one is the number of bytes.
  const length = strict ? strictLength(input, violations) : referenceLength(headers.get('Content-Length'));
  if (length !== undefined) {
    return { kind: 'length', length, willClose: closes || violations.length > 0, violations };
  }

  // 7. is about requests.
  // 8. Up to the end of the stream.
  return { kind: 'close', willClose: true, violations };
}

/** The transfer coding of the body, if it has one: `chunked`, or another that is tolerated. */
function transferCoding(
  input: FramingInput,
  violations: FramingViolation[],
): 'chunked' | 'unknown' | undefined {
  const fields = input.headers.getAll('Transfer-Encoding');
  // The reference checks the first field alone, and ignores anything but `chunked`.
  const first = fields[0]?.toLowerCase() === 'chunked' ? 'chunked' : undefined;
  if (input.strict === false || fields.length === 0 || (fields.length === 1 && first !== undefined))
    return first;
  const codings = listElements(fields).join(', ');
  if (codings.toLowerCase() === 'chunked') return 'chunked';
  const detail = `the transfer coding ${quote(codings)} is not one "chunked" (RFC 9112, section 6.1)`;
  if (tolerates(input, 'unknown-transfer-coding', detail, violations)) return first ?? 'unknown';
  throw new UnknownTransferEncoding(`Cannot decode the response body: ${detail}`);
}

/** Lists a violation, and returns whether its rule is tolerated. */
function tolerates(
  { tolerate = [] }: FramingInput,
  rule: Tolerance,
  detail: string,
  violations: FramingViolation[],
): boolean {
  violations.push({ rule, detail });
  return tolerate.includes(rule);
}

function strictLength(input: FramingInput, violations: FramingViolation[]): number | undefined {
  const values = input.headers.getAll('Content-Length');
  // Nearly always there is one, and it is valid.
  if (values.length === 1) {
    const length = decimal(values[0]!);
    if (length !== undefined) return length;
  }
  const elements = listElements(values);
  const [first] = elements;
  if (first === undefined) return undefined;

  const refuse = (rule: Tolerance, why: string): void => {
    const value = values.join(', ');
    const detail = `Content-Length ${quote(value)} ${why} (RFC 9110, section 8.6)`;
    if (tolerates(input, rule, detail, violations)) return;
    const line = `Content-Length: ${value}`.slice(0, MAX_LINE_SHOWN);
    throw new InvalidHeader(`Cannot tell where the response ends: ${detail}`, { line });
  };
  const valid = elements.filter((element) => decimal(element) !== undefined);
  if (valid.length < elements.length) refuse('invalid-content-length', 'is not a number from 0 to 2^53-1');
  // Equal values may have been joined by a proxy. If they differ, even if only in a leading zero, someone counted
  // differently.
  if (valid.some((element) => element !== valid[0]))
    refuse('conflicting-content-length', 'names several lengths');
  return decimal(first) ?? referenceLength(first);
}

/**
 * The number that digits represent, if it can be counted down exactly. Digit by digit, at half the cost of a regular
 * expression. A number that is too large is rounded on the way, but never to less than 2^53.
 */
function decimal(digits: string): number | undefined {
  if (digits === '') return undefined;
  let number = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = digits.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  return number <= Number.MAX_SAFE_INTEGER ? number : undefined;
}

/**
 * The first Content-Length as the reference parses it, `undefined` if it ignores it. A length that no stream can reach
 * is capped, so that it can be counted down.
 */
function referenceLength(value = ''): number | undefined {
  const length = readInteger(value, 10);
  return length === undefined || length < 0 ? undefined : Math.min(length, Number.MAX_SAFE_INTEGER);
}

/** An invalid line is truncated to this many characters in an error. */
const MAX_LINE_SHOWN = 200;
