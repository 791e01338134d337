import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';

import { HTTPException } from '@http-client/errors';
import type { Connector } from '@http-client/io';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { HTTPConnection, type HTTPResponse, type RequestOptions } from './index.js';
import { answerBody, Peer, requestBody, Seen } from './testdata/program-peer.js';
import { text } from './testdata/stage.js';

// Any call may be made at any moment: while others are pending, and inside the caller's code that they run.

const CALLS = [
  ...['request', 'request', 'request', 'putRequest', 'endHeaders', 'send', 'getResponse', 'getResponse'],
  ...['read', 'readSome', 'readLine', 'next', 'peek', 'closeResponse', 'close', 'connect', 'abort', 'detach'],
] as const;
const PLACES = ['wire', 'connector', 'source', 'interim', 'abort', 'settled'] as const;

/** A call, by its name, and a number that decides about its details. */
interface Call {
  readonly name: (typeof CALLS)[number];
  readonly number: number;
}

interface Program {
  /** What to await after each call: its end, a few turns of the event loop, or nothing. */
  readonly calls: readonly (Call & { readonly wait: 'end' | number })[];
  /** Made when the caller's code runs in that place for the time after `skip`. */
  readonly within: readonly (Call & { readonly place: (typeof PLACES)[number]; readonly skip: number })[];
  readonly piece: number;
}

/** Sequences that lead somewhere; the generator repeats, cuts and mixes them. */
const SEQUENCES: readonly (readonly Call['name'][])[] = [
  ['request', 'getResponse', 'read'],
  ['request', 'getResponse', 'request', 'read', 'getResponse', 'readSome'],
  ['connect', 'putRequest', 'endHeaders', 'send', 'send', 'getResponse', 'next'],
  ...CALLS.map((name) => [name]),
];
const number = fc.nat(1000);
const wait = fc.constantFrom<'end' | number>('end', 'end', 0, 1, 3);
const sequences = fc
  .tuple(fc.constantFrom(...SEQUENCES), fc.array(fc.record({ number, wait }), { minLength: 1, maxLength: 7 }))
  .map(([names, details]) =>
    details.slice(0, names.length).map((each, at) => ({ name: names[at]!, ...each })),
  );
const programs: fc.Arbitrary<Program> = fc.record({
  calls: fc.array(sequences, { maxLength: 6 }).map((parts) => parts.flat()),
  within: fc.array(
    fc.record({
      name: fc.constantFrom(...CALLS),
      number,
      place: fc.constantFrom(...PLACES),
      skip: fc.constantFrom(0, 0, 1, 2, 5, 8),
    }),
    { maxLength: 3 },
  ),
  piece: fc.constantFrom(1000, 50, 7),
});

/** What the calls in each state are, from the reference's point of view: without the response that is unread. */
const LEGAL: Partial<Record<Call['name'], string>> = {
  request: 'Idle',
  putRequest: 'Idle',
  endHeaders: 'Request-started',
  send: 'Request-sent',
  getResponse: 'Request-sent',
};
const OUT_OF_ORDER = ['CannotSendRequest', 'CannotSendHeader', 'ResponseNotReady', 'ImproperConnectionState'];

/** Calls after which others may fail. */
const DISTURBING: readonly Call['name'][] = ['close', 'abort', 'closeResponse', 'detach'];

/** The reasons of signals and of sources. */
class OwnError extends Error {}

/** Plays one program. */
class Run {
  readonly seen = new Seen();
  readonly #program: Program;
  readonly #connection: HTTPConnection;
  readonly #wrong = this.seen.wrong;
  readonly #pending = new Set<string>();
  readonly #unsent = new Set<number>();
  readonly #controllers = [new AbortController()];
  readonly #responses: { response: HTTPResponse; id: number; reads: Promise<string>[] }[] = [];
  readonly #within: { left: number; place: string; call: Call }[];
  readonly #shown = { sent: '', received: '' };
  readonly #detached: { close(): void }[] = [];
  #called = 0;
  #disturbed = false;
  /** The last request made, the last one begun, the last one whose head was sent, and how much of its body. */
  #last = 0;
  #begun = 0;
  #current = 0;
  #sent = 6;

