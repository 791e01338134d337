import { getEventListeners } from 'node:events';

import { HTTPException } from '@http-client/errors';
import { joined } from '@http-client/io';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { HTTPConnection, type HTTPResponse, type RequestOptions } from './index.js';
import { Child } from './testdata/faults-child.js';
import { more, resources } from './testdata/faults-handles.js';
import { bodyOf, Random, sumOf } from './testdata/faults-random.js';

const REQUESTS = 3000;
const CLIENTS = 4;
const DELIVERIES: readonly unknown[] = ['unsent', 'partial', 'sent', 'answered'];

/** The outcomes of the requests, and how often each occurs at least. */
const EXPECTED: readonly (readonly [what: string, least: number])[] = [
  ['read whole', 1000],
  ['read in part', 50],
  ['abandoned', 50],
  ['aborted', 20],
  ['HTTPException HTTP_EXCEPTION', 20],
  ['Error ECONNRESET', 20],
  ['RemoteDisconnected ECONNRESET', 20],
  ['IncompleteRead HTTP_INCOMPLETE_READ', 50],
  ['BadStatusLine HTTP_BAD_STATUS_LINE', 20],
  ['InvalidChunk HTTP_INVALID_CHUNK', 20],
  ['TimeoutError ETIMEDOUT', 1],
];

/** Why a request was aborted. */
const REASON = { name: 'enough' };

let server: Child;
let port: number;
beforeAll(async () => {
  server = await Child.start('faults-random-server.ts');
  port = await server.message<number>();
});
afterAll(() => server.stop());

/** The outcomes of the requests, and everything that must not happen. */
class Log {
  readonly wrong: string[] = [];
  readonly unsent = new Set<number>();
  readonly counts = new Map<string, number>();

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  failed(number: number, error: unknown): void {
    if (error === REASON) {
      this.count('aborted');
      return;
    }
    const { delivery, code } = error as { delivery?: unknown; code?: string };
    const known = error instanceof HTTPException || (error instanceof Error && 'syscall' in error);
    if (!known || !DELIVERIES.includes(delivery)) {
      this.wrong.push(`request ${number} fails with ${String(error)}, delivery ${String(delivery)}`);
      return;
    }
    if (delivery === 'unsent') this.unsent.add(number);
    this.count(`${error.name} ${String(code)}`);
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}

async function readWhole(response: HTTPResponse, how: number): Promise<Uint8Array> {
  if (how === 0) return response.read();
  const blocks: Uint8Array[] = [];
  if (how === 1) {
    for await (const block of response) blocks.push(block);
  } else if (how === 2) {
    for await (const line of response.lines()) blocks.push(line);
  } else if (how === 3) {
    for await (const block of response.body) blocks.push(block);
  } else {
    const target = new Uint8Array(777);
    for (let count = await response.readInto(target); count > 0; count = await response.readInto(target)) {
      blocks.push(target.slice(0, count));
    }
  }
  return joined(...blocks);
}

/** The body of a request, in one of its forms. */
function bodyFor(number: number, random: Random): Pick<RequestOptions, 'body' | 'headers'> {
  const bytes = bodyOf(number, 'request');
  async function* blocks(): AsyncGenerator<Uint8Array, void, void> {
    for (let at = 0; at < bytes.length; at += 4096) {
      await turns(1);
      yield bytes.subarray(at, at + 4096);
    }
  }
  const headers: Record<string, string> = random.chance(20) ? { Expect: '100-continue' } : {};
  switch (random.below(4)) {
    case 0:
      return { body: bytes, headers };
    case 1:
      return { body: new Blob([new Uint8Array(bytes)]), headers };
    case 2:
      return { body: blocks(), headers: { ...headers, 'Content-Length': String(bytes.length) } };
    default:
      return { body: blocks(), headers };
  }
}

/** One client, which makes its requests one after another, on one connection object where possible. */
class Client {
  readonly #log: Log;
  readonly #signal: AbortSignal;
  #connection!: HTTPConnection;
  /** What was abandoned with its response unread. */
  readonly #abandoned: { close: () => void }[] = [];

  /** `signal` is used for every request that has none of its own. */
  constructor(log: Log, signal: AbortSignal) {
    this.#log = log;
    this.#signal = signal;
    this.#connect();
  }

  #connect(): void {
    this.#connection = new HTTPConnection('127.0.0.1', port, { timeout: 300, continueTimeout: 300 });
  }

