import { HTTPException, IncompleteRead, ResponseNotReady } from '@http-client/errors';
import { decodeLatin1 } from '@http-client/io';

import type { HTTPResponse } from '../index.js';
import { Exchange, faultOf, shown, type Setting, type Settled } from './fuzz-exchange.js';
import { judge } from './fuzz-oracle.js';
import { sameOrThrow } from './fuzz-same.js';
import type { Answer, Judgement, Verdict } from './fuzz-verdict.js';

/** A reading call with its amount, null if omitted; `stream` reads the whole web stream. */
export type Call = readonly [name: (typeof CALLS)[number] | 'stream' | 'close', amount: number | null];

/** Calls that a caller may mix in any order, and have several of pending. */
export const CALLS = ['read', 'read1', 'readInto', 'readInto1', 'peek', 'readLine', 'next'] as const;

/** The calls of each group are made at once, those of the next group when they have settled. */
export type Program = readonly (readonly Call[])[];

/** Reads the response by the program, and throws if a call does not return what it should, whatever came before it. */
export async function runProgram(answer: Answer, program: Program, setting: Setting): Promise<void> {
  const exchange = new Exchange(answer, setting);
  const judgement = judge(answer);
  const begun = await exchange.begin();
  if (begun !== 'pending' && 'value' in begun) {
    const response = begun.value;
    const model = new Model(judgement.verdict);
    for (const group of program) {
      const calls = group.map((call) => ({ call, result: perform(response, call) }));
      const broken = model.over;
      for (const { call, result } of calls) model.expect(call, await exchange.settle(result), broken);
      if (model.stuck) break;
      model.compare(response);
    }
    if (!model.stuck) await leave(exchange, response, judgement);
  }
  await exchange.finish();
}

/**
 * Reads the response by the program if only part of the result is certain: no call waits for something that cannot
 * arrive, none fails other than by the peer's fault, and together they return the body, in order.
 */
export async function runLoosely(
  answer: Answer,
  body: string,
  program: Program,
  setting: Setting,
): Promise<void> {
  const exchange = new Exchange(answer, setting);
  const begun = await exchange.begin();
  if (begun !== 'pending' && 'value' in begun) {
    const response = begun.value;
    let received = '';
    for (const group of program) {
      const calls = group.map((call) => ({ call, result: perform(response, call) }));
      for (const { call, result } of calls) {
        const settled = await exchange.settle(result);
        if (settled === 'pending' && answer.end !== 'open') throw new Error(`${call[0]} waits for ever`);
        if (settled !== 'pending' && 'error' in settled) faultOf(settled.error);
        else if (settled !== 'pending' && call[0] !== 'peek') received += settled.value;
      }
    }
    if (!body.startsWith(received))
      throw new Error(`the calls give ${JSON.stringify(received)}, and the body is ${JSON.stringify(body)}`);
    response.close();
  }
  await exchange.quiet();
  await exchange.finish();
}

/** Deals with whatever has been left unread. */
async function leave(exchange: Exchange, response: HTTPResponse, judgement: Judgement): Promise<void> {
  const { connection } = exchange;
  await exchange.quiet();
  if (judgement.switched) {
    const { transport, head } = connection.detach();
    let received = decodeLatin1(head);
    for (;;) {
      const block = await exchange.outcome(transport.read());
      if (block === 'pending' || 'error' in block || block.value === null) break;
      received += decodeLatin1(block.value);
    }
    transport.close();
    sameOrThrow('what follows the switch', received, judgement.excess);
  } else if (!response.closed) {
    if (!response.willClose) {
      const early = await exchange.settle(connection.getResponse());
      const refused = early !== 'pending' && 'error' in early && early.error instanceof ResponseNotReady;
      if (!refused) throw new Error(`getResponse before the response is read: ${shown(early)}`);
    }
    response.close();
  }
}

