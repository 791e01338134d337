import {
  BadStatusLine,
  ImproperConnectionState,
  IncompleteRead,
  RemoteDisconnected,
  UnknownProtocol,
} from '@http-client/errors';
import { decodeLatin1, type Transport } from '@http-client/io';

import { HTTPConnection } from '../connection.js';
import type { HTTPResponse } from '../response.js';
import { afterRequest, END, scriptedTransport, type ScriptStep } from '../testing.js';
import {
  countable,
  type Exchange,
  type Failure,
  type Head,
  type Outcome,
  type Result,
} from './vectors-load.js';

/** The blocks in which a response is delivered: the length of the one that begins at an offset. */
export type Cut = (offset: number) => number;

/** A peer that sends the responses in order, one per request, whatever the connection. */
class Peer {
  connections = 0;
  /** The client is waiting, and there is nothing left to play. */
  silent = false;
  onSilence: () => void = () => undefined;
  #events = 0;
  #idle = false;
  readonly #exchanges: Exchange[];
  readonly #cut: Cut;

  constructor(exchanges: readonly Exchange[], cut: Cut) {
    this.#exchanges = [...exchanges];
    this.#cut = cut;
  }

  readonly connect = (): Promise<Transport> => {
    this.connections++;
    return Promise.resolve(scriptedTransport(this.#script()));
  };

  /** Something happens. If the next two turns bring nothing else, there is silence. */
  stir(): void {
    const event = ++this.#events;
    setImmediate(() => {
      setImmediate(() => {
        if (this.#events !== event || this.#idle) return;
        this.silent = true;
        this.onSilence();
      });
    });
  }

  /** Settles when everything that was due has arrived, and the client has had a turn to handle it. */
  async idle(): Promise<void> {
    this.#idle = true;
    for (let event = -1; event !== this.#events;) {
      event = this.#events;
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    this.#idle = false;
  }

  *#script(): Generator<ScriptStep, void> {
    for (;;) {
      yield afterRequest();
      const exchange = this.#exchanges.shift();
      if (exchange === undefined) continue;
      const { answer } = exchange;
      for (let at = 0; at < answer.length;) {
        const end = Math.min(at + this.#cut(at), answer.length);
        this.stir();
        yield answer.subarray(at, end);
        at = end;
      }
      this.stir();
      if (exchange.end) yield END;
    }
  }
}

/** What this client does with the exchanges, in the terms of the vectors. */
export async function replay(
  exchanges: readonly Exchange[],
  cut: Cut,
  standing: boolean,
): Promise<Outcome[]> {
  const peer = new Peer(exchanges, cut);
  const connection = new HTTPConnection('a', 80, { connector: peer.connect, strict: false });
  let response: HTTPResponse | undefined;
  peer.onSilence = () => {
    connection.close();
    response?.close();
  };
  const outcomes: Outcome[] = [];
  const failed = (error: unknown): Failure => (peer.silent ? { waits: true } : failure(error));
  for (const { method, calls } of exchanges) {
    const outcome: Outcome = {};
    peer.stir();
    try {
      await connection.request(method, '/');
      response = await connection.getResponse();
      outcome.head = headOf(response);
      outcome.results = [];
      for (const words of calls) {
        outcome.results.push(await resultOf(response, words, failed));
        if (peer.silent) break;
      }
    } catch (error) {
      outcome.failure = failed(error);
    }
    if (standing && !peer.silent) {
      await peer.idle();
      outcome.standing = {
        connections: peer.connections,
        state: connection.state,
        open: connection.transport !== undefined,
      };
    }
    outcomes.push(outcome);
    if (peer.silent) break;
  }
  connection.close();
  return outcomes;
}

function headOf(response: HTTPResponse): Head {
  return {
    version: response.version,
    status: response.status,
    reason: response.reason,
    headers: response.getHeaders(),
    defects: response.headers.defects.length,
    length: lengthOf(response),
    chunked: response.chunked,
    willClose: response.willClose,
    closed: response.isClosed(),
  };
}

function lengthOf({ length }: HTTPResponse): number | undefined {
  return length === undefined ? undefined : countable(length);
}

async function resultOf(
  response: HTTPResponse,
  words: string,
  failed: (error: unknown) => Failure,
): Promise<Result> {
  let result: Result['result'];
  try {
    result = await call(response, words);
  } catch (error) {
    result = failed(error);
    if (typeof result === 'object' && 'waits' in result) return { result, length: undefined, closed: false };
  }
  return { result, length: lengthOf(response), closed: response.isClosed() };
}

async function call(response: HTTPResponse, words: string): Promise<Result['result']> {
  const [name = '', size] = words.split(' ');
  const amount = size === undefined ? undefined : Number(size);
  switch (name) {
    case 'read':
      return decodeLatin1(await response.read(amount));
    case 'read1':
      return decodeLatin1(await response.read1(amount));
    case 'peek':
      return decodeLatin1(await response.peek(amount));
    case 'readline':
      return decodeLatin1(await response.readLine(amount));
    case 'readinto': {
      const target = new Uint8Array(amount ?? 0);
      return decodeLatin1(target, 0, await response.readInto(target));
    }
    case 'lines': {
      const lines: string[] = [];
      for await (const line of response.lines()) lines.push(decodeLatin1(line));
      return lines;
    }
    case 'close':
      response.close();
      return null;
    default:
      throw new TypeError(`There is no call ${name}`);
  }
}

/** An error as the recorder describes it: its class, and the facts in it. */
function failure(error: unknown): Failure {
  if (!(error instanceof Error)) throw new TypeError(`Rejected with ${String(error)}`);
  const facts: Failure = { error: error.name };
  if (error instanceof IncompleteRead) {
    facts.partial = decodeLatin1(error.partial);
    if (error.expected !== undefined) facts.expected = countable(error.expected);
  } else if (error instanceof BadStatusLine && !(error instanceof RemoteDisconnected)) {
    facts.line = error.line;
  } else if (error instanceof UnknownProtocol) {
    facts.version = error.version;
  } else if (error instanceof ImproperConnectionState && 'state' in error) {
    facts.state = String(error.state);
  }
  return facts;
}
