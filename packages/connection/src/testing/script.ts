import { cannotUse, checkInteger, checkType, type OptionNames } from '@http-client/errors';
import { decodeLatin1, isBytes } from '@http-client/io';

import { lengthCounter, requestCounter, type Counter } from './counter.js';

/** What a script may contain besides bytes: the constants of this module, and what its functions return. */
export type ScriptMarker =
  | { readonly kind: 'end' | 'stall' }
  | { readonly kind: 'reset'; readonly code: string }
  | { readonly kind: 'wait'; readonly counter: () => Counter };

/** One step of a script: bytes to play (text is ISO-8859-1), or a marker. */
export type ScriptStep = string | Uint8Array | ScriptMarker;

/** The peer has sent everything (FIN): reads return `null` from here on. It still takes what is written. */
export const END: ScriptMarker = { kind: 'end' };

/** Nothing more arrives until the transport is closed. Every script ends like this unless it says otherwise. */
export const STALL: ScriptMarker = { kind: 'stall' };

/**
 * The peer resets the connection: reads and writes reject with a system error of this code.
 *
 * @throws TypeError for a code that is not a string.
 */
export function reset(code = 'ECONNRESET'): ScriptMarker {
  checkType(code, 'the code of a reset', 'string');
  return { kind: 'reset', code };
}

/**
 * Continues when the client has written this many more bytes, or when the predicate returns true: it is passed, as
 * text, everything written since the last wait. `afterWrite(0)` waits for nothing.
 *
 * @throws TypeError or RangeError for anything but a number of bytes or a function.
 */
export function afterWrite(amount: number | ((sent: string) => boolean)): ScriptMarker {
  if (typeof amount !== 'function') {
    checkInteger(amount, 'the bytes of afterWrite', 0);
    return { kind: 'wait', counter: () => lengthCounter(amount) };
  }
  return { kind: 'wait', counter: () => (sent) => (amount(decodeLatin1(sent)) ? sent.length : undefined) };
}

/** Continues when the client has written one more complete request, including its body. */
export function afterRequest(): ScriptMarker {
  return { kind: 'wait', counter: requestCounter };
}

/** How a script is played. Sizes are bytes. */
export interface ScriptOptions {
  /**
   * Where the bytes are cut into blocks, in addition to the boundaries of steps: the maximum size of a block, `'bytes'`
   * for single bytes, or the offsets at which to cut, in ascending order and counted over the whole script.
   */
  split?: number | 'bytes' | readonly number[] | undefined;
  /** The peer takes this much, and then nothing until `drain()`: writes stay pending. */
  stallWritesAfter?: number | undefined;
  /** The peer takes this much; the write that exceeds it rejects with `EPIPE`, and so does every later one. */
  failWritesAfter?: number | undefined;
}

export const OPTION_NAMES: OptionNames<ScriptOptions> = {
  split: true,
  stallWritesAfter: true,
  failWritesAfter: true,
};

/** Adds a wait for a request before a script that begins with bytes: a server responds after a request. */
export function* withWait(steps: Iterable<ScriptStep>): Generator<ScriptStep, void, void> {
  let first = true;
  for (const step of steps) {
    if (first && (typeof step === 'string' || isBytes(step))) yield afterRequest();
    first = false;
    yield step;
  }
}

/** @throws TypeError for a step that is neither bytes nor a marker. */
export function checkStep(step: unknown): void {
  if (typeof step === 'string' || isBytes(step)) return;
  const kind = (step as { readonly kind?: unknown } | null | undefined)?.kind;
  if (typeof kind === 'string' && ['end', 'stall', 'reset', 'wait'].includes(kind)) return;
  throw cannotUse(step, 'a step of a script', 'expected text, a Uint8Array or a marker');
}

/**
 * Returns the maximum length of the block that begins at an offset.
 *
 * @throws TypeError or RangeError for anything but a size or ascending offsets: sizes in place of the offsets, one for
 * each block, would cut somewhere else.
 */
export function splitter(split: ScriptOptions['split']): (offset: number) => number {
  if (split === undefined) return () => Infinity;
  if (Array.isArray(split)) {
    const cuts = [...(split as readonly number[])];
    for (const [index, cut] of cuts.entries()) {
      checkInteger(cut, 'an offset of split', 0);
      if (cut < (cuts[index - 1] ?? 0))
        throw cannotUse(cuts, 'split', 'expected offsets in ascending order', RangeError);
    }
    return (offset) => (cuts.find((cut) => cut > offset) ?? Infinity) - offset;
  }
  const size = split === 'bytes' ? 1 : checkInteger(split, 'split', 1);
  return () => size;
}
