// A client for one service, as a program keeps one for each service that it depends on: a limited number of
// connections, a deadline for each call with everything in it, safe repetition, and one report per attempt.
//
//     node examples/dist/service.js http://example.org/items?page=2 --within 2000
//
// Shorter than a general one, since it knows what it calls: bodies are in memory, and a redirect is a response.

import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import {
  HTTPConnection,
  HTTPMessage,
  HTTPSConnection,
  quote,
  type HTTPResponse,
  type RequestOptions,
} from '@http-client/client';

/** The longest body that is accepted, in bytes. */
const MAX_BODY = 16 * 1_048_576;
/** Milliseconds before the third attempt; the second follows at once. The pause then doubles. */
const PAUSE = 100;
/** The idempotent methods (RFC 9110, section 9.2.2). */
const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'];
/** Too Many Requests, Service Unavailable: the server asks for a later attempt, if it sends Retry-After. */
const LATER = [429, 503];

export interface ServiceOptions {
  /** The most connections at a time, 10 by default. Further calls wait for one, first come, first served. */
  connections?: number;
  /** The most attempts for one call, 3 by default. */
  attempts?: number;
  /** Fields of every request. */
  headers?: Readonly<Record<string, string>>;
  /** Called after each attempt, successful or not: for metrics and logs. */
  onAttempt?: (attempt: Attempt) => void;
}

export interface Call {
  body?: string | Uint8Array;
  /** Fields of this request, which replace those of every request. */
  headers?: Readonly<Record<string, string>>;
  /** Milliseconds for all of the call, including the wait for a connection, and repetitions: 10,000 by default. */
  within?: number;
  signal?: AbortSignal;
}

export interface Reply {
  readonly status: number;
  readonly headers: HTTPMessage;
  readonly body: Uint8Array;
}

export interface Attempt {
  readonly method: string;
  readonly target: string;
  /** 1 for the first. */
  readonly number: number;
  readonly milliseconds: number;
  /** What came of it: the status, or the error. */
  readonly outcome: number | Error;
}

/** To be closed when it is no longer needed: open connections keep a process running. */
export class Service {
  readonly #attempts: number;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #onAttempt: ((attempt: Attempt) => void) | undefined;
  /** All connections, in use or not; one that the server has closed opens itself again. */
  readonly #connections: HTTPConnection[];
  readonly #free: HTTPConnection[];
  /** The callers that wait for a connection. */
  readonly #waiting: ((connection: HTTPConnection) => void)[] = [];
  /** What ends each call in progress. */
  readonly #calls = new Set<AbortController>();
  #closed = false;

  /** `origin` is `http://HOST:PORT/`, or `https:`. Nothing is opened yet. */
  constructor(origin: URL, { connections = 10, attempts = 3, headers = {}, onAttempt }: ServiceOptions = {}) {
    for (const [name, value] of Object.entries({ connections, attempts })) {
      if (!Number.isSafeInteger(value) || value < 1)
        throw new RangeError(`Cannot use ${value} ${name}: expected a whole number above 0`);
    }
    this.#attempts = attempts;
    this.#headers = headers;
    this.#onAttempt = onAttempt;
    const Connection = origin.protocol === 'https:' ? HTTPSConnection : HTTPConnection;
    this.#connections = Array.from({ length: connections }, () => new Connection(origin.host));
    this.#free = [...this.#connections];
  }

