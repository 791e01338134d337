import { HTTPException, TimeoutError, type Delivery, type TimeoutPhase } from '@http-client/errors';
import { isError } from '@http-client/io';

import type { Channel } from './channel.js';
import type { ExchangeRecord } from './exchange-record.js';
import type { Call, StateMachine } from './state.js';

/** Where an operation failed. */
export interface FailurePlace {
  /** The peer: `host:port`. */
  readonly peer: string;
  /** The connection's state when it failed. */
  readonly state: string;
  readonly phase: TimeoutPhase;
}

/** The request that failed, or for which something was to be opened. */
export interface FailedRequest {
  readonly delivery: Delivery;
  /** The channel, once it has one. */
  readonly channel?: Channel | undefined;
}

/** Reasons of the signals that ended an attempt to connect: for all who wait for it, not only the signal's own call. */
const REASONS = new WeakSet<object>();

/** To be called with the reason of a signal before other operations end with it, too. */
export function keepReason(reason: unknown): void {
  if (isError(reason)) REASONS.add(reason);
}

/**
 * Completes an error for the caller of an operation: `delivery` says how far the request got, and the message of an
 * error of this project or of the system ends with where it happened.
 *
 * The caller's own errors are respected: a signal's reason is not changed at all, and an error that a body's source
 * or `onInformational` threw keeps its message, unless it is a new HTTPException, which cannot be told from one of ours.
 */
export function failure<E>(
  error: E,
  place: FailurePlace,
  { delivery, channel }: FailedRequest,
  signal?: AbortSignal,
): E {
  const own = signal?.aborted === true && signal.reason === error;
  if (!isError(error) || own || REASONS.has(error)) return error;
  // The failure of another operation may have ended this one; or a connector or source has failed with the error of
  // another connection. Then the message is complete, but not how far this request got.
  const isComplete = 'delivery' in error && error.delivery !== undefined;
  // Not by assignment, which throws if it is frozen, or has a getter of that name.
  Reflect.set(error, 'delivery', delivery);
  if (isComplete) return error;
  const silent = place.phase === 'connect' && isSilentAggregate(error);
  if (silent) describeParts(error);
  // Once there is a channel, an error of the system that it does not know comes from the caller's code, and says nothing
  // about the peer.
  const isOfPeer = channel === undefined || error === channel.writeFailure || error === channel.input.failure;
  if (error instanceof HTTPException || ('syscall' in error && isOfPeer) || silent) {
    // A message that already names the peer need not name it twice.
    const peer = error.message.includes(place.peer) ? '' : `${place.peer}, `;
    const { phase } = error instanceof TimeoutError ? error : place;
    reword(error, `${error.message} (${peer}state ${place.state}, phase ${phase})`);
  }
  return error;
}

/** For operations whose errors are completed where they are awaited. */
export function unchanged(error: unknown): unknown {
  return error;
}

/** The error of an operation whose connection was closed; `stray` says that bytes arrived that belong to no request. */
export function closedError(what: string, place: string, stray = false): HTTPException {
  const why = stray ? ': unsolicited bytes arrived' : '';
  return new HTTPException(`Cannot ${what}: the connection to ${place} was closed${why}`);
}

/** The error for a call out of order. It names the request in the way, preferably one with an unread response. */
export function outOfOrder(
  call: Call,
  machine: StateMachine,
  request: ExchangeRecord | undefined,
  unread: ExchangeRecord | undefined,
): Error {
  const { shown } = machine;
  const asked = unread ?? request;
  // Idle with nothing unread: no request is in the way.
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
 * Replaces the message of an error, also in the stack, which contains it and is what most people see. Leaves what cannot
 * be replaced: the error may be frozen, or have a getter, and a program's `Error.prepareStackTrace` may make no text.
 *
 * @internal
 */
export function reword(
  error: Error,
  message: string,
  before: string | RegExp = error.message,
  after = message,
): void {
  // Read first: where stacks are created lazily, a later one would already include the message.
  const stack: unknown = error.stack;
  Reflect.set(error, 'message', message);
  if (typeof stack === 'string')
    Reflect.set(
      error,
      'stack',
      stack.replace(before, () => after),
    );
}

function isSilentAggregate(error: Error): error is AggregateError {
  return 'errors' in error && Array.isArray(error.errors) && error.message === '';
}

/** Gives Node's error for a name with several unreachable addresses a message, made of those of its parts. */
function describeParts(error: AggregateError): void {
  const message = error.errors.map((each) => (isError(each) ? each.message : String(each))).join('; ');
  // The first line of the stack consists of the name alone.
  reword(error, message, /:? *$/m, `: ${message}`);
}
