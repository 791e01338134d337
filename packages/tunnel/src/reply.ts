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
  type HTTPMessage,
  parseStatusLine,
  type StatusLine,
  type Tolerance,
} from '@http-client/headers';
import { ByteReader, decodeLatin1, encodeLatin1, ownBytes, type Transport } from '@http-client/io';

/** The longest line of a head, its end counted, as in the reference. */
const MAX_LINE = 65_536;

/** As much of a line at fault as an error carries. */
const SHOWN = 200;

/** How a proxy's replies are judged, and what bounds them. */
export interface ReplyRules {
  readonly strict: boolean;
  readonly tolerate: readonly Tolerance[];
  readonly maxResponseHeaders: number;
  readonly maxInterimResponses: number;
}

/** The head of a proxy's reply. */
export interface Reply extends StatusLine {
  readonly headers: HTTPMessage;
}

/** Who is shown each head of a reply, with the bytes that it came in. */
export type HeadListener = (line: string, headers: HTTPMessage, bytes: Uint8Array) => void;

/** Reads one reply to CONNECT. */
export class ReplyReader {
  /** What stands behind the head that was read last. */
  readonly input: ByteReader;
  readonly #rules: ReplyRules;
  readonly #shown: HeadListener;
  #began = false;

  constructor(transport: Transport, rules: ReplyRules, shown: HeadListener) {
    // No more than its `read`: a transport that can be iterated too may close itself behind an iteration.
    const read = async (): Promise<Uint8Array | null> => {
      const block = await transport.read();
      this.#began ||= block !== null;
      return block;
    };
    this.input = new ByteReader({ read });
    this.#rules = rules;
    this.#shown = shown;
  }

  /** Whether a byte of it has come. */
  get began(): boolean {
    return this.#began;
  }

  /**
   * The final reply, behind the interim ones: a 101 is no switch of protocols here, and final.
   *
   * @throws what a response's head is refused with; the system's error where the transport breaks.
   */
  async final(): Promise<Reply> {
    const { maxInterimResponses } = this.#rules;
    for (let interim = 0; interim <= maxInterimResponses; interim++) {
      const reply = await this.#next(interim > 0);
      if (reply.status >= 200 || reply.status === 101) return reply;
    }
    throw new HTTPException(
      `Cannot read the proxy's reply: more than ${maxInterimResponses} interim responses came first (maxInterimResponses)`,
    );
  }

  /** All that has come behind the reply, as an array of the caller's own. */
  takeRest(): Uint8Array {
    return ownBytes(this.input.buffered);
  }

  async #next(afterInterim: boolean): Promise<Reply> {
    const line = await this.#statusLine(afterInterim);
    const start = parseStatusLine(line.replace(/\r?\n$/, ''), this.#rules.strict);
    const { headers, block } = await this.#fields(line);
    this.#shown(line, headers, block);
    return { ...start, headers };
  }

  async #statusLine(afterInterim: boolean): Promise<string> {
    const line = decodeLatin1(await this.input.readLine(MAX_LINE));
    if (line.endsWith('\n')) return line;
    if (line.length >= MAX_LINE) {
      throw new LineTooLong(
        `Cannot read the proxy's reply: its status line is longer than ${MAX_LINE} bytes`,
        { what: 'status line', limit: MAX_LINE },
      );
    }
    if (line === '') {
      const when = afterInterim ? 'after an interim response' : 'before one byte of it';
      throw new RemoteDisconnected(`Cannot read the proxy's reply: the proxy closed the connection ${when}`);
    }
    if (!this.#rules.strict) return line;
    if (!'HTTP/1.'.startsWith(line.slice(0, 7))) {
      throw new BadStatusLine(
        `Cannot read the proxy's reply: ${quote(line)} is no status line, and the stream ends with it`,
        { line: line.slice(0, SHOWN) },
      );
    }
    throw incomplete(encodeLatin1(line));
  }

  /** The field lines behind the status line; what they came in has both. */
  async #fields(line: string): Promise<{ headers: HTTPMessage; block: Uint8Array }> {
    const { input } = this;
    const { strict, tolerate, maxResponseHeaders } = this.#rules;
    const parser = new HeaderBlockParser({
      strict,
      tolerate,
      maxHeaders: maxResponseHeaders,
      maxLineLength: MAX_LINE,
    });
    let bytes = input.buffered;
    let end = parser.scan(bytes, 0, bytes.length);
    while (end < 0 && (await input.fill())) {
      bytes = input.buffered;
      end = parser.scan(bytes, 0, bytes.length);
    }
    // The reference takes the end of the stream for the end of the head.
    if (end < 0 && strict) throw incomplete(joined(line, bytes));
    const headers = end < 0 ? parser.finishAtEnd(bytes, 0, bytes.length) : parser.finish(bytes, 0);
    if (end < 0) end = bytes.length;
    const block = joined(line, bytes.subarray(0, end));
    input.skip(end);
    return { headers, block };
  }
}

function joined(line: string, bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(line.length + bytes.length);
  whole.set(encodeLatin1(line));
  whole.set(bytes, line.length);
  return whole;
}

function incomplete(partial: Uint8Array): IncompleteRead {
  return new IncompleteRead("Cannot read the proxy's reply: the stream ended inside its head", { partial });
}
