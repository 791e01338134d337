import type { Delivery, LogicalState, Tolerance, WirePart } from '@http-client/client';

import type { Limits } from './limits.js';
import type { Call } from './schemas.js';
import type { CannedAnswer } from './targets/answers.js';

/**
 * What the page and its server say to each other. What the page sends has its schema in `schemas.ts`, since the server
 * checks it; what the server sends is a type alone, since the page is its own.
 *
 * Bytes travel as text with one character for each (ISO-8859-1), so that nothing of a peer's is read as anything else.
 */
export type { Call, CallRequest, JudgeRequest, Settings } from './schemas.js';

export type CallName = Call['call'];

/** A field's name and value. */
export type Field = readonly [name: string, value: string];

/**
 * Where to ask, always by POST and JSON. `hello` answers with Hello; `sessions` takes Settings and answers with Updates,
 * one JSON text a line, for as long as the session lasts; `call` takes a CallRequest and answers with Begun as soon as it
 * is; `judge` takes a JudgeRequest and answers with Verdicts. Whatever cannot be done is another status, and why as text.
 */
export const ROUTES = {
  hello: '/api/hello',
  sessions: '/api/sessions',
  call: '/api/call',
  judge: '/api/judge',
} as const;

/** The field that shows the page's token. */
export const TOKEN_FIELD = 'x-playground-token';

/** What a page is told when it asks what there is. */
export interface Hello {
  readonly targets: readonly Target[];
  /** From a state, by an event, to a state: the table that the connection itself goes by. */
  readonly transitions: Readonly<Record<LogicalState, Readonly<Record<string, LogicalState>>>>;
  readonly tolerances: readonly Tolerance[];
  /** What there is to begin a comparison with. */
  readonly answers: readonly CannedAnswer[];
  readonly limits: Limits;
}

/** An embedded server. */
export interface Target {
  readonly name: string;
  /** What it is for, in a few words, and what one can see there. */
  readonly title: string;
  readonly about: string;
  readonly kind: 'server' | 'proxy';
  /** `http://127.0.0.1:40123`; a proxy's with the credentials that it wants. */
  readonly url: string;
  /** The request that shows what it is for, where that is not `GET /`. */
  readonly example?:
    { readonly method: string; readonly body: string; readonly expectContinue?: boolean } | undefined;
}

/** What a session tells, as it happens. */
export type Update =
  | { readonly type: 'opened'; readonly session: string; readonly place: string }
  | { readonly type: 'wire'; readonly item: WireItem }
  | { readonly type: 'call'; readonly record: CallRecord }
  | { readonly type: 'view'; readonly view: ConnectionView }
  /** The session is over, which is said last. */
  | { readonly type: 'ended'; readonly why: string };

/** A range of bytes that went over the wire. */
export interface WireItem {
  readonly direction: 'sent' | 'received';
  readonly part: WirePart;
  /** Whether it was said to the proxy, before the tunnel was open. */
  readonly tunnel: boolean;
  readonly data: string;
  /** All its bytes; more than are in `data` where the session has as many as it keeps. */
  readonly size: number;
  /** Milliseconds since the session began. */
  readonly time: number;
}

/** What a call is answered with; what comes of it is an update. */
export interface Begun {
  readonly number: number;
}

/** One call that was made; told when it begins, and again when all has been told that came of it. */
export interface CallRecord {
  readonly number: number;
  readonly call: CallName;
  /** As it stands in a program. */
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
  /** What else the error says: its own fields, as text. */
  readonly details: readonly Field[];
}

/** Where a connection stands. */
export interface ConnectionView {
  readonly state: LogicalState;
  readonly connected: boolean;
  readonly reusable: boolean;
  readonly response: ResponseView | undefined;
  readonly timing: readonly Phase[];
  /** Ranges of bytes that went over the wire beyond those that are told. */
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
  /** What lenient parsing passed over in the field lines. */
  readonly defects: readonly { readonly line: string; readonly detail: string }[];
  readonly chunked: boolean;
  /** What is left to read; undefined where the framing does not tell. */
  readonly length: number | undefined;
  readonly willClose: boolean;
  readonly closed: boolean;
  /** The beginning of what was read of the body, and how much that was. */
  readonly body: string;
  readonly bodySize: number;
}

export type PhaseName = 'connect' | 'tunnel' | 'TLS' | 'send' | 'wait' | 'body';

/** A stretch of time in the exchange; milliseconds since the session began. */
export interface Phase {
  readonly name: PhaseName;
  readonly start: number;
  readonly end: number;
}

/** How one way of judging takes an answer. */
export interface Verdict {
  /** `strict`, `lenient`, or the rule that strict is relaxed by. */
  readonly judge: string;
  /** The head and what was read of the body; with an error where that broke off. */
  readonly response: ResponseView | undefined;
  readonly error: ErrorView | undefined;
}
