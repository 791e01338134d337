import type { TimeoutPhase } from '@http-client/errors';
import type { AbortSignalLike, OwnBytes } from '@http-client/io';

/** Returned by a step while the bytes that it needs have not arrived. */
export const PENDING: unique symbol = Symbol('pending');

/**
 * One operation on the bytes received: examines the input, and either completes, or throws, or returns PENDING and is
 * called again when more bytes have arrived. It keeps its own progress. Once the input has ended it must not be
 * PENDING.
 */
export type Step<T> = () => T | typeof PENDING;

/** The result of a body's step, as an iterator returns it: an empty block is the end. */
export function iterated(
  value: OwnBytes | typeof PENDING,
): IteratorResult<OwnBytes, undefined> | typeof PENDING {
  if (value === PENDING) return PENDING;
  return value.length > 0 ? { value, done: false } : { value: undefined, done: true };
}

/** How an operation waits. */
export interface Waiting {
  readonly phase: TimeoutPhase;
  /** What the operation does, as worded in an error: `read the response body`. */
  readonly what: string;
  /** Milliseconds; none if undefined. */
  readonly timeout: number | undefined;
  readonly signal: AbortSignalLike | undefined;
  /** Notifies the owner of the operation of its failure, and returns the error that the caller receives. */
  failed(error: unknown): unknown;
  /** Whether nothing is left to wait for: if the channel closes before its turn, the operation then completes. */
  over?(): boolean;
  /** Called when the step has completed, before its promise is resolved. */
  completed?(): void;
}

/** A waiting operation, and what has to be undone when it no longer waits. */
export interface Waiter {
  readonly step: Step<unknown>;
  readonly waiting: Waiting;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  /** Stops listening to its signal. */
  readonly forget: (() => void) | undefined;
}
