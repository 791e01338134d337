import type { TimeoutPhase } from '@http-client/errors';
import type { AbortSignalLike } from '@http-client/io';

/** What a step gives while the bytes it needs have not come. */
export const PENDING: unique symbol = Symbol('pending');

/**
 * One operation on what is received: looks at the input, and either completes, or throws, or says PENDING and is
 * called again when more bytes have come. It keeps its own progress. Once the input has ended it may not be PENDING.
 */
export type Step<T> = () => T | typeof PENDING;

/** What a step of a body gives, as an iterator gives it: nothing is its end. */
export function iterated(
  value: Uint8Array | typeof PENDING,
): IteratorResult<Uint8Array, undefined> | typeof PENDING {
  if (value === PENDING) return PENDING;
  return value.length > 0 ? { value, done: false } : { value: undefined, done: true };
}

/** How an operation waits. */
export interface Waiting {
  readonly phase: TimeoutPhase;
  /** What the operation does, in the words of an error: `read the response body`. */
  readonly what: string;
  /** Milliseconds; none where absent. */
  readonly timeout: number | undefined;
  readonly signal: AbortSignalLike | undefined;
  /** Whoever owns the operation learns of its failure first, and says what its caller gets to see. */
  failed(error: unknown): unknown;
  /** Whether nothing is left to wait for: the operation completes, then, where the channel closes before its turn. */
  over?(): boolean;
  /** Called when the step has completed, before anybody else is told. */
  completed?(): void;
}

/** An operation that waits, with what there is to undo when it no longer does. */
export interface Waiter {
  readonly step: Step<unknown>;
  readonly waiting: Waiting;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  /** Its signal has nothing to tell it any more. */
  readonly forget: (() => void) | undefined;
}
