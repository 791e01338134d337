import {
  checkInteger,
  checkType,
  HTTPException,
  IncompleteRead,
  lineTooLong,
  RemoteDisconnected,
} from '@http-client/errors';
import { decodeLatin1, encodeLatin1, type Input } from '@http-client/io';

import { HeaderBlockParser } from './block-parser.js';
import { LF } from './grammar.js';
import type { HTTPMessage } from './message.js';
import { badStatusLine, parseStatusLine, type StatusLine } from './status-line.js';
import { checkTolerances, type Tolerance, type Violation } from './tolerance.js';

/** The maximum length of a line of a head, including its line ending, as in the reference. */
const MAX_LINE = 65_536;

/** Both lists, for nearly every response; frozen, since all of them share it. */
const NONE: readonly never[] = /* @__PURE__ */ Object.freeze([]);

/**
 * The head of a response: the start line and the header fields.
 *
 * @internal
 */
export interface ResponseHead extends StatusLine {
  /** The status line as received, with its line ending. */
  readonly line: string;
  /** The header fields. */
  readonly headers: HTTPMessage;
}

type StartLine = Omit<ResponseHead, 'headers'>;

/**
 * How the head of a response is limited and validated.
 *
 * @internal
 */
export interface HeadRules {
  /** Whether to validate against RFC 9110 and 9112, or to be as lenient as the reference. */
  readonly strict: boolean;
  /** The rules of strict mode that are relaxed. */
  readonly tolerate: readonly Tolerance[];
  /** The maximum number of field lines in one head. */
  readonly maxResponseHeaders: number;
  /** The maximum number of interim responses before the final one. */
  readonly maxInterimResponses: number;
}

/**
 * The rules that a caller passed, with the defaults filled in. The default numbers are those of the reference.
 *
 * @throws RangeError for a number out of range, TypeError for a value of another type or an unknown rule.
 * @internal
 */
export function checkHeadRules(rules: {
  readonly [Rule in keyof HeadRules]?: HeadRules[Rule] | undefined;
}): HeadRules {
  const { strict = true, maxResponseHeaders = 100, maxInterimResponses = 100 } = rules;
  // Otherwise some of the rules would take a null for false, and others not.
  checkType(strict, 'strict', 'boolean');
  const tolerate = checkTolerances(rules.tolerate);
  checkInteger(maxResponseHeaders, 'maxResponseHeaders', 0);
  checkInteger(maxInterimResponses, 'maxInterimResponses', 0);
  return { strict, tolerate, maxResponseHeaders, maxInterimResponses };
}

/**
 * An observer of the bytes of each head.
 *
 * @internal
 */
export interface HeadTap {
  /** Called with each complete head, `bytes[start, end)`; the bytes are only valid during the call. */
  receivedHead(bytes: Uint8Array, start: number, end: number): void;
}

/**
 * Parses the heads of responses, interim ones first, without I/O. One reader serves a connection for its lifetime: when
 * more bytes have arrived, `next` is called again, and continues where it stopped.
 *
 * @internal
 */
export class HeadReader {
  /** The interim responses received before the final one. */
  interim: readonly ResponseHead[] = NONE;
  /** What was tolerated in the heads since `reset`, with offsets in the stream. */
  violations: readonly Violation[] = NONE;
  readonly #rules: HeadRules;
  readonly #parser: HeaderBlockParser;
  /** Offsets from the input's start, which is the head's first byte. */
  #scanned = 0;
  #fields = 0;
  #start: StartLine | undefined;
  /** The last one that was complete, and its bytes: a server sends the same one again and again. */
  #last: { readonly line: StartLine; readonly bytes: Uint8Array } | undefined;
  #interimLength = 0;

  /** By default, another head follows a 1xx status other than 101. */
  constructor(
    rules: HeadRules,
    /** Whether another head follows one with this status. */
    readonly isInterim = (status: number): boolean => status < 200 && status !== 101,
  ) {
    this.#rules = rules;
    const { strict, tolerate, maxResponseHeaders } = rules;
    this.#parser = new HeaderBlockParser({ strict, tolerate, maxHeaders: maxResponseHeaders });
  }

  /** Prepares for the next response. */
  reset(): void {
    this.#nextHead();
    this.interim = NONE;
    this.violations = NONE;
    this.#interimLength = 0;
  }

