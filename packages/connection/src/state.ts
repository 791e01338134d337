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

/** The six states of the reference: each state of the request, with and without an unread response. */
export type LogicalState = ConnectionState | typeof UNREAD | typeof STARTED_UNREAD | typeof SENT_UNREAD;

/** The calls that have to be made in order; all others may be made at any time. */
export type Call = 'putRequest' | 'putHeader' | 'endHeaders' | 'send' | 'getResponse';

/** The events that change the state of a connection: the calls, and their consequences. */
export type Event = Call | 'response' | 'end' | 'close';

/**
 * All transitions. An event missing from a state's row cannot happen there: a call is then an error, which changes
 * nothing.
 *
 * - `getResponse` does not change the state; `response` follows when the head has arrived.
 * - `end`: the response was read to its end, or took the transport with it, since it is the transport's last.
 * - `close`: the connection was closed, by its owner or by an error.
 *
 * In a function, since bundlers keep a literal with computed names even if nothing uses it.
 */
export const TRANSITIONS = /* @__PURE__ */ (() =>
  ({
    [IDLE]: { putRequest: STARTED, close: IDLE },
    [STARTED]: { putHeader: STARTED, endHeaders: SENT, close: IDLE },
    [SENT]: { send: SENT, getResponse: SENT, response: UNREAD, close: IDLE },
    [UNREAD]: { putRequest: STARTED_UNREAD, end: IDLE, close: IDLE },
    [STARTED_UNREAD]: { putHeader: STARTED_UNREAD, endHeaders: SENT_UNREAD, end: STARTED, close: IDLE },
    [SENT_UNREAD]: { send: SENT_UNREAD, end: SENT, close: IDLE },
  }) as const satisfies Record<LogicalState, Partial<Record<Event, LogicalState>>>)();

/** The state that is shown, as in the reference: without the response. */
const SHOWN: Readonly<Record<LogicalState, ConnectionState>> = /* @__PURE__ */ (() => ({
  [IDLE]: IDLE,
  [STARTED]: STARTED,
  [SENT]: SENT,
  [UNREAD]: IDLE,
  [STARTED_UNREAD]: STARTED,
  [SENT_UNREAD]: SENT,
}))();

/** What each call does, as worded in an error message, and the class of that error. */
const CALLS = {
  putRequest: ['start a request', CannotSendRequest],
  putHeader: ['send a header field', CannotSendHeader],
  endHeaders: ['end the headers', CannotSendHeader],
  send: ['send body data', CannotSendRequest],
  getResponse: ['get a response', ResponseNotReady],
} as const;

/** A state, and where each event leads that can happen in it. */
interface State {
  readonly name: LogicalState;
  readonly next: Map<Event, State>;
}

/**
 * The table as it is looked up: the first state, with all others behind it. V8 finds what is in a map several times as
 * fast as the property of an object whose name is not always the same, and an exchange looks it up seven times.
 */
const START = /* @__PURE__ */ linked();

function linked(): State {
  const rows = Object.entries(TRANSITIONS) as [LogicalState, Record<Event, LogicalState>][];
  const states = new Map(rows.map(([name]): [string, State] => [name, { name, next: new Map() }]));
  for (const [name, row] of rows) {
    for (const [event, to] of Object.entries(row))
      states.get(name)!.next.set(event as Event, states.get(to)!);
  }
  return states.get(IDLE)!;
}

/** The state of a connection, which nothing else stores or changes. */
export class StateMachine {
  #state = START;

  get logical(): LogicalState {
    return this.#state.name;
  }

  get shown(): ConnectionState {
    return SHOWN[this.#state.name];
  }

  /** Whether the event can happen in this state. */
  allows(event: Event): boolean {
    return this.#state.next.has(event);
  }

  /**
   * Changes the state. An event that leads nowhere from here is ignored: an observer may have closed the connection.
   *
   * @throws for a call, which changes nothing: it has been checked before, but a getter of its arguments may have closed
   * the connection since, or made another request.
   */
  move(event: Event): void {
    const next = this.#state.next.get(event);
    if (next !== undefined) this.#state = next;
    else if (event in CALLS) throw this.refusal(event as Call);
  }

  /** The error for a call out of order: it names the state, `why`, and the calls that would be legal. */
  refusal(call: Call, why = ''): Error {
    const [what, ErrorClass] = CALLS[call];
    // `request` is `putRequest` and `endHeaders` in one, and the usual call.
    const legal = [...this.#state.next.keys()].filter(
      (event) => (event in CALLS && event !== call) || event === 'close',
    );
    return new ErrorClass(
      `Cannot ${what}: the connection is in state ${this.logical}${why} (legal now: ${legal.join(', ').replace('putRequest', 'request, putRequest')})`,
      { state: this.shown },
    );
  }
}
