import { decodeLatin1 } from '@http-client/io';

import { bodyStart, chunkedBody, plainBody, type Body } from './vectors-body.js';
import type { Exchange, Failure, Head, Outcome, Result, Vector } from './vectors-load.js';
import { Reading, type Delivery } from './vectors-reading.js';
import type { Rule } from './vectors-rules.js';

/** A place where this client must differ from what was recorded, and the rules that may be the reason. */
export interface Departure {
  where: string;
  recorded: unknown;
  expected: unknown;
  rules: Rule[];
}

export interface Expectation {
  outcomes: Outcome[];
  departures: Departure[];
}

/**
 * The expected result of a vector: what was recorded, except for the rules by which this client differs. `actual`
 * decides only what is left open.
 */
export function expectationOf(vector: Vector, actual: readonly Outcome[], delivery: Delivery): Expectation {
  const departures: Departure[] = [];
  const outcomes: Outcome[] = [];
  const course = new Course();
  for (const [index, exchange] of vector.exchanges.entries()) {
    const recorded = vector.outcomes[index];
    const ours = actual[index];
    const depart = (where: string, was: unknown, is: unknown, rules: Rule[]): void => {
      if (JSON.stringify(was) === JSON.stringify(is)) return;
      departures.push({ where: `exchange ${index + 1}, ${where}`, recorded: was, expected: is, rules });
    };
    const outcome: Outcome = {};
    outcomes.push(outcome);

    const refused = course.begin();
    const answer = decodeLatin1(exchange.answer);
    const [answered, rules] =
      refused === undefined ? answerOf(exchange, answer, recorded, course.reopened) : [refused, []];
    rules.push(...course.rules);
    if (!('headers' in answered)) {
      outcome.failure = answered;
      depart('the failure', recorded?.failure, answered, rules);
      course.failed(answered);
    } else {
      outcome.head = answered;
      depart('the head', recorded?.head, answered, rules);
      const body = bodyOf(exchange, answer, answered);
      const reading = new Reading(answered, body, delivery);
      outcome.results = [];
      let differs: Rule[] = [];
      for (const [step, words] of exchange.calls.entries()) {
        const got = ours?.results?.[step] ?? { result: null, length: undefined, closed: false };
        const result = reading.step(words, got);
        outcome.results.push(result);
        const was = recorded?.results?.[step];
        const rulesHere = [...rules.filter((rule) => rule !== 'fold'), ...differs, ...reading.rules];
        // The reference allocates all that is announced, or tries to.
        if (/"error":"(?:Overflow|Memory)Error"/.test(JSON.stringify(was))) rulesHere.push('no allocation');
        if (was === undefined || !same(was, result)) {
          depart(`call ${step + 1}, ${words}`, was, result, rulesHere);
          differs = rulesHere;
        }
        if (waits(result)) break;
      }
      course.answered(exchange, answered, body, reading);
      if (waits(outcome.results.at(-1))) break;
    }
    if (recorded?.standing !== undefined || vector.exchanges.length > 1) {
      outcome.standing = course.standing;
      depart('the standing', recorded?.standing, course.standing, course.rules);
    }
    if (outcome.failure?.waits === true) break;
  }
  return { outcomes, departures };
}

function waits(result: Result | undefined): boolean {
  return (
    result !== undefined &&
    typeof result.result === 'object' &&
    result.result !== null &&
    'waits' in result.result
  );
}

function same(one: Result, other: Result): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

// The head

/** The head of the final response, or the failure; and the rules that were applied. */
function answerOf(
  exchange: Exchange,
  answer: string,
  recorded: Outcome | undefined,
  reopened: boolean,
): [Head | Failure, Rule[]] {
  const ruled = ruledFailure(answer);
  if (ruled !== undefined) return ruled;
  const rules: Rule[] = [];
  const failure = recorded?.failure;
  if (failure?.error === 'HTTPException') {
    // The 100th field is the last that is accepted; the reference accepts 99.
    rules.push('fields');
    if (fieldLines(answer) > 100) return [{ error: 'TooManyHeaders' }, rules];
  } else if (failure !== undefined && !reopened && failure.error !== 'ResponseNotReady') {
    return [failure, rules];
  }
  const head = structuredClone(recorded?.head ?? plainHead(answer));
  head.headers = head.headers.map(([name, value]) => [name, unfolded(value)]);
  if (head.headers.some(([, value], index) => value !== recorded?.head?.headers[index]?.[1]))
    rules.push('fold');
  const tunnel = exchange.method === 'CONNECT' && head.status >= 200 && head.status < 300;
  if (
    tunnel ||
    exchange.method === 'HEAD' ||
    head.status < 200 ||
    head.status === 204 ||
    head.status === 304
  ) {
    rules.push('no body');
    head.length = 0;
    head.chunked = false;
  }
  if (tunnel) {
    rules.push('tunnel');
    head.willClose = false;
  }
  if (head.length === 0) {
    rules.push('closed');
    head.closed = true;
  }
  return [head, rules];
}

