// A pool of connections to one server: with a limit on their number, first come, first served, closing idle
// connections.
//
//     node examples/dist/pool.js http://example.org/ --requests 20 --size 4
//
// The client has no pool. This one is short enough to be adapted: to priorities, several servers, or a warm-up.

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { HTTPConnection, HTTPSConnection, quote } from '@http-client/client';

export interface PoolOptions {
  /** The most connections at a time, in use or not. */
  size: number;
  /** Milliseconds that an unused connection is kept, 4000 by default: less than the server's limit, 5000 in Node. */
  idle?: number;
}

/** A caller that waits for a connection. */
interface Waiter {
  readonly take: (connection: HTTPConnection) => void;
  readonly giveUp: (reason: unknown) => void;
}

export class Pool {
  readonly #open: () => HTTPConnection;
  readonly #size: number;
  readonly #idleTime: number;
  /** Unused connections. The last one used is at the end and is taken first, so that connections not needed expire. */
  readonly #idle: { readonly connection: HTTPConnection; readonly timer: NodeJS.Timeout }[] = [];
  readonly #used = new Set<HTTPConnection>();
  readonly #waiting: Waiter[] = [];
  #closed = false;

  constructor(open: () => HTTPConnection, { size, idle = 4000 }: PoolOptions) {
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new RangeError(`Cannot make a pool of ${size} connections: expected a whole number above 0`);
    }
    this.#open = open;
    this.#size = size;
    this.#idleTime = idle;
  }

  /**
   * Calls `work` with a connection once one is available. `signal` ends the wait for it; after that `work` has to
   * observe it. `work` must read its response to the end, or close it: the last one on a connection is not closed with
   * it.
   */
  async use<T>(work: (connection: HTTPConnection) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const connection = await this.#take(signal);
    try {
      return await work(connection);
    } finally {
      this.#giveBack(connection);
    }
  }

  /** Closes all connections, in use or not, and rejects waiting callers. */
  close(): void {
    this.#closed = true;
    for (const { connection, timer } of this.#idle.splice(0)) {
      clearTimeout(timer);
      connection.close();
    }
    for (const connection of this.#used) connection.close();
    for (const { giveUp } of this.#waiting.splice(0)) giveUp(new Error('the pool was closed'));
  }

  #take(signal: AbortSignal | undefined): Promise<HTTPConnection> {
    if (this.#closed) return Promise.reject(new Error('the pool was closed'));
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    const free = this.#free();
    if (free !== undefined) return Promise.resolve(free);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(signal?.reason as Error);
      };
      const waiter: Waiter = {
        take: (connection) => {
          signal?.removeEventListener('abort', leave);
          resolve(connection);
        },
        giveUp: (reason) => {
          signal?.removeEventListener('abort', leave);
          reject(reason);
        },
      };
      signal?.addEventListener('abort', leave);
      this.#waiting.push(waiter);
    });
  }

  /**
   * A connection that is available now, if any. Then nobody is waiting: a returned connection goes to waiters first.
   */
  #free(): HTTPConnection | undefined {
    const kept = this.#idle.pop();
    if (kept !== undefined) {
      clearTimeout(kept.timer);
      this.#used.add(kept.connection);
      return kept.connection;
    }
    if (this.#used.size === this.#size) return undefined;
    const connection = this.#open();
    this.#used.add(connection);
    return connection;
  }

  #giveBack(connection: HTTPConnection): void {
    // A response that was not read to its end, or a request that was not completed, would disturb the next user.
    if (connection.state !== 'Idle' || !connection.reusable) connection.close();
    const next = this.#waiting.shift();
    if (next !== undefined) {
      // Passed on directly, so that no new caller can come first. A closed connection reopens itself.
      next.take(connection);
      return;
    }
    this.#used.delete(connection);
    if (this.#closed || !connection.reusable) {
      connection.close();
      return;
    }
    const timer = setTimeout(() => {
      this.#idle.splice(
        this.#idle.findIndex((kept) => kept.connection === connection),
        1,
      );
      connection.close();
    }, this.#idleTime);
    // It does not keep the process running.
    timer.unref();
    this.#idle.push({ connection, timer });
  }
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
    options: { requests: { type: 'string', default: '20' }, size: { type: 'string', default: '4' } },
    allowPositionals: true,
  });
  const [size, requests] = [Number(values.size), Number(values.requests)];
  if (
    positionals[0] === undefined ||
    ![size, requests].every((each) => Number.isSafeInteger(each) && each > 0)
  ) {
    console.error('usage: pool URL [--requests N] [--size N]');
    return 2;
  }
  const url = urlOf(positionals[0]);
  const Connection = url.protocol === 'https:' ? HTTPSConnection : HTTPConnection;
  const pool = new Pool(() => new Connection(url.host, undefined, { timeout: 10_000 }), {
    size,
  });
  const request = (): Promise<number> =>
    pool.use(async (connection) => {
      await connection.request('GET', `${url.pathname}${url.search}`);
      const response = await connection.getResponse();
      await response.read();
      return response.status;
    });
  const results = await Promise.allSettled(Array.from({ length: requests }, request));
  pool.close();
  const counts = new Map<string, number>();
  for (const result of results) {
    const what = result.status === 'fulfilled' ? String(result.value) : (result.reason as Error).message;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  for (const [what, count] of counts) console.log(`${count} times ${what}`);
  return results.every(({ status }) => status === 'fulfilled') ? 0 : 1;
}

/** Whether `parseArgs` refused an option: it is unknown, or its value is missing. */
function isMistyped(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`pool: ${error instanceof Error ? error.message : String(error)}`);
    return isMistyped(error) ? 2 : 1;
  });
}
