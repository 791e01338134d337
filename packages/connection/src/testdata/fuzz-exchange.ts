import { HTTPException, IncompleteRead } from '@http-client/errors';
import type { HTTPMessage } from '@http-client/headers';
import { decodeLatin1 } from '@http-client/io';

import { HTTPConnection, type HTTPConnectionOptions, type HTTPResponse } from '../index.js';
import {
  afterRequest,
  END,
  reset,
  scriptedConnector,
  scriptedTransport,
  type ScriptedTransport,
  type ScriptOptions,
  type ScriptStep,
} from '../testing.js';
import type { Answer, Fault, Fields, Verdict } from './fuzz-verdict.js';

/** The outcome of a promise. */
export type Settled<T> = { readonly value: T } | { readonly error: unknown } | 'pending';

/** How the client is set up, and how the bytes arrive. */
export interface Setting {
  readonly options?: HTTPConnectionOptions;
  readonly split?: ScriptOptions['split'];
}

/** The response to the second request, which nothing from the first may be taken for. */
const SECOND = 'HTTP/1.1 203 Second\r\nContent-Length: 6\r\n\r\nsecond';

/** A client with one request in progress, and the peer that responds to it. */
export class Exchange {
  readonly connection: HTTPConnection;
  /** The first one responds; the other is there for a client that opens a second connection. */
  readonly #peers: readonly [ScriptedTransport, ScriptedTransport];
  readonly #waiting: Promise<unknown>[] = [];
  #response: HTTPResponse | undefined;
  readonly #connector: ReturnType<typeof scriptedConnector>;