async function perform(response: HTTPResponse, [name, amount]: Call): Promise<string> {
  switch (name) {
    case 'readInto':
    case 'readInto1': {
      // The bytes around the target show whether anything is written outside it.
      const around: Uint8Array = Buffer.alloc((amount ?? 0) + 2, 0xee);
      const count = await response[name](around.subarray(1, -1));
      if (around.some((byte, at) => (at < 1 || at > count) && byte !== 0xee))
        throw new Error(`${name} writes outside of what it says`);
      return decodeLatin1(around, 1, count + 1);
    }
    case 'next': {
      const { value } = await response[Symbol.asyncIterator]().next();
      return value === undefined ? '' : decodeLatin1(value);
    }
    case 'stream': {
      let text = '';
      for await (const block of response.body) text += decodeLatin1(block);
      return text;
    }
    case 'close':
      response.close();
      return '';
    default:
      return decodeLatin1(await response[name](amount ?? undefined));
  }
}

/** What the calls should return: the body as text, and a position in it. */
class Model {
  #at = 0;
  #closed = false;
  /** A call waits for bytes that never arrive, and so does every later one. */
  stuck = false;
  readonly #body: string;
  readonly #ending: Verdict['ending'];

  constructor({ body, ending }: Verdict) {
    this.#body = body;
    this.#ending = ending;
  }

  get over(): boolean {
    return this.#closed;
  }

  /** What the response reports between calls. */
  compare({ length, closed }: HTTPResponse): void {
    if (this.#closed) {
      if (!closed) throw new Error('the response is left open');
      return;
    }
    const left = this.#body.length - this.#at;
    const complete = this.#ending === 'complete';
    if (complete && length !== undefined) sameOrThrow('length', length, left);
    // A response with a length is closed at its last byte.
    if (complete && length === 0 && !closed) throw new Error('the response is left open after its last byte');
    if (closed && (left > 0 || !complete)) throw new Error('the response is closed too early');
  }

  /** `before`: whether the response was already closed when this call, and those made with it, were made. */
  expect(call: Call, result: Settled<string>, before: boolean): void {
    const [name, amount] = call;
    const what = `${name}(${amount ?? ''}) at ${this.#at} gives ${shown(result)}`;
    if (this.stuck) {
      if (result !== 'pending') throw new Error(`${what}, behind a call that waits`);
    } else if (name === 'close' || this.#closed) {
      this.#closed = true;
      const rejected = result !== 'pending' && 'error' in result && result.error instanceof HTTPException;
      // Loops must not end as if the body had been read; the calls that the reference has return nothing.
      const loops = name === 'next' || name === 'stream';
      const whole = this.#ending === 'complete' && this.#at === this.#body.length;
      if (rejected ? before && !loops : loops && !whole) throw new Error(`${what}, on a closed response`);
      if (!rejected) sameOrThrow(what, result, { value: '' });
    } else {
      this.#expectOpen(call, result, what);
    }
  }

  #expectOpen([name, amount]: Call, result: Settled<string>, what: string): void {
    const rest = this.#body.slice(this.#at);
    const most = amount ?? (name.startsWith('readInto') ? 0 : Infinity);
    const some = name === 'read1' || name === 'readInto1' || name === 'peek' || name === 'next';
    const line = name === 'readLine' ? rest.indexOf('\n') + 1 || Infinity : Infinity;
    const wanted = name === 'next' || name === 'stream' ? Infinity : Math.min(most, line);
    if (some && wanted > 0 && rest !== '') {
      const value = typeof result === 'object' && 'value' in result ? result.value : '';
      if (value === '' || value.length > wanted || !rest.startsWith(value)) throw new Error(what);
      if (name !== 'peek') this.#at += value.length;
    } else if (rest.length >= wanted || this.#ending === 'complete') {
      sameOrThrow(what, result, { value: rest.slice(0, wanted) });
      this.#at += Math.min(wanted, rest.length);
    } else if (this.#ending === 'waiting') {
      sameOrThrow(what, result, 'pending');
      this.stuck = true;
    } else {
      const error = typeof result === 'object' && 'error' in result ? result.error : new Error(what);
      sameOrThrow(what, faultOf(error), this.#ending);
      if (error instanceof IncompleteRead)
        sameOrThrow('partial', decodeLatin1(error.partial), name === 'stream' ? '' : rest);
      this.#closed = true;
    }
  }
}
