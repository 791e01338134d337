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

/** A state, and the place that each of its events leads to. */
interface Place {
  readonly state: LogicalState;
  readonly next: Map<string, Place>;
}

/** All of them, linked: an exchange moves four times, and to look up the state's row each time would cost as much again. */
const START = /* @__PURE__ */ linked();

function linked(): Place {
  const places = new Map<string, Place>();
  for (const state of Object.keys(TRANSITIONS) as LogicalState[])
    places.set(state, { state, next: new Map() });
  for (const [state, { next }] of places) {
    for (const [event, to] of Object.entries(TRANSITIONS[state as LogicalState]))
      next.set(event, places.get(to)!);
  }
  return places.get(IDLE)!;
}

/** Where a connection stands. The only place where that is written. */
export class StateMachine {
  #place = START;

  get logical(): LogicalState {
    return this.#place.state;
  }

  get shown(): ConnectionState {
    return SHOWN[this.logical];
  }

  /** Whether the event has a place here. */
  allows(event: Event): boolean {
    return this.#place.next.has(event);
  }

  /** Moves; the caller has checked a call, and an event that is none has a place wherever it can happen. */
  move(event: Event): void {
    this.#place = this.#place.next.get(event) ?? this.#place;
  }

  /** The error for a call that is out of order: names the state, `why`, and what would be legal. */
  refusal(call: Call, why = ''): Error {
    const [what, ErrorClass] = CALLS[call];
    // `request` is `putRequest` and `endHeaders` in one, and what most people call.
    const legal = [...this.#place.next.keys()].filter(
      (event) => (event in CALLS && event !== call) || event === 'close',
    );
    return new ErrorClass(
      `Cannot ${what}: the connection is in state ${this.logical}${why} (legal now: ${legal.join(', ').replace('putRequest', 'request, putRequest')})`,
      { state: this.shown },
    );
  }
}