  constructor(
    readonly answer: Answer,
    { options = {}, split }: Setting,
  ) {
    const ends: Record<Answer['end'], readonly ScriptStep[]> = {
      open: [afterRequest(), SECOND],
      fin: [END],
      reset: [reset()],
    };
    const script = [afterRequest(), answer.stream, ...ends[answer.end]];
    this.#peers = [
      scriptedTransport(script, split === undefined ? {} : { split }),
      scriptedTransport(SECOND),
    ];
    this.#connector = scriptedConnector(this.#peers);
    this.connection = new HTTPConnection('example.org', 80, { ...options, connector: this.#connector });
  }

  /** Sends the request, and waits for the head of the response. */
  async begin(): Promise<Settled<HTTPResponse>> {
    const { method, upgrade, end } = this.answer;
    const target = method === 'CONNECT' ? 'example.org:443' : '/';
    const sent = await this.outcome(
      this.connection.request(method, target, upgrade ? { headers: { Upgrade: 'other' } } : {}),
    );
    // A peer that breaks the connection may be noticed while the request is being sent.
    const broken = sent !== 'pending' && 'error' in sent && end === 'reset' && isReset(sent.error);
    if (sent === 'pending' || ('error' in sent && !broken)) throw new Error(`request: ${shown(sent)}`);
    const begun = await this.settle(this.connection.getResponse());
    if (begun !== 'pending' && 'value' in begun) this.#response = begun.value;
    return begun;
  }

  /** The outcome of a call; one that waits is dealt with in `finish`. */
  async settle<T>(call: Promise<T>): Promise<Settled<T>> {
    const settled = await this.outcome(call);
    if (settled === 'pending') this.#waiting.push(call);
    return settled;
  }

  /** Closes what is still waiting, and sends a second request, which must confirm what the connection reported. */
  async finish(): Promise<void> {
    const { connection } = this;
    if (this.#waiting.length > 0) {
      // One of the two owns the transport.
      connection.close();
      this.#response?.close();
    }
    for (const call of this.#waiting) {
      const settled = await this.outcome(call);
      const closed = settled !== 'pending' && 'error' in settled && settled.error instanceof HTTPException;
      if (!closed) throw new Error(`close() under a call that waits: ${shown(settled)}`);
    }
    if (connection.state !== 'Idle') throw new Error(`the connection is left in state ${connection.state}`);
    const { reusable } = connection;
    const second = await this.outcome(this.#second());
    if (shown(second) !== shown({ value: '203 second' })) throw new Error(`second request: ${shown(second)}`);
    if (this.#connector.targets.length !== (reusable ? 1 : 2))
      throw new Error(`reusable was ${String(reusable)}, and the second request went the other way`);
    connection.close();
    if (!this.#peers[0].closed) throw new Error('the first transport was never closed');
  }

  /** Resolves when everything that could happen without external input has happened. */
  async quiet(): Promise<void> {
    await this.outcome(new Promise(() => undefined));
  }

  get #reads(): number {
    return this.#peers[0].reads + this.#peers[1].reads;
  }

  /** The outcome of a call, if any. */
  outcome<T>(call: Promise<T>): Promise<Settled<T>> {
    return new Promise((resolve) => {
      const settle = (settled: Settled<T>): void => {
        clearImmediate(turn);
        resolve(settled);
      };
      call.then(
        (value) => {
          settle({ value });
        },
        (error: unknown) => {
          settle({ error });
        },
      );
      // Each block arrives in a separate turn and makes the client read again, and there are no timers here. So if two
      // turns pass without a read, nothing more will happen.
      let reads = this.#reads;
      let quiet = 0;
      const next = (): void => {
        quiet = reads === this.#reads ? quiet + 1 : 0;
        reads = this.#reads;
        if (quiet < 2) turn = setImmediate(next);
        else resolve('pending');
      };
      let turn = setImmediate(next);
    });
  }

  async #second(): Promise<string> {
    await this.connection.request('GET', '/second');
    const response = await this.connection.getResponse();
    return `${response.status} ${await response.text()}`;
  }
}

/** Plays the response to a client that reads it block by block, and returns what the client saw. */
export async function observe(answer: Answer, setting: Setting = {}): Promise<Verdict> {
  const exchange = new Exchange(answer, setting);
  const verdict: Verdict = { body: '', ending: 'complete', violations: [], reusable: false };
  const begun = await exchange.begin();
  if (begun === 'pending') verdict.ending = 'waiting';
  else if ('error' in begun) verdict.ending = faultOf(begun.error);
  else await readThrough(begun.value, verdict, (call) => exchange.settle(call));
  await exchange.quiet();
  verdict.reusable = verdict.ending !== 'waiting' && exchange.connection.reusable;
  await exchange.finish();
  return verdict;
}

/** Reads a response block by block, and adds the result to the verdict. */
export async function readThrough(
  response: HTTPResponse,
  verdict: Verdict,
  settle: <T>(call: Promise<T>) => Promise<Settled<T>>,
): Promise<void> {
  verdict.head = headOf(response);
  const blocks = response[Symbol.asyncIterator]();
  for (;;) {
    const block = await settle(blocks.next());
    if (block === 'pending') verdict.ending = 'waiting';
    else if ('error' in block) verdict.ending = faultOf(block.error);
    else if (block.value.done !== true) {
      verdict.body += decodeLatin1(block.value.value);
      continue;
    }
    break;
  }
  if (response.closed !== (verdict.ending !== 'waiting'))
    throw new Error(`closed is ${String(response.closed)} at the end`);
  if (response.trailers !== undefined) verdict.trailers = response.trailers.toJSON();
  verdict.violations = response.violations.map(({ rule, offset }) => ({ rule, offset }));
}

function headOf(response: HTTPResponse): NonNullable<Verdict['head']> {
  const { version, status, reason, headers, chunked, willClose } = response;
  const interim = response.informational.map((head) => ({
    status: head.status,
    reason: head.reason,
    fields: fieldsOf(head.headers),
  }));
  return { version, status, reason, fields: fieldsOf(headers), interim, chunked, willClose };
}

function fieldsOf(headers: HTTPMessage): Fields {
  return headers.toJSON();
}

/** Throws if this is an error that no caller should ever get. */
export function faultOf(error: unknown): Fault {
  if (error instanceof IncompleteRead) {
    const { name, delivery, expected, cause } = error;
    return { name, delivery, expected, reset: cause !== undefined && isReset(cause) };
  }
  if (error instanceof HTTPException) return { name: error.name, delivery: error.delivery };
  if (!isReset(error)) throw new Error(`an error that is not the peer’s: ${String(error)}`, { cause: error });
  return { name: 'Error', delivery: (error as { delivery?: string }).delivery, reset: true };
}

/** Whether this is the reset of the scripted transport. */
function isReset(error: unknown): boolean {
  return (
    error instanceof Error && 'syscall' in error && (error as NodeJS.ErrnoException).code === 'ECONNRESET'
  );
}

export function shown(settled: Settled<unknown>): string {
  if (settled === 'pending') return 'it waits for ever';
  return 'error' in settled ? String(settled.error) : JSON.stringify(settled.value);
}