  /**
   * Takes the next head from the input; undefined if it has not arrived. A head whose `status` is interim has also been
   * added to `interim`, and another one follows.
   */
  next(input: Input, tap?: HeadTap): ResponseHead | undefined {
    this.#start ??= this.#startLine(input);
    if (this.#start === undefined) return undefined;
    const start = input.start + this.#fields;
    let end = this.#parser.scan(input.bytes, start, input.end);
    let headers: HTTPMessage;
    if (end >= 0) {
      headers = this.#parser.finish(input.bytes, start);
    } else if (input.ended) {
      this.#checkEnd(input);
      end = input.end;
      headers = this.#parser.finishAtEnd(input.bytes, start, end);
    } else {
      return undefined;
    }
    const { line, version, status, reason } = this.#start;
    const head = { line, version, status, reason, headers };
    if (this.#parser.violations.length > 0) {
      const offset = input.position + this.#fields;
      const found = this.#parser.violations.map((violation) => ({
        ...violation,
        offset: offset + violation.offset,
      }));
      this.violations = extended(this.violations, found);
    }
    tap?.receivedHead(input.bytes, input.start, end);
    const length = end - input.start;
    input.consume(length);
    this.#nextHead();
    if (this.isInterim(head.status)) this.#keep(head, length);
    return head;
  }

  #nextHead(): void {
    this.#scanned = 0;
    this.#start = undefined;
    this.#parser.reset();
  }

  /** All of them are kept until the final one: their number is limited, and their total size to that of one head. */
  #keep(head: ResponseHead, length: number): void {
    const limit = this.#rules.maxInterimResponses;
    this.interim = extended(this.interim, [head]);
    if (this.interim.length > limit) {
      throw new HTTPException(
        `Cannot read the response: more than ${limit} interim responses came first (maxInterimResponses)`,
      );
    }
    const most = (this.#rules.maxResponseHeaders + 1) * MAX_LINE;
    this.#interimLength += length;
    if (this.#interimLength > most) {
      throw new HTTPException(
        `Cannot read the response: the interim responses before it are longer than ${most} bytes, as one head may be`,
      );
    }
  }

  /** The status line, once it is complete. */
  #startLine(input: Input): StartLine | undefined {
    const last = this.#last;
    const { bytes, start } = input;
    if (last !== undefined && input.length >= last.bytes.length && isAt(last.bytes, bytes, start)) {
      this.#fields = last.bytes.length;
      return last.line;
    }
    // No further than the longest line, so that the bytes after it are not searched again with each block.
    const stop = Math.min(input.end, start + MAX_LINE);
    let lf = start + this.#scanned;
    while (lf < stop && bytes[lf] !== LF) lf++;
    if (lf === stop) {
      this.#scanned = input.length;
      if (input.length >= MAX_LINE)
        throw lineTooLong('status line', MAX_LINE, decodeLatin1(bytes, start, stop));
      if (!input.ended) return undefined;
      this.#checkEnd(input);
    }
    const end = Math.min(lf + 1, input.end);
    this.#fields = end - start;
    const text = decodeLatin1(bytes, start, end);
    const line = { line: text, ...parseStatusLine(text.replace(/\r?\n$/, ''), this.#rules.strict) };
    if (end > lf) this.#last = { line, bytes: encodeLatin1(text) };
    return line;
  }

  /** Handles the end of the stream within the head. Returns if the reference takes that for the end of the head. */
  #checkEnd(input: Input): void {
    const { failure, length } = input;
    // EPIPE is what the system reports if a FIN was followed by a reset, because the request reached a closed socket.
    // So the peer has closed.
    if (length === 0 && (failure === undefined || ('code' in failure && failure.code === 'EPIPE'))) {
      const when = this.interim.length > 0 ? 'after an interim response' : 'before one byte of it';
      throw new RemoteDisconnected(`Cannot read the response: the peer closed the connection ${when}`, {
        cause: failure,
      });
    }
    if (failure !== undefined) throw failure;
    if (!this.#rules.strict) return;
    const line = decodeLatin1(input.bytes, input.start, input.end);
    if (!'HTTP/1.'.startsWith(line.slice(0, 7))) throw badStatusLine(line);
    throw new IncompleteRead('Cannot read the response: the stream ended inside its head', {
      partial: new Uint8Array(input.bytes.subarray(input.start, input.end)),
    });
  }
}

/** Appends to a list. In place: a copy for each head would be unbounded work if the limits are raised. */
function extended<T>(list: readonly T[], more: readonly T[]): readonly T[] {
  const own = list === NONE ? [] : (list as T[]);
  for (const item of more) own.push(item);
  return own;
}

/** Whether `bytes` contains `expected` at `start`. */
function isAt(expected: Uint8Array, bytes: Uint8Array, start: number): boolean {
  let at = 0;
  while (at < expected.length && expected[at] === bytes[start + at]) at++;
  return at === expected.length;
}