/** A failure that a rule demands, whatever the reference does. */
function ruledFailure(answer: string): [Failure, Rule[]] | undefined {
  // Including its end, the line would exceed the limit.
  if (/(?:^|\n)[^\n]{65536}$/.test(answer) && !/\n\r?\n/.test(answer))
    return [{ error: 'LineTooLong' }, ['line bound']];
  let rest = answer;
  for (let interim = 0; ; interim++) {
    const match = /^\s*(HTTP\/\S*)\s+(\S+)/.exec(rest.split('\n', 1)[0]!);
    if (match === null) return undefined;
    const [, version = '', code = ''] = match;
    if (/^[+-]?[0-9_]+$/.test(code) && !/^[1-9][0-9][0-9]$/.test(code)) {
      return [{ error: 'BadStatusLine', line: shown(rest.split('\n', 1)[0]!) }, ['three digits']];
    }
    if (code === '101' && version.startsWith('HTTP/1.')) return [{ error: 'HTTPException' }, ['unasked 101']];
    if (code !== '100') return undefined;
    if (!/^HTTP\/(?:1\.|0\.9$)/.test(version))
      return [{ error: 'UnknownProtocol', version }, ['other version']];
    if (interim === 100) return [{ error: 'HTTPException' }, ['interim bound']];
    const end = /\n\r?\n/.exec(rest);
    if (end === null) return undefined;
    rest = rest.slice(end.index + end[0].length);
  }
}

/** The highest number of field lines in any head of the response. */
function fieldLines(answer: string): number {
  const heads = answer.split('\r\n\r\n').filter((head) => head.startsWith('HTTP/'));
  return Math.max(...heads.map((head) => head.split('\r\n').length - 1));
}

/** The head of a response that needs no leniency. */
function plainHead(answer: string): Head {
  const [, ...lines] = answer
    .slice(0, bodyStart(answer) - 4)
    .split('\r\nHTTP/')
    .at(-1)!
    .replaceAll('\r\n ', ' ')
    .split('\r\n');
  const headers = lines.map((line): [string, string] => [
    line.slice(0, line.indexOf(':')),
    line.slice(line.indexOf(':') + 2),
  ]);
  const length = headers.find(([name]) => name === 'Content-Length')?.[1];
  return {
    version: 11,
    status: 200,
    reason: 'OK',
    headers,
    defects: 0,
    length: length === undefined ? undefined : Number(length),
    chunked: false,
    willClose: false,
    closed: false,
  };
}

/** One space for a fold: the line end and the whitespace around it (RFC 9112, section 5.2). */
function unfolded(value: string): string {
  return value.replace(/[ \t]*(?:\r\n|[\r\n])[ \t]+/g, ' ');
}

/** A status line as it appears in an error. */
function shown(line: string): string {
  return line.replace(/\r$/, '').slice(0, 200);
}

function bodyOf(exchange: Exchange, answer: string, head: Head): Body {
  const received = answer.slice(bodyStart(answer));
  return head.chunked ? chunkedBody(received, exchange.end) : plainBody(received, head.length, exchange.end);
}

// The connection

/** How a connection continues from exchange to exchange. */
class Course {
  /** The rules by which its standing differs from the reference's. */
  readonly rules: Rule[] = [];
  standing = { connections: 0, state: 'Idle', open: false };
  /** Whether the connection is not the one of the last exchange. */
  reopened = false;
  /** Whether a response is unread, and occupies the connection. */
  #unread = false;
  #usable = false;

  /** A request is sent. Returns the failure of its `getResponse`, if that may not be called. */
  begin(): Failure | undefined {
    this.standing = { ...this.standing, state: 'Request-sent', open: true };
    if (this.#unread) return { error: 'ResponseNotReady', state: 'Request-sent' };
    this.reopened = !this.#usable && this.standing.connections > 0;
    if (!this.#usable) this.standing.connections++;
    return undefined;
  }

  failed(failure: Failure): void {
    if (failure.error === 'ResponseNotReady') return;
    this.rules.push('idle after errors');
    this.#usable = false;
    this.standing = { ...this.standing, state: 'Idle', open: false };
  }

  answered(exchange: Exchange, head: Head, body: Body, reading: Reading): void {
    this.#unread = !reading.closed && !head.willClose;
    this.#usable = reading.closed && reading.clean && !head.willClose && body.stray === 0 && !exchange.end;
    if (body.stray > 0) this.rules.push('stray bytes');
    if (exchange.end) this.rules.push('reconnects');
    if (reading.closed && !reading.clean) this.rules.push('given up', 'rejected');
    this.rules.push(...reading.rules);
    this.standing = { ...this.standing, state: 'Idle', open: this.#usable || this.#unread };
  }
}
