import * as fc from 'fast-check';

import { TOLERANCES, type Tolerance } from '@http-client/headers';

import { joined, latin1, message } from './fuzz-messages.js';
import { mutation } from './fuzz-mutations.js';
import type { Answer } from './fuzz-verdict.js';
import { CALLS, type Call, type Program } from './fuzz-program.js';

/** One case of the fuzzer: what is sent, how it is split, and how the client reads it. Plain JSON. */
export interface Case {
  readonly answer: Answer;
  readonly cuts: readonly number[];
  readonly program: Program;
  /** The only rule that is tolerated. */
  readonly rule: Tolerance;
}

/** The rules that are not tolerated by default. */
export const RULES = TOLERANCES.filter(
  (rule) => rule !== 'obsolete-fold' && rule !== 'content-length-with-transfer-encoding',
);

const stream = fc.oneof(
  { weight: 6, arbitrary: message },
  {
    weight: 4,
    arbitrary: fc
      .tuple(message, fc.array(mutation, { minLength: 1, maxLength: 3 }))
      .map(([text, mutations]) => mutations.reduce((changed, mutate) => mutate(changed), text)),
  },
  { weight: 1, arbitrary: joined(fc.constantFrom('', 'HTTP/1.1 200 OK\r\n'), latin1(40)) },
);

// The client

const amount = fc.oneof(
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 3, arbitrary: fc.nat(12) },
  { weight: 1, arbitrary: fc.constantFrom(64, 1000, 1_000_000) },
);

const call: fc.Arbitrary<Call> = fc
  .tuple(fc.constantFrom(...CALLS), amount)
  // A target is allocated and inspected by the test.
  .map(([name, size]) => [name, name.startsWith('readInto') ? Math.min(size ?? 0, 1000) : size]);

const program: fc.Arbitrary<Program> = fc
  .tuple(
    fc.array(
      fc.oneof(
        { weight: 6, arbitrary: call.map((one) => [one]) },
        { weight: 1, arbitrary: fc.array(call, { minLength: 2, maxLength: 3 }) },
      ),
      { maxLength: 6 },
    ),
    fc.constantFrom<Program>(
      [],
      [[['read', null]]],
      [[['read', null]], [['read', null]]],
      [[['stream', null]]],
      [[['close', null]]],
    ),
  )
  .map(([groups, last]) => [...groups, ...last]);

const answer: fc.Arbitrary<Answer> = fc.record({
  stream,
  end: fc.constantFrom('open', 'open', 'fin', 'fin', 'reset'),
  method: fc.oneof(
    { weight: 12, arbitrary: fc.constant('GET') },
    { weight: 2, arbitrary: fc.constantFrom('HEAD', 'OPTIONS', 'CONNECT') },
  ),
  upgrade: fc.nat(7).map((turn) => turn === 7),
});

/** Every kind of response, and every way to split and to read it. */
export const cases: fc.Arbitrary<Case> = fc.record({
  answer,
  cuts: fc.array(fc.nat(300), { maxLength: 5 }).map((cuts) => cuts.sort((a, b) => a - b)),
  program,
  rule: fc.constantFrom(...RULES),
});
