import type { Delivery, LogicalState, Tolerance, WirePart } from '@http-client/client';

import type { Limits } from './limits.js';
import type { Call } from './schemas.js';
import type { CannedAnswer } from './targets/answers.js';

/**
 * The protocol between the page and its server. The server validates what the page sends with the schemas in
 * `schemas.ts`. What the server sends only has types: the page trusts its own server.
 *
 * Bytes are transferred as text with one character for each (ISO-8859-1), so that nothing a peer sends is interpreted.
 */
export type { Call, CallRequest, JudgeRequest, Settings } from './schemas.js';

export type CallName = Call['call'];

/** A field's name and value. */
export type Field = readonly [name: string, value: string];

/**
 * The paths of the API. All requests are POST with JSON.
 *
 * - `hello` responds with Hello.
 * - `sessions` takes Settings and responds with Updates, one JSON text per line, for as long as the session lasts.
 * - `call` takes a CallRequest and responds with Begun as soon as the call has begun.
 * - `judge` takes a JudgeRequest and responds with Verdicts.
 *
 * An error has another status, and its reason as text.
 */
export const ROUTES = {
  hello: '/api/hello',
  sessions: '/api/sessions',
  call: '/api/call',
  judge: '/api/judge',
} as const;

/** The field with the page's token. */
export const TOKEN_FIELD = 'x-playground-token';

/** What a page needs to begin. */
export interface Hello {
  readonly targets: readonly Target[];
  /** From a state, by an event, to a state: the table that the connection itself uses. */
  readonly transitions: Readonly<Record<LogicalState, Readonly<Record<string, LogicalState>>>>;
  readonly tolerances: readonly Tolerance[];
  /** Responses to start a comparison from. */
  readonly answers: readonly CannedAnswer[];
  readonly limits: Limits;
}

/** An embedded test server. */
export interface Target {
  readonly name: string;
  readonly title: string;
  /** What it shows. */
  readonly about: string;
  readonly kind: 'server' | 'proxy';
  /** `http://127.0.0.1:40123`; for a proxy, with the credentials that it requires. */
  readonly url: string;
  /** The request that shows what it is for, unless that is `GET /`. */
  readonly example?:
    { readonly method: string; readonly body: string; readonly expectContinue?: boolean } | undefined;
}

/** What a session reports, as it happens. */
export type Update =
  | { readonly type: 'opened'; readonly session: string }
  | { readonly type: 'wire'; readonly item: WireItem }
  | { readonly type: 'call'; readonly record: CallRecord }
  | { readonly type: 'view'; readonly view: ConnectionView }
  /** The session has ended. This is the last update. */
  | { readonly type: 'ended'; readonly why: string };

/** A range of bytes on the wire. */
export interface WireItem {
  readonly direction: 'sent' | 'received';
  readonly part: WirePart;
  /** Whether it belongs to the exchange with the proxy, before the tunnel was open. */
  readonly tunnel: boolean;
  readonly data: string;
  /** The number of its bytes. `data` has fewer once the session has kept as many as it may. */
  readonly size: number;
  /** Milliseconds since the session began. */
  readonly time: number;
}

/** The response to a call. Its outcome is an update. */
export interface Begun {
  readonly number: number;
}

/** A call that was made: sent when it begins, and again with its outcome, after all updates that result from it. */
export interface CallRecord {
  readonly number: number;
  readonly call: CallName;
  /** The call as it would be written in a program. */
  readonly code: string;
  readonly outcome: Outcome | undefined;
}

export type Outcome =
  | { readonly ok: true; readonly value: string; readonly duration: number }
  | { readonly ok: false; readonly error: ErrorView; readonly duration: number };

export interface ErrorView {
  readonly name: string;
  readonly code: string | undefined;
  readonly message: string;
  readonly delivery: Delivery | undefined;
  /** The other properties of the error, as text. */
  readonly details: readonly Field[];
}

/** The state of a connection, as displayed. */
export interface ConnectionView {
  readonly state: LogicalState;
  readonly connected: boolean;
  readonly response: ResponseView | undefined;
  readonly timing: readonly Phase[];
  /** The number of ranges of bytes on the wire that were not reported. */
  readonly untold: number;
}

export interface HeadView {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly Field[];
}

export interface ResponseView extends HeadView {
  readonly version: 10 | 11;
  readonly informational: readonly HeadView[];
  readonly trailers: readonly Field[] | undefined;
  readonly violations: readonly {
    readonly rule: Tolerance;
    readonly offset: number;
    readonly detail: string;
  }[];
  /** What lenient parsing skipped in the field lines. */
  readonly defects: readonly { readonly line: string; readonly detail: string }[];
  readonly chunked: boolean;
  /** The bytes left to read; undefined if the framing does not say. */
  readonly length: number | undefined;
  readonly willClose: boolean;
  readonly closed: boolean;
  /** The beginning of what was read of the body, and the size of all that was read. */
  readonly body: string;
  readonly bodySize: number;
}

export type PhaseName = 'connect' | 'tunnel' | 'TLS' | 'send' | 'wait' | 'body';

/** A phase of the exchange, in milliseconds since the session began. */
export interface Phase {
  readonly name: PhaseName;
  readonly start: number;
  readonly end: number;
}

/** The result of reading a response in one mode. */
export interface Verdict {
  /** The mode: `strict`, `lenient`, or the only rule that is relaxed. */
  readonly judge: string;
  /** The head and what was read of the body; with an error if that was truncated. */
  readonly response: ResponseView | undefined;
  readonly error: ErrorView | undefined;
}
