import { InvalidHeader, UnknownTransferEncoding, quote } from '@http-client/errors';
import type { HTTPMessage, Tolerance, Violation } from '@http-client/headers';

import { listElements, persists } from './persistence.js';
import { readInteger } from './read-integer.js';

/** Where a response's body ends, and whether the connection ends with it. */
export type Framing = FramingKind & {
  /** Whether the connection is closed after this response. */
  readonly willClose: boolean;
  /** What was tolerated; who knows the head's place in the stream adds the offset. */
  readonly violations: readonly FramingViolation[];
};

/** No body at all, one up to the end of the stream, a chunked one, or one of so many bytes. */
export type FramingKind =
  { readonly kind: 'none' | 'close' | 'chunked' } | { readonly kind: 'length'; readonly length: number };

/** A rule of RFC 9112 that a head broke and that was let pass. */
export type FramingViolation = Omit<Violation, 'offset'>;

/** All that decides how a response is framed. */
export interface FramingInput {
  /** Of the request, in its own case: methods are case-sensitive. */
  readonly method: string;
  /** Of the response, 100 to 999. */
  readonly status: number;
  /** Of the response: 10 for HTTP/1.0, 11 for HTTP/1.1. */
  readonly version: 10 | 11;
  /** Of the response. */
  readonly headers: HTTPMessage;
  /** Off: framed as the reference does. */
  readonly strict: boolean;
  /** Rules of the strict reading that are let pass. */
  readonly tolerate?: readonly Tolerance[] | undefined;
}

/**
 * How the body of a response is framed; the numbers are those of the list in RFC 9112, section 6.3.
 *
 * @throws InvalidHeader for a Content-Length that cannot be trusted.
 * @throws UnknownTransferEncoding for anything but one `chunked`.
 */
export function responseFraming(input: FramingInput): Framing {
  const { method, status, version, headers, strict } = input;
  const closes = !persists(version, headers, strict);
  const violations: FramingViolation[] = [];

  // 1. The answer to HEAD, and 1xx, 204 and 304, end with their head, whatever their fields say.
  // 2. So does a 2xx to CONNECT: behind it is a tunnel.
  if (
    method === 'HEAD' ||
    status < 200 ||
    status === 204 ||
    status === 304 ||
    (method === 'CONNECT' && status < 300)
  ) {
    return { kind: 'none', willClose: closes, violations };
  }

  // The reference looks at the first field alone, and takes what is not exactly `chunked` for no coding.
  const fields = headers.getAll('Transfer-Encoding');
  let chunked = fields[0]?.toLowerCase() === 'chunked';
  const coded = strict ? fields.length > 0 : chunked;
  // Nearly always there is one, and it is in order.
  if (strict && coded && !(chunked && fields.length === 1)) {
    const codings = listElements(headers, 'Transfer-Encoding').join(', ');
    if (codings.toLowerCase() === 'chunked') {
      chunked = true;
    } else {
      const detail = `the transfer coding ${quote(codings)} is not one "chunked" (RFC 9112, section 6.1)`;
      if (!tolerates(input, 'unknown-transfer-coding', detail, violations)) {
        throw new UnknownTransferEncoding(`Cannot decode the response body: ${detail}`);
      }
    }
  }

  // 3. Transfer-Encoding beside Content-Length: the coding counts. An intermediary may have counted the other, so what
  //    follows on the connection may be an attacker's (request smuggling, response splitting): it is not used again.
  if (coded && headers.has('Content-Length')) {
    violations.push({
      rule: 'content-length-with-transfer-encoding',
      detail: `Content-Length ${quote(headers.get('Content-Length', ''))} stands beside a Transfer-Encoding`,
    });
  }

  // 4. Chunked, as the last and for us the only coding. On HTTP/1.0, which has no codings, it is decoded, but what
  //    forwarded it did perhaps not understand it (RFC 9112, section 6.1).
  if (chunked) {
    const willClose = closes || (strict && (version === 10 || violations.length > 0));
    return { kind: 'chunked', willClose, violations };
  }

  // 5. A Content-Length that is not valid: refused, or read as the reference reads it.
  // 6. A valid one is the number of bytes.
  const length = strict ? strictLength(input, violations) : referenceLength(headers.get('Content-Length'));
  if (length !== undefined) {
    return { kind: 'length', length, willClose: closes || (strict && violations.length > 0), violations };
  }

  // 7. is about requests.
  // 8. Up to the end of the stream.
  return { kind: 'close', willClose: true, violations };
}

/** Whether a broken rule is let pass; it is listed then. */
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
  // Nearly always there is one, and it is in order.
  if (values.length === 1) {
    const length = decimal(values[0]!);
    if (length !== undefined) return length;
  }
  const elements = listElements(input.headers, 'Content-Length');
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
  if (valid.length < elements.length) refuse('invalid-content-length', 'is not a number of bytes');
  // A proxy that joined equal fields is fine. Different ones, if only in a zero before: somebody counted otherwise.
  if (valid.some((element) => element !== valid[0]))
    refuse('conflicting-content-length', 'names several lengths');
  return decimal(first) ?? referenceLength(first);
}

/**
 * The number that digits are, where it can be counted down; digit by digit, for half of what a pattern costs. What is
 * too large is rounded on the way, and never to less than 2^53.
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
 * The first Content-Length as the reference reads it, `undefined` where it ignores it. What no stream can reach is
 * bounded, so that a length stays a number that can be counted down.
 */
function referenceLength(value = ''): number | undefined {
  const length = readInteger(value, 10);
  return length === undefined || length < 0 ? undefined : Math.min(length, Number.MAX_SAFE_INTEGER);
}

/** As much of a line at fault as an error carries. */
const MAX_LINE_SHOWN = 200;
