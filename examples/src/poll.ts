// Requests the same resource at intervals, on one connection that is kept alive.
//
//     node examples/dist/poll.js http://example.org/status --every 5000
//
// The client reopens a connection that the server closed in between. What remains is a request that was in progress
// when the connection broke: `delivery` says how far it got, and so whether it may be sent again.

import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { HTTPConnection, HTTPSConnection, quote, type HTTPResponse } from '@http-client/client';

/** Milliseconds to wait for the server's next bytes. */
const TIMEOUT = 10_000;
/** The most attempts for one request. */
const ATTEMPTS = 4;
/** The longest body that is accepted, in bytes. */
const MAX_BODY = 1_048_576;
/** The idempotent methods (RFC 9110, section 9.2.2). */
const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'];

export interface PollOptions {
  /** GET by default. */
  method?: string;
  /** Milliseconds from one request to the next. */
  every: number;
  /** The number of requests; unlimited by default. */
  count?: number;
  signal?: AbortSignal;
  /** Milliseconds before the third attempt, 500 by default; the second follows at once. The pause then doubles. */
  pause?: number;
  /** Called for each failed attempt that is followed by another. */
  onRetry?: (error: unknown) => void;
}

export interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
  /** Whether it is the same as before (304). */
  readonly unchanged: boolean;
}

/** The responses, one after the other. Throws if a failed request may not be repeated, or has failed too often. */
export async function* poll(url: URL, options: PollOptions): AsyncGenerator<Answer> {
  const { every, count = Infinity, method = 'GET' } = options;
  const { signal = new AbortController().signal } = options;
  const Connection = url.protocol === 'https:' ? HTTPSConnection : HTTPConnection;
  const connection = new Connection(url.host, undefined, { timeout: TIMEOUT });
  let response: HTTPResponse | undefined;
  const abort = (): void => {
    connection.close();
    // A response without a length is not closed with its connection.
    response?.close();
  };
  signal.addEventListener('abort', abort);
  let etag: string | undefined;
  let last: Uint8Array = new Uint8Array(0);
  try {
    for (let done = 0; done < count; done++) {
      const begin = performance.now();
      const exchange = async (): Promise<Answer & { wait: number }> => {
        // After a failed write it waits for `getResponse`: the server might have responded.
        if (connection.state !== 'Idle') connection.close();
        const conditional = method === 'GET' && etag !== undefined;
        await connection.request(method, `${url.pathname}${url.search}`, {
          headers: conditional ? { 'If-None-Match': etag ?? '' } : {},
        });
        response = await connection.getResponse();
        // Read to its end, since the connection could not be reused otherwise.
        const body = await response.read(MAX_BODY);
        if (!response.closed && (await response.peek(1)).length > 0) {
          response.close();
          throw new RangeError(`the body has more than ${MAX_BODY} bytes`);
        }
        const unchanged = response.status === 304;
        if (response.status === 200) {
          etag = response.headers.get('ETag');
          last = body;
        }
        const wait = waitOf(response.getHeader('Retry-After'));
        return { status: response.status, body: unchanged ? last : body, unchanged, wait };
      };
      const { wait, ...answer } = await repeating(exchange, { ...options, method, signal });
      yield answer;
      if (done + 1 === count) break;
      // Measured from start to start, so that slow responses do not add up; but at least as long as Retry-After asks.
      const rest = Math.max(every - (performance.now() - begin), wait, 0);
      await setTimeout(rest, undefined, { signal });
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
    abort();
  }
}

/** Repeats a failed request as long as that is safe. */
async function repeating<T>(
  exchange: () => Promise<T>,
  { method, signal, pause = 500, onRetry }: PollOptions & { method: string; signal: AbortSignal },
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await exchange();
    } catch (error) {
      if (signal.aborted || attempt === ATTEMPTS || !mayRepeat(error, method)) throw error;
      onRetry?.(error);
      // At once the first time: usually the server has just closed an idle connection. Later after a random time, so
      // that the clients of a server that comes back do not all retry together.
      const wait = attempt === 1 ? 0 : pause * 2 ** (attempt - 2) * (0.5 + Math.random());
      await setTimeout(wait, undefined, { signal });
    }
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

/** A Retry-After in seconds (RFC 9110, section 10.2.3), in milliseconds: at most an hour. */
function waitOf(value: string | undefined): number {
  return value !== undefined && /^[0-9]{1,9}$/.test(value) ? Math.min(Number(value), 3600) * 1000 : 0;
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
    options: { every: { type: 'string' }, count: { type: 'string' }, method: { type: 'string' } },
    allowPositionals: true,
  });
  const [url] = positionals;
  const [every, count] = [Number(values.every ?? 5000), Number(values.count ?? Infinity)];
  // A timer treats NaN, and numbers beyond its 31 bits, as 1 ms.
  if (url === undefined || !(every >= 0 && every < 2 ** 31) || !(count >= 1)) {
    console.error('usage: poll URL [--every MILLISECONDS] [--count N] [--method GET]');
    return 2;
  }
  const interruption = new AbortController();
  process.once('SIGINT', () => {
    interruption.abort();
  });
  try {
    const answers = poll(urlOf(url), {
      method: values.method ?? 'GET',
      every,
      count,
      signal: interruption.signal,
      onRetry: (error) => {
        console.error(`poll: retrying after ${error instanceof Error ? error.message : String(error)}`);
      },
    });
    for await (const { status, body, unchanged } of answers) {
      console.log(`${status} ${unchanged ? 'unchanged' : quote(new TextDecoder().decode(body))}`);
    }
    return 0;
  } catch (error) {
    if (interruption.signal.aborted) return 0;
    throw error;
  }
}

/** Whether `parseArgs` refused an option: it is unknown, or its value is missing. */
function isMistyped(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`poll: ${error instanceof Error ? error.message : String(error)}`);
    return isMistyped(error) ? 2 : 1;
  });
}
