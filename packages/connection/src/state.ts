import {
  CannotSendHeader,
  CannotSendRequest,
  ResponseNotReady,
  type ConnectionState,
} from '@http-client/errors';

/** The six states of the reference: each state of the request, with and without a response that is not read to its end. */
export type LogicalState =
  ConnectionState | 'Unread-response' | 'Request-started-unread-response' | 'Request-sent-unread-response';

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
  Idle: {
    putRequest: 'Request-started',
    close: 'Idle',
  },
  'Request-started': {
    putHeader: 'Request-started',
    endHeaders: 'Request-sent',
    close: 'Idle',
  },
  'Request-sent': {
    send: 'Request-sent',
    getResponse: 'Request-sent',
    response: 'Unread-response',
    close: 'Idle',
  },
  'Unread-response': {
    putRequest: 'Request-started-unread-response',
    end: 'Idle',
    close: 'Idle',
  },
  'Request-started-unread-response': {
    putHeader: 'Request-started-unread-response',
    endHeaders: 'Request-sent-unread-response',
    end: 'Request-started',
    close: 'Idle',
  },
  'Request-sent-unread-response': {
    send: 'Request-sent-unread-response',
    end: 'Request-sent',
    close: 'Idle',
  },
} as const satisfies Record<LogicalState, Partial<Record<Event, LogicalState>>>;

/** The state that the reference shows, without the response. */
const SHOWN: Readonly<Record<LogicalState, ConnectionState>> = {
  Idle: 'Idle',
  'Request-started': 'Request-started',
  'Request-sent': 'Request-sent',
  'Unread-response': 'Idle',
  'Request-started-unread-response': 'Request-started',
  'Request-sent-unread-response': 'Request-sent',
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
  #state: LogicalState = 'Idle';

  get logical(): LogicalState {
    return this.#state;
  }

  get shown(): ConnectionState {
    return SHOWN[this.#state];
  }

  /** Whether the event has a place here. */
  allows(event: Event): boolean {
    return event in TRANSITIONS[this.#state];
  }

  /** Moves; the caller has checked a call, and an event that is none has a place wherever it can happen. */
  move(event: Event): void {
    const row: Partial<Record<Event, LogicalState>> = TRANSITIONS[this.#state];
    this.#state = row[event] ?? this.#state;
  }

  /** The error for a call that is out of order: names the state, and what would be legal. */
  refusal(call: Call, why?: string): Error {
    const [what, ErrorClass] = CALLS[call];
    const legal = Object.keys(TRANSITIONS[this.#state]).filter(
      (event) => (event in CALLS && event !== call) || event === 'close',
    );
    return new ErrorClass(
      `Cannot ${what}: the connection is in state ${this.#state}${why === undefined ? '' : `, ${why}`} (legal now: ${legal.join(', ')})`,
      { state: this.shown },
    );
  }
}