  constructor(program: Program) {
    this.#program = program;
    this.#within = program.within.map(({ place, skip, ...each }) => ({ place, left: skip, call: each }));
    const connector: Connector = async () => {
      this.#reached('connector');
      await turn();
      return new Peer(this.seen, program.piece);
    };
    this.#connection = new HTTPConnection('example.org', 80, {
      connector,
      continueTimeout: 1e6,
      onInformational: () => {
        this.#reached('interim');
      },
      onWire: ({ direction, data }) => {
        this.#shown[direction] += text(data);
        this.#reached('wire');
      },
    });
  }

  async play(): Promise<readonly string[]> {
    for (const each of this.#program.calls) {
      const ended = this.#make(each);
      if (each.wait === 'end') await Promise.race([ended, this.#quiet()]);
      else for (let turns = each.wait; turns > 0; turns--) await turn();
    }
    await this.#quiet();
    this.#within.length = 0;
    this.#disturbed = true;
    this.#connection.close();
    for (const { response } of this.#responses) response.close();
    await this.#quiet();
    for (const what of this.#pending) this.#wrong.push(`${what} is still pending`);
    await this.#checkReads();
    for (const controller of this.#controllers) {
      if (getEventListeners(controller.signal, 'abort').length > 0) this.#wrong.push('a listener is left');
    }
    for (const id of this.#unsent) if (this.seen.ids.includes(id)) this.#wrong.push(`${id} is not unsent`);
    this.#checkShown();
    await this.#checkUsable();
    for (const transport of this.#detached) transport.close();
    if (this.seen.peers.some(({ closed }) => !closed)) this.#wrong.push('a transport is left open');
    return this.#wrong;
  }

  /** Waits until nothing happens any more. */
  async #quiet(): Promise<void> {
    for (let still = 0, last = -1; still < 6; still++) {
      if (this.seen.activity !== last) still = 0;
      last = this.seen.activity;
      await turn();
    }
  }

  #reached(place: string): void {
    for (const each of this.#within) {
      if (each.place === place && each.left-- === 0) void this.#make(each.call);
    }
  }

  /** Makes a call, and checks that it is refused if it is out of order; returns its end. */
  #make({ name, number }: Call): Promise<void> {
    const before = this.#connection.state;
    const called = ++this.#called;
    const what = `${called} ${name}`;
    const legal = (LEGAL[name] ?? before) === before;
    this.#disturbed ||= DISTURBING.includes(name);
    let id = this.#current;
    if (name === 'request' || name === 'putRequest') id = ++this.#last;
    if (legal && name === 'putRequest') this.#begun = id;
    if (legal && name === 'endHeaders') id = this.#begun;
    if (legal && (name === 'request' || name === 'endHeaders')) this.#current = id;
    // Its response is the last on its connection, with which later requests may go.
    if (id % 5 === 0) this.#disturbed = true;
    this.#pending.add(what);
    const result = new Promise<unknown>((resolve) => {
      resolve(this.#start(name, number, id));
    });
    if (!legal && this.#called === called && this.#connection.state !== before)
      this.#wrong.push(`${what} in ${before} leads to ${this.#connection.state}`);
    const ended = (error?: unknown): void => {
      this.#pending.delete(what);
      this.seen.activity++;
      if (legal ? error !== undefined : !OUT_OF_ORDER.includes((error as Error | undefined)?.name ?? ''))
        this.#check(what, legal, error, id);
      this.#reached('settled');
    };
    return result.then(() => {
      ended();
    }, ended);
  }

  #check(what: string, legal: boolean, error: unknown, id: number): void {
    const { name, delivery } = error instanceof HTTPException ? error : { name: '', delivery: '' };
    if (!legal) this.#wrong.push(`${what} is out of order, and ends with ${String(error)}`);
    else if (!(this.#disturbed || OUT_OF_ORDER.includes(name)))
      this.#wrong.push(`${what} fails with ${String(error)}, and nothing happened`);
    else if (!(error instanceof HTTPException || error instanceof OwnError))
      this.#wrong.push(`${what} fails with ${String(error)}`);
    else if (delivery === 'unsent' && !OUT_OF_ORDER.includes(name) && /request|endHeaders/.test(what))
      this.#unsent.add(id);
  }

  #start(name: Call['name'], number: number, id: number): unknown {
    const connection = this.#connection;
    const controller = this.#controllers.at(-1)!;
    const signal = number % 3 === 0 ? { signal: controller.signal } : {};
    switch (name) {
      case 'request':
        return this.#request(number, id, signal);
      case 'putRequest':
        connection.putRequest('PUT', `/${id}`);
        connection.putHeader('Content-Length', 6);
        return undefined;
      case 'endHeaders':
        if (connection.state === 'Request-started') this.#sent = 0;
        return connection.endHeaders(undefined, signal);
      case 'send': {
        const data = requestBody(id, this.#sent, Math.min(3, 6 - this.#sent));
        this.#sent += data.length;
        return connection.send(number % 2 === 0 ? data : this.#source(data, false), signal);
      }
      case 'getResponse':
        return connection.getResponse(signal).then((response) => {
          this.#responses.push({ response, id, reads: [] });
          if (response.getHeader('X-Number') !== String(id) || response.url !== `http://example.org/${id}`)
            this.#wrong.push(`${id} gets the response to ${String(response.getHeader('X-Number'))}`);
        });
      case 'close':
        connection.close();
        if (connection.transport !== undefined) this.#wrong.push('a transport is left by close()');
        return undefined;
      case 'connect':
        return connection.connect(signal);
      case 'abort':
        this.#controllers.push(new AbortController());
        controller.signal.addEventListener(
          'abort',
          () => {
            this.#reached('abort');
          },
          { once: true },
        );
        controller.abort(new OwnError('aborted'));
        return undefined;
      case 'detach':
        this.#detached.push(connection.detach().transport);
        return undefined;
      default:
        return this.#read(name, number);
    }
  }

  #request(number: number, id: number, signal: RequestOptions): Promise<void> {
    const body = requestBody(id, 0, 10);
    const kinds: (readonly [method: string, options: RequestOptions])[] = [
      ['GET', {}],
      ['HEAD', {}],
      ['GET', { headers: { Upgrade: 'x', Connection: 'Upgrade' } }],
      ['PUT', { body }],
      ['PUT', { body: this.#source(body, false) }],
      ['PUT', { body: this.#source(body, true) }],
      ['PUT', { body: this.#source(body, false), headers: { Expect: '100-continue' } }],
    ];
    const [method, options] = kinds[number % kinds.length]!;
    // A switch of protocols, a source that fails.
    this.#disturbed ||= [2, 5].includes(number % kinds.length);
    return this.#connection.request(method, `/${id}`, { ...options, ...signal });
  }

  async *#source(data: string, fails: boolean): AsyncGenerator<string, void> {
    for (let at = 0; at < data.length; at += 4) {
      this.#reached('source');
      await turn();
      if (fails && at > 0) throw new OwnError('no more');
      this.seen.activity++;
      yield data.slice(at, at + 4);
    }
  }

  #read(name: Call['name'], number: number): unknown {
    const { response, reads } = this.#responses.at(number % 4 === 0 ? 0 : -1) ?? {};
    if (response === undefined || reads === undefined) return undefined;
    if (name === 'closeResponse') {
      response.close();
      return undefined;
    }
    if (name === 'peek') return response.peek();
    const reading =
      {
        readSome: () => response.read(number % 20),
        readLine: () => response.readLine(),
        next: async () => (await response[Symbol.asyncIterator]().next()).value ?? new Uint8Array(0),
      }[name as string] ?? (() => response.read());
    const result = reading();
    reads.push(result.then(text, () => ''));
    return result;
  }

  /** What was read of each response, in the order of the calls, is the beginning of its body. */
  async #checkReads(): Promise<void> {
    for (const { id, reads } of this.#responses) {
      const got = (await Promise.all(reads)).join('');
      if (!answerBody(id).startsWith(got)) this.#wrong.push(`the response to ${id} is read as ${got}`);
    }
  }

  /** With one peer, its bytes were shown as they are; what an observer prevented from being sent was shown, too. */
  #checkShown(): void {
    const [first, ...others] = this.seen.peers;
    if (first === undefined || others.length > 0 || this.#program.within.length > 0) return;
    const { sent, received } = this.#shown;
    if (!sent.startsWith(first.written)) this.#wrong.push('other bytes were sent than shown');
    if (!first.delivered.startsWith(received)) this.#wrong.push('other bytes were received than shown');
  }

  async #checkUsable(): Promise<void> {
    const id = this.#last + 1;
    await this.#connection.request('GET', `/${id}`);
    const response = await this.#connection.getResponse();
    if ((await response.text()) !== answerBody(id)) this.#wrong.push('it cannot be used any more');
    this.#connection.close();
  }
}

test('every sequence of calls leaves each request with its own response, and nothing behind', async () => {
  const unhandled: unknown[] = [];
  const collect = (reason: unknown): void => {
    unhandled.push(reason);
  };
  process.on('unhandledRejection', collect);
  await fc.assert(
    fc.asyncProperty(programs, async (program) => {
      expect(await new Run(program).play()).toEqual([]);
      expect(unhandled).toEqual([]);
    }),
    { seed: 7, numRuns: 400 },
  );
  process.off('unhandledRejection', collect);
});
