import {
  BadStatusLine,
  HTTPException,
  IncompleteRead,
  LineTooLong,
  quote,
  RemoteDisconnected,
} from '@http-client/errors';
import {
  HeaderBlockParser,
  parseStatusLine,
  type HTTPMessage,
  type StatusLine,
  type Tolerance,
  type Violation,
} from '@http-client/headers';
import { decodeLatin1 } from '@http-client/io';

import type { Input } from './input.js';
import type { WireTap } from './wire-tap.js';

/** The longest line of a head, its end counted, as in the reference. */
const MAX_LINE = 65_536;

const LF = 0x0a;

/** The head of a response: the start line and the header fields. */
export interface ResponseHead extends StatusLine {
  /** The status line as it came, with its line end. */
  readonly line: string;
  readonly headers: HTTPMessage;
}

type StartLine = Omit<ResponseHead, 'headers'>;

/** What bounds a response's head, and how it is judged. */
export interface HeadRules {
  readonly strict: boolean;
  readonly tolerate: readonly Tolerance[];
  readonly maxResponseHeaders: number;
  readonly maxInterimResponses: number;
}

/**
 * Reads the heads of responses, interim ones first; no I/O. One reader serves a connection for life: `next` is asked
 * again when more bytes have come, and goes on where it stood.
 */
export class HeadReader {
  readonly #rules: HeadRules;
  readonly #parser: HeaderBlockParser;
  /** Offsets from the input's start, which is the head's first byte. */
  #scanned = 0;
  #fields = 0;
  #start: StartLine | undefined;
  /** The last one that was read: a server says the same again and again. */
  #last: StartLine | undefined;
  #interim: ResponseHead[] = [];
  #interimLength = 0;
  #violations: Violation[] = [];

  constructor(rules: HeadRules) {
    this.#rules = rules;
    this.#parser = new HeaderBlockParser({
      strict: rules.strict,
      tolerate: rules.tolerate,
      maxHeaders: rules.maxResponseHeaders,
      maxLineLength: MAX_LINE,
    });
  }

  /** What is tolerated in the heads since `reset`, with offsets in the stream. */
  get violations(): Violation[] {
    return this.#violations;
  }

  /** The interim responses that came before the final one. */
  get interim(): ResponseHead[] {
    return this.#interim;
  }

  /** A new response begins. */
  reset(): void {
    this.#nextHead();
    this.#interim = [];
    this.#interimLength = 0;
    this.#violations = [];
  }

  /**
   * The next head, taken from the input; undefined while it has not come. A head whose `status` is interim (1xx but
   * 101) has been added to `interim`, and another one follows.
   */
  next(input: Input, tap?: WireTap): ResponseHead | undefined {
    this.#start ??= this.#startLine(input);
    if (this.#start === undefined) return undefined;
    const start = input.start + this.#fields;
    let headers: HTTPMessage;
    let end = this.#parser.scan(input.bytes, start, input.end);
    if (end >= 0) {
      headers = this.#parser.finish(input.bytes, start);
    } else if (input.ended) {
      // In strict this throws; the reference takes the end of the stream for the end of the head.
      headers = this.#atEnd(input, start);
      end = input.end;
    } else {
      return undefined;
    }
    const { line, version, status, reason } = this.#start;
    const head = { line, version, status, reason, headers };
    for (const { rule, offset, detail } of this.#parser.violations) {
      this.#violations.push({ rule, detail, offset: input.position + this.#fields + offset });
    }
    tap?.receivedHead(input.bytes, input.start, end);
    const length = end - input.start;
    input.consume(length);
    this.#nextHead();
    if (this.isInterim(head.status)) this.#keep(head, length);
    return head;
  }

  /** Whether another head follows: 1xx but 101; the reference knows 100 alone. */
  isInterim(status: number): boolean {
    return this.#rules.strict ? status < 200 && status !== 101 : status === 100;
  }

  #nextHead(): void {
    this.#scanned = 0;
    this.#start = undefined;
    this.#parser.reset();
  }

  /** All of them are kept until the final one: their number is bounded, and what they hold together as one head is. */
  #keep(head: ResponseHead, length: number): void {
    const limit = this.#rules.maxInterimResponses;
    if (this.#interim.length >= limit) {
      throw new HTTPException(
        `Cannot read the response: more than ${limit} interim responses came first (maxInterimResponses)`,
      );
    }
    const most = (this.#rules.maxResponseHeaders + 1) * MAX_LINE;
    this.#interimLength += length;
    if (this.#interimLength > most) {
      throw new HTTPException(
        `Cannot read the response: the interim responses before it are longer than ${most} bytes, the most that one head can have`,
      );
    }
    this.#interim.push(head);
  }

  /** The status line, once all of it is here. */
  #startLine(input: Input): StartLine | undefined {
    const { bytes, start } = input;
    // No further than the longest line: what is behind it is not looked for again at each block.
    const stop = Math.min(input.end, start + MAX_LINE);
    let lf = start + this.#scanned;
    while (lf < stop && bytes[lf] !== LF) lf++;
    if (lf === stop) {
      this.#scanned = input.length;
      if (input.length >= MAX_LINE) {
        throw new LineTooLong(`Cannot read the response: its status line is longer than ${MAX_LINE} bytes`, {
          what: 'status line',
          limit: MAX_LINE,
        });
      }
      if (!input.ended) return undefined;
      this.#endOfStream(input);
      lf = input.end;
    }
    const end = Math.min(lf + 1, input.end);
    const line = decodeLatin1(bytes, start, end);
    this.#fields = end - start;
    if (line === this.#last?.line) return this.#last;
    this.#last = { line, ...parseStatusLine(line.replace(/\r?\n$/, ''), this.#rules.strict) };
    return this.#last;
  }

  /** The stream ended inside the status line. Returns where the reference takes that for the line's end. */
  #endOfStream(input: Input): void {
    const { failure, length } = input;
    // A FIN, and then a reset since the request met a socket that was closed: the system says EPIPE. The peer closed.
    const closed = length === 0 && (failure === undefined || ('code' in failure && failure.code === 'EPIPE'));
    if (closed) {
      throw new RemoteDisconnected(
        `Cannot read the response: the peer closed the connection ${this.#interim.length > 0 ? 'after an interim response' : 'before one byte of it'}`,
        { cause: failure },
      );
    }
    if (failure !== undefined) throw failure;
    if (!this.#rules.strict) return;
    const line = decodeLatin1(input.bytes, input.start, input.end);
    if (!'HTTP/1.'.startsWith(line.slice(0, 7))) {
      throw new BadStatusLine(
        `Cannot read the response: ${quote(line)} is no status line, and the stream ends with it`,
        { line: line.slice(0, 200) },
      );
    }
    throw this.#incomplete(input);
  }

  #atEnd(input: Input, start: number): HTTPMessage {
    if (input.failure !== undefined) throw input.failure;
    if (this.#rules.strict) throw this.#incomplete(input);
    return this.#parser.finishAtEnd(input.bytes, start, input.end);
  }

  #incomplete(input: Input): IncompleteRead {
    return new IncompleteRead('Cannot read the response: the stream ended inside its head', {
      partial: new Uint8Array(input.bytes.subarray(input.start, input.end)),
    });
  }
}
