import type { Tolerance } from '@http-client/headers';
import { decodeLatin1 } from '@http-client/io';

import type { HTTPConnectionOptions, WireEvent } from '../index.js';
import { RULES, type Case } from './fuzz-cases.js';
import { observe } from './fuzz-exchange.js';
import { countBlocks, takeCounts } from './fuzz-memory.js';
import { judge } from './fuzz-oracle.js';
import { runLoosely, runProgram } from './fuzz-program.js';
import { checkRecipients } from './fuzz-recipients.js';
import { throwUnhandled } from './fuzz-rejections.js';
import { sameOrThrow } from './fuzz-same.js';
import type { Answer, Judgement, Verdict } from './fuzz-verdict.js';

type Split = 'bytes' | readonly number[] | undefined;

/** Tolerated by default, and listed. */
const ALWAYS: readonly Tolerance[] = ['obsolete-fold', 'content-length-with-transfer-encoding'];

/** Streams up to this length are also sent byte by byte, which takes a turn of the event loop per byte. */
const SHORT = 2000;

/**
 * Checks the client against everything that is promised for every response, and throws if a promise is broken. `judged`
 * is the expected result, for tests that want a check to fail.
 */
export async function check(one: Case, judged = judge(one.answer)): Promise<void> {
  const { answer, cuts, program, rule } = one;
  const { verdict, rules } = judged;
  const bytes = answer.stream.length > SHORT ? cuts : 'bytes';
  // Strict is checked with three splits, the others alternate between two.
  const [first, second]: Split[] = cuts.length % 2 === 0 ? [undefined, cuts] : [bytes, undefined];
  countBlocks();
  takeCounts();
  checkRecipients(answer, verdict);
  await allSettled(
    same('strict', answer, {}, [undefined, cuts, bytes], verdict),
    runProgram(answer, program, { split: cuts }),
    checkLenient(one, [first, second], verdict),
    checkTolerating(one, [second, first], verdict, rules.includes(rule)),
    same('with every rule relaxed', answer, { tolerate: RULES }, [first, second]),
    checkWire(answer, cuts, judged),
  );
  checkMemory(answer);
  throwUnhandled();
}

/** The verdict is the same however the stream is split, and is the expected one. */
async function same(
  what: string,
  answer: Answer,
  options: HTTPConnectionOptions,
  splits: readonly Split[],
  expected?: Verdict,
): Promise<Verdict> {
  const verdicts = await allSettled(
    ...splits.map((split) => observe(answer, split === undefined ? { options } : { options, split })),
  );
  const [one] = verdicts;
  verdicts.forEach((verdict, at) => {
    sameOrThrow(`${what}, split at ${JSON.stringify(splits[at] ?? [])}`, verdict, expected ?? one);
  });
  if (one!.ending === 'waiting' && answer.end !== 'open') throw new Error(`${what}: it waits for ever`);
  for (const { rule, offset } of one!.violations) {
    if (!(offset >= 0 && offset <= answer.stream.length))
      throw new Error(`${what}: ${rule} is said to be broken at ${offset}, outside of the stream`);
  }
  return one!;
}

/** What strict accepts, `strict: false` reads to the same end, except for the intended differences. */
async function checkLenient(one: Case, splits: readonly Split[], strict: Verdict): Promise<void> {
  const { answer, cuts, program } = one;
  const what = 'strict: false';
  const options = { strict: false };
  const { head, body, ending } = await same(what, answer, options, splits);
  await named(what, runLoosely(answer, body, program, { options, split: cuts }));
  if (strict.ending !== 'complete' || differsOnPurpose(answer, strict)) return;
  sameOrThrow(
    `${what}, of what strict accepts`,
    { status: head?.status, body, ending },
    { status: strict.head?.status, body: strict.body, ending: 'complete' },
  );
}

/**
 * The differences between the two modes on valid responses: interim responses other than 100 are final ones; a list is
 * not a number, nor are more digits than Python reads; whitespace after a value, and around a fold before it, is part
 * of it.
 */
function differsOnPurpose({ stream }: Answer, { head }: Verdict): boolean {
  return (
    head!.interim.some(({ status }) => status !== 100) ||
    head!.fields.some(([name, value]) => /^content-length$/i.test(name) && !/^[0-9]{1,4300}$/.test(value)) ||
    /^transfer-encoding:[^\n]*([ \t]\r?\n|\n[ \t])/im.test(stream)
  );
}

/** Relaxing one rule changes nothing for a response that does not violate it, and reports one that does. */
async function checkTolerating(
  { answer, cuts, program, rule }: Case,
  splits: readonly Split[],
  strict: Verdict,
  broken: boolean,
): Promise<void> {
  const what = `with ${rule} tolerated`;
  const options = { tolerate: [rule] };
  const verdict = await same(what, answer, options, splits, broken ? undefined : strict);
  await named(what, runLoosely(answer, verdict.body, program, { options, split: cuts }));
  const listed = new Set(verdict.violations.map((violation) => violation.rule));
  if (![...listed].every((other) => other === rule || ALWAYS.includes(other)))
    throw new Error(`${what}: so are ${[...listed].join(' and ')}`);
  if (broken && verdict.ending === 'complete' && !listed.has(rule))
    throw new Error(
      `${what}: accepts what is ${JSON.stringify(strict.ending)} without, and does not list it`,
    );
}

/** `onWire` shows every byte that was read, in order, and which of them are the body. */
async function checkWire(answer: Answer, cuts: readonly number[], judged: Judgement): Promise<void> {
  const { verdict, excess } = judged;
  let requests = 0;
  let all = '';
  let body = '';
  const onWire = ({ direction, part, data }: WireEvent): void => {
    if (part === 'request-line') requests++;
    if (direction === 'sent' || requests > 1) return;
    all += decodeLatin1(data);
    if (part === 'body' || part === 'chunk-data') body += decodeLatin1(data);
  };
  sameOrThrow('seen with onWire', await observe(answer, { options: { onWire }, split: cuts }), verdict);
  const complete = verdict.ending === 'complete';
  if (!answer.stream.startsWith(all) || (complete && all.length < answer.stream.length - excess.length))
    throw new Error(`onWire shows ${JSON.stringify(all)}`);
  if (complete ? body !== verdict.body : !verdict.body.startsWith(body) && !body.startsWith(verdict.body))
    throw new Error(`onWire shows the body ${JSON.stringify(body)}`);
}

/**
 * Memory grows with what was received, not with what was announced, and so does the work. These are at most 16
 * exchanges.
 */
function checkMemory({ stream }: Answer): void {
  const { largest, total } = takeCounts();
  if (largest > 2 * stream.length + 2048)
    throw new Error(`a block of ${largest} bytes is made for ${stream.length} received`);
  if (total > 16 * (16 * stream.length + 32_768))
    throw new Error(`blocks of ${total} bytes are made for 16 times ${stream.length} received`);
}

/** Adds to the error what it was that failed. */
function named(what: string, run: Promise<void>): Promise<void> {
  return run.catch((error: unknown) => {
    throw new Error(`${what}, read by the program: ${(error as Error).message}`, { cause: error });
  });
}

/** Like `Promise.all`, but all runs complete before an error is thrown: the first one in order. */
async function allSettled<T extends unknown[]>(...runs: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  const settled = await Promise.allSettled(runs);
  for (const result of settled) if (result.status === 'rejected') throw result.reason;
  return settled.map((result) => (result as PromiseFulfilledResult<unknown>).value) as T;
}
