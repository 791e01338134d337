import { HTTPException, type Delivery, type TimeoutPhase } from '@http-client/errors';

import type { ExchangeRecord } from './exchange-record.js';
import type { Call, StateMachine } from './state.js';

/** Where an operation failed. */
export interface FailurePlace {
  /** The peer: `host:port`. */
  readonly peer: string;
  /** The connection's state when it failed. */
  readonly state: string;
  readonly phase: TimeoutPhase;
  readonly delivery: Delivery;
}

/**
 * An error as the caller of an operation gets to see it: how far the request got in `delivery`, and behind the message
 * of an error of this project or of the system, where it happened.
 *
 * What is the caller's own is left alone: a signal's reason altogether, the message of an error that a body's source threw.
 */
export function failure(error: unknown, place: FailurePlace, signal?: AbortSignal): unknown {
  const own = signal?.aborted === true && signal.reason === error;
  if (!(error instanceof Error) || own || !Object.isExtensible(error)) return error;
  // An operation that another one's failure ended has its error already.
  if ('delivery' in error && error.delivery !== undefined) return error;
  Object.assign(error, { delivery: place.delivery });
  const silent = place.phase === 'connect' && error instanceof AggregateError && error.message === '';
  if (silent) speak(error);
  if (error instanceof HTTPException || 'syscall' in error || silent) {
    // Where a message says with whom, once is enough.
    const peer = error.message.includes(place.peer) ? '' : `${place.peer}, `;
    reword(error, `${error.message} (${peer}${place.state}, phase ${place.phase})`);
  }
  return error;
}

/** What an operation fails with whose connection is closed; `stray` says that bytes came which no request accounts for. */
export function closedError(what: string, place: string, stray = false): HTTPException {
  const why = stray ? ': bytes came that nobody had asked for' : '';
  return new HTTPException(`Cannot ${what}: the connection to ${place} was closed${why}`);
}

/** The error for a call that is out of order. It names the request that is in the way: one whose response is unread first. */
export function outOfOrder(
  call: Call,
  machine: StateMachine,
  request: ExchangeRecord | undefined,
  unread: ExchangeRecord | undefined,
): Error {
  const { shown } = machine;
  const asked = unread ?? request;
  // Idle and nothing unread: no request is to blame.
  if (asked === undefined || (shown === 'Idle' && unread === undefined)) return machine.refusal(call);
  const what = `${asked.method} ${asked.target}`;
  const got =
    shown === 'Request-started' ? 'has not been ended' : 'has been sent and its response not fetched';
  return machine.refusal(
    call,
    unread === undefined ? `, ${what} ${got}` : `, the response to ${what} has not been read`,
  );
}

/**
 * Gives an error another message. The stack begins with the message, and is what most people see.
 *
 * @internal
 */
export function reword(error: Error, message: string): void {
  error.stack = error.stack?.replace(error.message, () => message) ?? '';
  error.message = message;
}

/** A name with several addresses, none of which answers: Node's error has one for each, and says nothing itself. */
function speak(error: AggregateError): void {
  // Where stacks are made when they are first asked for, a later one would have the message already.
  const { stack = '' } = error;
  error.message = error.errors
    .map((each) => (each instanceof Error ? each.message : String(each)))
    .join('; ');
  // Its first line is the name alone.
  error.stack = stack.replace(/:? *$/m, () => `: ${error.message}`);
}
