import { decodeLatin1, encodeLatin1 } from '@http-client/io';
import { expect } from 'vitest';

import { ChunkedDecoder, type ChunkedDecoderOptions } from '../chunked.js';

/** Everything that a caller can see of the decoding of one body, except how it was split. */
export interface Outcome {
  data: string;
  /** Class, message and line of the error that ended it. */
  fault?: { name: string; message: string; line?: unknown; expected?: unknown };
  trailers?: [string, string][];
  /** How much of the input is the body, if the body has ended. */
  used?: number;
  violations: { rule: string; offset: number }[];
}

/** How the input is split, and what it is decoded into. */
export interface Pieces {
  /** Where the input is split, ascending. */
  cuts?: readonly number[];
  /** The sizes of the targets, in turn; decoded in place if absent. */
  targets?: readonly number[];
}

/** Decodes `input` as a connection would: piece by piece, with unused bytes passed again with the next piece. */
export function drive(
  input: string | Uint8Array,
  options: ChunkedDecoderOptions = {},
  { cuts = [], targets }: Pieces = {},
): Outcome {
  const original = typeof input === 'string' ? encodeLatin1(input) : input;
  const bytes = new Uint8Array(original);
  const decoder = new ChunkedDecoder(options);
  let data = '';
  let from = 0;
  let turn = 0;
  try {
    for (const end of [...cuts, bytes.length]) {
      while (from < end && !decoder.done) {
        const size = targets?.[turn++ % targets.length];
        // The bytes around the target show whether it writes outside.
        const target = size === undefined ? bytes : new Uint8Array(size + 2).fill(0xee);
        const at = size === undefined ? from : 1;
        const limit = size === undefined ? end : size + 1;
        const count = decoder.decodeInto(bytes, from, end, target, at, limit);
        if (size !== undefined && (target[0] !== 0xee || target[size + 1] !== 0xee)) {
          throw new Error('it wrote outside of its target');
        }
        if (count === 0 && decoder.consumed === 0) throw new Error('it stands still');
        if (count > decoder.consumed) throw new Error('it made bytes out of nothing');
        // The piece is followed by the real rest of the input, so that reading too far would not show in the result.
        if (decoder.consumed > end - from) throw new Error('it used what has not come');
        data += decodeLatin1(target, at, at + count);
        from += decoder.consumed;
      }
    }
    if (!decoder.done) decoder.finish();
  } catch (error) {
    const { name, line, expected } = error as Error & { line?: unknown; expected?: unknown };
    // How much of what follows the fault is shown depends on the pieces.
    const message = (error as Error).message.replace(/; then comes ".*/, '');
    return { data, fault: { name, message, line, expected }, violations: places(decoder) };
  }
  return { data, trailers: decoder.trailers!.toJSON(), used: from, violations: places(decoder) };
}

/** Every way to split the input in two, splitting it byte by byte, and targets of several sizes. */
export function* everyWay(length: number): Generator<Pieces> {
  for (let cut = 1; cut < length; cut++) yield { cuts: [cut] };
  const single = Array.from({ length: length - 1 }, (_, at) => at + 1);
  for (const targets of [undefined, [1], [2], [3], [7], [length]]) {
    yield targets === undefined ? {} : { targets };
    yield targets === undefined ? { cuts: single } : { cuts: single, targets };
  }
}

/** The outcome, after checking that it is the same for every segmentation and every size of target. */
export function decodeEveryWay(input: string, options: ChunkedDecoderOptions = {}): Outcome {
  const whole = drive(input, options);
  for (const pieces of everyWay(input.length)) expect(drive(input, options, pieces)).toEqual(whole);
  return whole;
}

function places(decoder: ChunkedDecoder): Outcome['violations'] {
  return decoder.violations.map(({ rule, offset }) => ({ rule, offset }));
}