  async run(numbers: readonly number[]): Promise<void> {
    for (let at = 0; at < numbers.length; at++) {
      const number = numbers[at]!;
      const random = new Random(number + 1_000_000);
      const next = numbers[at + 1];
      if (next !== undefined && random.chance(10)) {
        await this.#pipeline(number, next, random);
        at++;
      } else {
        await this.#exchange(number, random);
      }
    }
    for (const left of [...this.#abandoned, this.#connection]) left.close();
  }

  async #exchange(number: number, random: Random): Promise<void> {
    const connection = this.#connection;
    const aborts = random.chance(8);
    const closes = !aborts && random.chance(5);
    const controller = new AbortController();
    const signal = aborts ? controller.signal : this.#signal;
    const after = random.below(12);
    const given = { up: false };
    const ending = turns(aborts || closes ? after : 0).then(() => {
      given.up = aborts || closes;
      if (aborts) controller.abort(REASON);
      if (closes) connection.close();
    });
    try {
      await this.#ask(connection, number, '', random, signal);
      // In this order a caller gives up: after the abort, nothing more is requested.
      const response = await connection.getResponse({ signal });
      await this.#take(number, response, random);
    } catch (error) {
      const late = given.up && (error as Error).name === 'ResponseNotReady';
      if (!late) this.#log.failed(number, error);
    }
    await ending;
    if (getEventListeners(controller.signal, 'abort').length > 0)
      this.#log.wrong.push(`request ${number} leaves a listener`);
    this.#renew();
  }

  /** Two requests: the second is sent while the response to the first is unread. */
  async #pipeline(first: number, second: number, random: Random): Promise<void> {
    const connection = this.#connection;
    let asking: Promise<void> | undefined;
    try {
      await this.#ask(connection, first, 'p', random, this.#signal);
      const response = await connection.getResponse();
      asking = connection.request('GET', `/${second}`, { signal: this.#signal });
      asking.catch(() => undefined);
      await this.#take(first, response, new Random(0));
    } catch (error) {
      this.#log.failed(first, error);
    }
    if (asking === undefined) this.#log.count('not sent after a failure');
    else {
      try {
        await asking;
        const response = await connection.getResponse();
        await this.#take(second, response, random);
      } catch (error) {
        // The failure of the first has closed the connection, which cancelled the second.
        if ((error as Error).name === 'ResponseNotReady') this.#log.count('lost after a failure');
        else this.#log.failed(second, error);
      }
    }
    this.#renew();
  }

  /**
   * After a failed write, the connection still expects a call to getResponse; a caller who does not want that closes
   * it.
   */
  #renew(): void {
    if (this.#connection.state !== 'Idle') this.#connection.close();
    for (const left of this.#abandoned.splice(0, this.#abandoned.length - 2)) left.close();
  }

  async #ask(
    connection: HTTPConnection,
    number: number,
    flag: string,
    random: Random,
    signal: AbortSignal,
  ): Promise<void> {
    const target = `/${number}${flag}`;
    const options = random.chance(60) ? {} : bodyFor(number, random);
    const method = options.body === undefined ? 'GET' : 'POST';
    try {
      await connection.request(method, target, { ...options, signal });
    } catch (error) {
      // There may be a response all the same.
      if (!(error instanceof Error && 'syscall' in error) || connection.state !== 'Request-sent') throw error;
      this.#log.failed(number, error);
    }
  }

  async #take(number: number, response: HTTPResponse, random: Random): Promise<void> {
    const expected = bodyOf(number, 'answer');
    if (response.getHeader('X-Number') !== String(number)) {
      this.#log.wrong.push(`request ${number} gets the answer to ${String(response.getHeader('X-Number'))}`);
    }
    const sum = response.getHeader('X-Sum');
    const sums = [sumOf(bodyOf(number, 'request')), sumOf(new Uint8Array(0))];
    if (sum !== undefined && !sums.includes(sum))
      this.#log.wrong.push(`request ${number} arrives with another body`);
    const how = random.below(20);
    if (how === 19) {
      this.#log.count('abandoned');
      // A response that announces closing owns its transport; the connection no longer has any part in it.
      this.#abandoned.push(response.willClose ? response : this.#connection);
      this.#connect();
    } else if (how >= 17) {
      const part = await response.read(random.below(expected.length + 1));
      response.close();
      if (Buffer.compare(part, expected.subarray(0, part.length)) !== 0)
        this.#log.wrong.push(`request ${number} gets other bytes`);
      this.#log.count('read in part');
    } else {
      const body = await readWhole(response, how % 5);
      if (Buffer.compare(body, expected) !== 0) {
        this.#log.wrong.push(
          `request ${number} gets another body: ${body.length} bytes, expected ${expected.length}`,
        );
      }
      this.#log.count('read whole');
    }
  }
}

test('whatever a server does, a request gets the exact response or fails with an error that says how far it got', async () => {
  const unhandled: unknown[] = [];
  const collect = (reason: unknown): void => {
    unhandled.push(reason);
  };
  process.on('unhandledRejection', collect);
  const before = resources();
  const log = new Log();
  const { signal } = new AbortController();
  const numbers = Array.from({ length: REQUESTS }, (_, number) => number);
  const clients = Array.from({ length: CLIENTS }, (_, client) =>
    new Client(log, signal).run(numbers.filter((number) => number % CLIENTS === client)),
  );
  await Promise.all(clients);
  const seen = await server.ask<number[]>('seen');

  expect(log.wrong).toEqual([]);
  // Each of these occurs, so all of them were covered above.
  for (const [what, least] of EXPECTED) {
    expect({ what, enough: (log.counts.get(what) ?? 0) >= least }).toEqual({ what, enough: true });
  }
  // Nothing is sent twice, and what the client reports as unsent was not sent.
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.filter((number) => log.unsent.has(number))).toEqual([]);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  await vi.waitFor(() => {
    expect(more(before)).toEqual([]);
  }, 60_000);
  process.off('unhandledRejection', collect);
  expect(unhandled).toEqual([]);
});
