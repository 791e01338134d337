import type { Tolerance } from '@http-client/headers';

/** What a peer sends in response to one request, and how its side of the stream ends. */
export interface Answer {
  /** In ISO-8859-1. */
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

/** An error, by what distinguishes it from others for whoever catches it. */
export interface Fault {
  readonly name: string;
  readonly delivery: string | undefined;
  /** Of an IncompleteRead: how many bytes are missing. */
  readonly expected?: number | undefined;
  /** Whether the system's reset is the error itself, or its cause. */
  readonly reset?: boolean;
}

/** Everything that a caller sees of a response, except how it was split. */
export interface Verdict {
  /** Absent if `getResponse` fails, or is still waiting. */
  head?: Head & { interim: Interim[]; chunked: boolean; willClose: boolean };
  /** Every byte that a caller gets, including those before a fault. */
  body: string;
  ending: 'complete' | 'waiting' | Fault;
  trailers?: Fields | undefined;
  violations: { rule: Tolerance; offset: number }[];
  /** Whether the connection can serve another request. Not defined while a response is awaited. */
  reusable: boolean;
}

/** What the caller does not see, but the tests need to know. */
export interface Judgement {
  readonly verdict: Verdict;
  /** The bytes after the response. */
  readonly excess: string;
  /** Whether the stream belongs to another protocol after this response. */
  readonly switched: boolean;
  /** The rules that make the ending an error: if any of them is tolerated, it may end otherwise. */
  readonly rules: readonly Tolerance[];
}
