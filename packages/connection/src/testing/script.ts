import { decodeLatin1 } from '@http-client/io';

import { lengthCounter, requestCounter, type Counter } from './counter.js';

/** What a script may hold beside bytes; made by the functions and constants of this module. */
export type ScriptMarker =
  | { readonly kind: 'end' | 'stall' }
  | { readonly kind: 'reset'; readonly code: string }
  | { readonly kind: 'wait'; readonly counter: () => Counter };

/** One step of a script: bytes to play (text is ISO-8859-1), or a marker. */
export type ScriptStep = string | Uint8Array | ScriptMarker;

/** The peer has sent everything (FIN): reads give `null` from here on. It still takes what is written. */
export const END: ScriptMarker = { kind: 'end' };

/** Nothing more comes until the transport is closed. Every script that does not say otherwise ends so. */
export const STALL: ScriptMarker = { kind: 'stall' };

/** The peer breaks the connection off: reads and writes reject with a system error of this code. */
export function reset(code = 'ECONNRESET'): ScriptMarker {
  return { kind: 'reset', code };
}

/**
 * Plays on when the client has written so many bytes more, or what the predicate wants: it is shown, as text, all that
 * was written since the last wait. `afterWrite(0)` waits for nothing.
 */
export function afterWrite(amount: number | ((sent: string) => boolean)): ScriptMarker {
  if (typeof amount === 'number') return { kind: 'wait', counter: () => lengthCounter(amount) };
  return { kind: 'wait', counter: () => (sent) => (amount(decodeLatin1(sent)) ? sent.length : undefined) };
}

/** Plays on when the client has written one whole request more, its body included. */
export function afterRequest(): ScriptMarker {
  return { kind: 'wait', counter: requestCounter };
}

/** How a script is played. Sizes are bytes. */
export interface ScriptOptions {
  /**
   * Where the bytes are cut into blocks, beside between the steps: blocks of at most so many bytes, `'bytes'` for
   * single ones, or the offsets at which to cut, counted over the whole script.
   */
  split?: number | 'bytes' | readonly number[];
  /** The peer takes so much, and then nothing until `drain()`: writes stay pending. */
  stallWritesAfter?: number;
  /** The peer takes so much; the write that goes beyond rejects with `EPIPE`, and every one behind it. */
  failWritesAfter?: number;
}

/** A server speaks when it was spoken to. */
export function* withWait(steps: Iterable<ScriptStep>): Generator<ScriptStep, void, void> {
  let first = true;
  for (const step of steps) {
    if (first && (typeof step === 'string' || step instanceof Uint8Array)) yield afterRequest();
    first = false;
    yield step;
  }
}

/** How long the block may be that begins at an offset. */
export function splitter(split: ScriptOptions['split']): (offset: number) => number {
  if (split === undefined) return () => Infinity;
  if (typeof split === 'object') {
    const cuts = [...split].sort((a, b) => a - b);
    return (offset) => (cuts.find((cut) => cut > offset) ?? Infinity) - offset;
  }
  const size = split === 'bytes' ? 1 : split;
  if (!(size >= 1)) throw new RangeError(`Cannot split into blocks of ${size} bytes: expected at least 1`);
  return () => size;
}
