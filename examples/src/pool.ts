// A pool of connections to one server: at most so many at a time, whoever comes first is served first, and those that
// nobody uses are closed.
//
//     node examples/dist/pool.js http://example.org/ --requests 20 --size 4
//
// The client keeps none by itself. This one is short enough to be changed: by priority, by server, with a warm-up.

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { HTTPConnection, HTTPSConnection, quote } from '@http-client/client';

export interface PoolOptions {
  /** Connections at a time, in use or not. */
  size: number;
  /** Milliseconds that a connection is kept unused: less than the server keeps it, which is 5000 in Node. */
  idle?: number;
}

/** Somebody who waits for a connection. */
interface Waiter {
  readonly take: (connection: HTTPConnection) => void;
  readonly giveUp: (reason: unknown) => void;
}

export class Pool {
  readonly #open: () => HTTPConnection;
  readonly #size: number;
  readonly #idleTime: number;
  /** Unused ones, the one that was used last at the end: it is taken first, so that those not needed grow old. */
  readonly #idle: { readonly connection: HTTPConnection; readonly timer: NodeJS.Timeout }[] = [];
  readonly #used = new Set<HTTPConnection>();
  readonly #waiting: Waiter[] = [];
  #closed = false;

  constructor(open: () => HTTPConnection, { size, idle = 4000 }: PoolOptions) {
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new RangeError(`Cannot make a pool of ${size} connections: expected a whole number from 1 up`);
    }
    this.#open = open;
    this.#size = size;
    this.#idleTime = idle;
  }

  /**
   * Does something with a connection, when there is one. `signal` ends the waiting for it, and is the work's own to
   * heed after that.
   */
  async use<T>(work: (connection: HTTPConnection) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const connection = await this.#take(signal);
    try {
      return await work(connection);
    } finally {
      this.#giveBack(connection);
    }
  }

  /** Closes all connections, in use or not; who waits is sent away. */
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

  /** A connection that can be taken now, if there is one. Nobody waits then: who gives one back serves them first. */
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
    // An answer that was not read to its end, or a request that was not sent whole, would meet whoever comes next.
    if (connection.state !== 'Idle' || !connection.reusable) connection.close();
    const next = this.#waiting.shift();
    if (next !== undefined) {
      // Handed on directly: nobody who comes in between can be faster. A closed one opens itself anew.
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
    // The process may end before.
    timer.unref();
    this.#idle.push({ connection, timer });
  }
}

/** The URL that was given on the command line, if it is one that is spoken here. */
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

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`pool: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  });
}
