import type { Tolerance } from '@http-client/headers';

/** What a peer sends in answer to one request, and how its side of the stream ends. */
export interface Answer {
  /** ISO-8859-1. */
  readonly stream: string;
  readonly end: 'open' | 'fin' | 'reset';
  readonly method: string;
  /** Whether the request asked for another protocol. */
  readonly upgrade: boolean;
}

export type Fields = readonly (readonly [name: string, value: string])[];

export interface Head {
  readonly version: 10 | 11;
  readonly status: number;
  readonly reason: string;
  readonly fields: Fields;
}

export type Interim = Omit<Head, 'version'>;

/** An error as its catcher tells it from others. */
export interface Fault {
  readonly name: string;
  readonly delivery: string | undefined;
  /** Of an IncompleteRead: how many bytes are missing. */
  readonly expected?: number | undefined;
  /** Whether the system's reset is the error itself, or its cause. */
  readonly reset?: boolean;
}

/** All that a caller sees of an answer, but for how it came in pieces. */
export interface Verdict {
  /** Absent where `getResponse` fails, or waits. */
  head?: Head & { interim: Interim[]; chunked: boolean; willClose: boolean };
  /** Every byte that a caller gets to see, before a fault too. */
  body: string;
  ending: 'complete' | 'waiting' | Fault;
  trailers?: Fields | undefined;
  violations: { rule: Tolerance; offset: number }[];
  /** Whether the connection serves another request; not defined while an answer is waited for. */
  reusable: boolean;
}

/** What the caller does not see, and the tests want to know. */
export interface Judgement {
  readonly verdict: Verdict;
  /** What stands behind the answer. */
  readonly excess: string;
  /** Behind this answer the stream is another protocol's. */
  readonly switched: boolean;
  /** The rules that make the ending an error: any of them, tolerated, may make another. */
  readonly rules: readonly Tolerance[];
}
