import { readFileSync } from 'node:fs';

import { encodeLatin1 } from '@http-client/io';

// Loads what scripts/record-responses.py wrote, with the defaults that it omits.

/** A text; a long run of one character is given by its count. */
type Text = string | (string | [string, number])[];

export interface Failure {
  /** The name of the class; absent if the call waits for bytes that do not arrive. */
  error?: string;
  waits?: true;
  partial?: string;
  expected?: number;
  line?: string;
  version?: string;
  state?: string;
}

export interface Head {
  version: number;
  status: number;
  reason: string;
  headers: [string, string][];
  defects: number;
  length: number | undefined;
  chunked: boolean;
  willClose: boolean;
  closed: boolean;
}

/**
 * What a call returned: bytes as text, lines, nothing (close), or an error; and the state of the response afterwards.
 */
export interface Result {
  result: string | string[] | null | Failure;
  length: number | undefined;
  closed: boolean;
}

/** The standing of a connection after an exchange: how many were opened so far, its state, and whether it is open. */
export interface Standing {
  connections: number;
  state: string;
  open: boolean;
}

/** The outcome of an exchange: a response, or a failure. The standing is recorded if there are several exchanges. */
export interface Outcome {
  head?: Head;
  results?: Result[];
  failure?: Failure;
  standing?: Standing;
}

export interface Exchange {
  method: string;
  answer: Uint8Array;
  /** Whether the peer closes after the response; for a single exchange, only if the reference noticed it. */
  end: boolean;
  calls: string[];
}

export interface Vector {
  name: string;
  exchanges: Exchange[];
  outcomes: Outcome[];
}

interface RawOutcome extends Failure {
  head?: {
    version?: number;
    status?: number;
    reason?: Text;
    headers: [Text, Text][];
    defects?: number;
    length?: number | string;
    chunked?: true;
    willClose?: true;
  };
  results?: (
    [Text | { lines: Text[] } | Failure | null, number | string | null, 'closed'?] | { waits: true }
  )[];
  standing?: [connections: number, state: string, open?: 'open'];
}

interface RawExchange {
  method?: string;
  answer: Text;
  end?: boolean;
  calls?: string[];
}

type RawVector = { name: string } & (
  (RawExchange & RawOutcome) | { exchanges: RawExchange[]; outcomes: RawOutcome[] }
);

/** The vectors of one file. */
export function loadVectors(file: string): Vector[] {
  const url = new URL(`./${file}.json`, import.meta.url);
  const raw = JSON.parse(readFileSync(url, 'utf8')) as RawVector[];
  return raw.map((vector) => {
    const { exchanges, outcomes } =
      'exchanges' in vector ? vector : { exchanges: [vector], outcomes: [vector] };
    return { name: vector.name, exchanges: exchanges.map(exchangeOf), outcomes: outcomes.map(outcomeOf) };
  });
}

function exchangeOf({ method = 'GET', answer, end = false, calls = ['read'] }: RawExchange): Exchange {
  return { method, answer: encodeLatin1(textOf(answer)), end, calls };
}

function outcomeOf(raw: RawOutcome): Outcome {
  const { head, results } = raw;
  const outcome: Outcome = {};
  const silent = raw.waits === true || results?.some((stands) => !Array.isArray(stands)) === true;
  if (raw.standing !== undefined && !silent) {
    const [connections, state, open] = raw.standing;
    outcome.standing = { connections, state, open: open === 'open' };
  }
  if (head === undefined || results === undefined) return { failure: failureOf(raw), ...outcome };
  outcome.head = {
    version: head.version ?? 11,
    status: head.status ?? 200,
    reason: textOf(head.reason ?? 'OK'),
    headers: head.headers.map(([name, value]) => [textOf(name), textOf(value)]),
    defects: head.defects ?? 0,
    length: lengthOf(head.length),
    chunked: head.chunked ?? false,
    willClose: head.willClose ?? false,
    closed: false,
  };
  outcome.results = results.map((stands) => {
    if (!Array.isArray(stands)) return { result: stands, length: undefined, closed: false };
    const [result, length, closed] = stands;
    return { result: resultOf(result), length: lengthOf(length), closed: closed === 'closed' };
  });
  return outcome;
}

function resultOf(result: Text | { lines: Text[] } | Failure | null): Result['result'] {
  if (result === null) return null;
  if (typeof result === 'string' || Array.isArray(result)) return textOf(result);
  return 'lines' in result ? result.lines.map(textOf) : failureOf(result);
}

/** Only the facts of a failure: a vector with one exchange has other members as well. */
function failureOf(raw: Failure): Failure {
  const facts: Failure = {};
  if (raw.waits !== undefined) facts.waits = raw.waits;
  if (raw.error !== undefined) facts.error = raw.error;
  if (raw.partial !== undefined) facts.partial = raw.partial;
  if (raw.expected !== undefined) facts.expected = countable(raw.expected);
  // The line of an error is stored without its end, and truncated.
  if (raw.line !== undefined)
    facts.line = textOf(raw.line)
      .replace(/\r?\n$/, '')
      .slice(0, 200);
  if (raw.version !== undefined) facts.version = raw.version;
  if (raw.state !== undefined) facts.state = raw.state;
  return facts;
}

/** A length beyond what a number can represent is given as text. */
function lengthOf(length: number | string | null | undefined): number | undefined {
  return length === null || length === undefined ? undefined : countable(Number(length));
}

/** Lengths near and beyond the largest exact integer all count as equal. */
export function countable(length: number): number {
  return length > Number.MAX_SAFE_INTEGER / 2 ? Infinity : length;
}

function textOf(text: Text): string {
  if (typeof text === 'string') return text;
  return text.map((part) => (typeof part === 'string' ? part : part[0].repeat(part[1]))).join('');
}
