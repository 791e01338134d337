import {
  CannotSendHeader,
  CannotSendRequest,
  ResponseNotReady,
  type ConnectionState,
} from '@http-client/errors';

const IDLE = 'Idle';
const STARTED = 'Request-started';
const SENT = 'Request-sent';
const UNREAD = 'Unread-response';
const STARTED_UNREAD = 'Request-started-unread-response';
const SENT_UNREAD = 'Request-sent-unread-response';

/** The six states of the reference: each state of the request, with and without a response that is not read to its end. */
export type LogicalState = ConnectionState | typeof UNREAD | typeof STARTED_UNREAD | typeof SENT_UNREAD;

/** The calls that have a place in the order of things; anything else may be called at any time. */
export type Call = 'putRequest' | 'putHeader' | 'endHeaders' | 'send' | 'getResponse';

/** What moves a connection from state to state: the calls, and what follows from them. */
export type Event = Call | 'response' | 'end' | 'close';

/**
 * Every transition there is. An event that is missing from a state's row cannot happen there: for a call that is an
 * error, which changes nothing.
 *
 * - `getResponse` leaves the state alone; `response` follows when the head has come and the connection stays open.
 * - `end`: the response was read to its end, or took the transport with it, since it is the transport's last.
 * - `close`: the connection was closed, by its owner or by an error.
 */
export const TRANSITIONS = {
  [IDLE]: { putRequest: STARTED, close: IDLE },
  [STARTED]: { putHeader: STARTED, endHeaders: SENT, close: IDLE },
  [SENT]: { send: SENT, getResponse: SENT, response: UNREAD, close: IDLE },
  [UNREAD]: { putRequest: STARTED_UNREAD, end: IDLE, close: IDLE },
  [STARTED_UNREAD]: { putHeader: STARTED_UNREAD, endHeaders: SENT_UNREAD, end: STARTED, close: IDLE },
  [SENT_UNREAD]: { send: SENT_UNREAD, end: SENT, close: IDLE },
} as const satisfies Record<LogicalState, Partial<Record<Event, LogicalState>>>;

/** The same, to be looked up: rows of different shapes are slow to read as objects, and an exchange asks ten times. */
const ROWS = /* @__PURE__ */ new Map(
  /* @__PURE__ */ Object.entries(TRANSITIONS).map(
    ([state, row]) =>
      [state as LogicalState, new Map(Object.entries(row) as [Event, LogicalState][])] as const,
  ),
);

/** The state that the reference shows, without the response. */
const SHOWN: Readonly<Record<LogicalState, ConnectionState>> = {
  [IDLE]: IDLE,
  [STARTED]: STARTED,
  [SENT]: SENT,
  [UNREAD]: IDLE,
  [STARTED_UNREAD]: STARTED,
  [SENT_UNREAD]: SENT,
};

/** What each call does, in the words of an error message, and the class of that error. */
const CALLS = {
  putRequest: ['start a request', CannotSendRequest],
  putHeader: ['send a header field', CannotSendHeader],
  endHeaders: ['end the headers', CannotSendHeader],
  send: ['send body data', CannotSendRequest],
  getResponse: ['get a response', ResponseNotReady],
} as const;

/** Where a connection stands. The only place where that is written. */
export class StateMachine {
  #state: LogicalState = IDLE;
  #row = ROWS.get(IDLE)!;

  get logical(): LogicalState {
    return this.#state;
  }

  get shown(): ConnectionState {
    return SHOWN[this.#state];
  }

  /** Whether the event has a place here. */
  allows(event: Event): boolean {
    return this.#row.has(event);
  }

  /** Moves; the caller has checked a call, and an event that is none has a place wherever it can happen. */
  move(event: Event): void {
    this.#state = this.#row.get(event) ?? this.#state;
    this.#row = ROWS.get(this.#state)!;
  }

  /** The error for a call that is out of order: names the state, `why`, and what would be legal. */
  refusal(call: Call, why = ''): Error {
    const [what, ErrorClass] = CALLS[call];
    const legal = [...this.#row.keys()].filter(
      (event) => (event in CALLS && event !== call) || event === 'close',
    );
    return new ErrorClass(
      `Cannot ${what}: the connection is in state ${this.#state}${why} (legal now: ${legal.join(', ')})`,
      { state: this.shown },
    );
  }
}