  /**
   * Sends a request, and returns the response, whatever its status; `target` is `/path?query`. It is repeated if that
   * is safe, and if there is time left.
   *
   * Throws the error of the last attempt. At the deadline an Error that says so, and the reason of the signal if that
   * is aborted.
   */
  async call(method: string, target: string, options: Call = {}): Promise<Reply> {
    const { within = 10_000, signal } = options;
    // A timer treats NaN, and numbers beyond its 31 bits, as 1 ms.
    if (!(within > 0 && within < 2 ** 31)) throw new RangeError(`Cannot wait ${within} ms`);
    if (this.#closed) throw new Error('the service was closed');
    signal?.throwIfAborted();
    const end = performance.now() + within;
    const ending = new AbortController();
    const timer = setTimeout(() => {
      ending.abort(new Error(`no response to ${method} ${target} within ${within} ms`));
    }, within);
    // By hand: in Node 20 the garbage collector takes what `AbortSignal.any` made of `AbortSignal.timeout`.
    const abort = (): void => {
      ending.abort(signal?.reason);
    };
    if (signal !== undefined) {
      // One often ends all calls of a program, and Node warns of a leak from eleven listeners on.
      setMaxListeners(0, signal);
      signal.addEventListener('abort', abort);
    }
    this.#calls.add(ending);
    try {
      return await this.#repeating(method, target, options, ending.signal, end);
    } catch (error) {
      ending.signal.throwIfAborted();
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      this.#calls.delete(ending);
    }
  }

  /** Closes all connections, and rejects the calls in progress, and all further ones. */
  close(): void {
    this.#closed = true;
    for (const ending of this.#calls) ending.abort(new Error('the service was closed'));
    for (const connection of this.#connections) connection.close();
  }

  async #repeating(
    method: string,
    target: string,
    call: Call,
    signal: AbortSignal,
    end: number,
  ): Promise<Reply> {
    for (let number = 1; ; number++) {
      let wait = number === 1 ? 0 : PAUSE * 2 ** (number - 2) * (0.5 + Math.random());
      try {
        const reply = await this.#attempt(method, target, call, signal, number);
        const asked = LATER.includes(reply.status) ? waitOf(reply.headers.get('Retry-After')) : undefined;
        // If it is not safe, or the time does not suffice, the caller has more of the response than of an error.
        if (asked === undefined || number === this.#attempts || !IDEMPOTENT.includes(method)) return reply;
        wait = Math.max(wait, asked);
        if (performance.now() + wait >= end) return reply;
      } catch (error) {
        const isLast = number === this.#attempts || performance.now() + wait >= end;
        if (signal.aborted || isLast || !mayRepeat(error, method)) throw error;
      }
      // At once after the first: usually the server has just closed an idle connection. Later after a random time, so
      // that the clients of a server that comes back do not all call together.
      await pause(wait, undefined, { signal });
    }
  }

  async #attempt(
    method: string,
    target: string,
    { headers, body }: Call,
    signal: AbortSignal,
    number: number,
  ): Promise<Reply> {
    const connection = await this.#take(signal);
    const begin = performance.now();
    let response: HTTPResponse | undefined;
    // Reading takes no signal. A response without a length is not closed with its connection.
    const abort = (): void => {
      connection.close();
      response?.close();
    };
    signal.addEventListener('abort', abort);
    let outcome!: number | Error;
    try {
      signal.throwIfAborted(); // while the connection was handed over
      const fields = new HTTPMessage(this.#headers);
      for (const [name, value] of Object.entries(headers ?? {})) fields.set(name, value);
      response = await exchange(connection, method, target, { headers: fields, body });
      const content = await response.read(MAX_BODY);
      if (!response.closed && (await response.peek(1)).length > 0) {
        throw new RangeError(`the body of ${method} ${target} has more than ${MAX_BODY} bytes`);
      }
      signal.throwIfAborted(); // a method returns nothing after `close`
      outcome = response.status;
      return { status: outcome, headers: response.headers, body: content };
    } catch (error) {
      outcome = (signal.aborted ? signal.reason : error) as Error;
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
      response?.close();
      this.#giveBack(connection);
      const milliseconds = performance.now() - begin;
      this.#onAttempt?.({ method, target, number, milliseconds, outcome });
    }
  }

  #take(signal: AbortSignal): Promise<HTTPConnection> {
    signal.throwIfAborted();
    // The last one used, so that a few are kept busy: those of the others may be closed by the server.
    const free = this.#free.pop();
    if (free !== undefined) return Promise.resolve(free);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1);
        reject(signal.reason as Error);
      };
      const take = (connection: HTTPConnection): void => {
        signal.removeEventListener('abort', leave);
        resolve(connection);
      };
      signal.addEventListener('abort', leave);
      this.#waiting.push(take);
    });
  }

  #giveBack(connection: HTTPConnection): void {
    // A response that was not read to its end, or a request that was not completed, would disturb the next user.
    if (connection.state !== 'Idle' || !connection.reusable) connection.close();
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(connection);
    else next(connection);
  }
}

/** Sends a request, and returns the response: one that refuses the body may arrive before that has been sent. */
async function exchange(
  connection: HTTPConnection,
  method: string,
  target: string,
  options: RequestOptions,
): Promise<HTTPResponse> {
  const sending = connection.request(method, target, options);
  sending.catch(() => undefined); // its error counts only if there is no response
  try {
    return await connection.getResponse();
  } catch (error) {
    await sending;
    throw error;
  }
}

/** Whether a request that failed with this error may be sent again. */
export function mayRepeat(error: unknown, method: string): boolean {
  const delivery = error instanceof Error && 'delivery' in error ? error.delivery : undefined;
  // Not the error of an exchange, but of the program.
  if (delivery === undefined) return false;
  // An unsent request had no effect. Any other may have been acted on.
  return delivery === 'unsent' || IDEMPOTENT.includes(method);
}

/** A Retry-After in seconds (RFC 9110, section 10.2.3), in milliseconds; undefined for a date, and without one. */
function waitOf(value: string | undefined): number | undefined {
  return value !== undefined && /^[0-9]{1,9}$/.test(value) ? Number(value) * 1000 : undefined;
}

/** The URL from the command line; throws unless its scheme is supported. */
function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new TypeError(`Cannot use ${quote(text)} as a URL: expected http://HOST/ or https://HOST/`);
}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      method: { type: 'string', default: 'GET' },
      body: { type: 'string' },
      within: { type: 'string', default: '10000' },
    },
    allowPositionals: true,
  });
  const { method, body } = values;
  const within = Number(values.within);
  if (positionals[0] === undefined || !(within > 0 && within < 2 ** 31)) {
    console.error('usage: service URL [--method GET] [--body TEXT] [--within MILLISECONDS]');
    return 2;
  }
  const url = urlOf(positionals[0]);
  const service = new Service(url, {
    onAttempt: ({ number, milliseconds, outcome }) => {
      const what = outcome instanceof Error ? outcome.message : outcome;
      console.error(`service: attempt ${number}, ${milliseconds.toFixed(0)} ms: ${what}`);
    },
  });
  try {
    const bytes = body === undefined ? {} : { body: new TextEncoder().encode(body) };
    const reply = await service.call(method, `${url.pathname}${url.search}`, { ...bytes, within });
    console.log(`${reply.status} ${quote(new TextDecoder().decode(reply.body))}`);
    return reply.status < 400 ? 0 : 1;
  } finally {
    service.close();
  }
}

/** Whether `parseArgs` refused an option: it is unknown, or its value is missing. */
function isMistyped(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`service: ${error instanceof Error ? error.message : String(error)}`);
    return isMistyped(error) ? 2 : 1;
  });
}
