import { decodeLatin1 } from '@http-client/io';

import { observe } from './fuzz-exchange.js';
import { judge } from './fuzz-oracle.js';
import { throwUnhandled } from './fuzz-rejections.js';
import { sameOrThrow } from './fuzz-same.js';
import type { Answer } from './fuzz-verdict.js';
import { loadVectors } from './vectors-load.js';

const FILES = ['head', 'length', 'chunked', 'close', 'reading', 'truncated', 'keepalive'] as const;

/** A longer response consists of one long line or many equal ones: those are in cut.test.ts. */
const FAR = 600;

/**
 * How many exchanges run concurrently, waiting for each other's turns of the event loop. With more, the cost of memory
 * exceeds what that saves.
 */
const AT_ONCE = 20;

/**
 * Each prefix of a response once: many responses share prefixes, and the result of a prefix does not depend on the
 * rest.
 */
function* beginnings(): Generator<Pick<Answer, 'method' | 'stream'>, void> {
  const answers = new Map<string, Set<string>>();
  for (const { exchanges } of FILES.flatMap((file) => loadVectors(file))) {
    for (const { method, answer } of exchanges.slice(0, 1)) {
      const texts = answers.get(method) ?? new Set();
      answers.set(method, texts.add(decodeLatin1(answer)));
    }
  }
  for (const [method, texts] of answers) {
    let last: string | undefined;
    // In this order, none shares a longer prefix with any other than with the previous one.
    for (const text of [...texts].sort()) {
      const from = last === undefined ? 0 : alike(text, last) + 1;
      for (let at = from; at <= Math.min(text.length, FAR); at++) yield { method, stream: text.slice(0, at) };
      last = text;
    }
  }
}

/** The length of the common prefix of two texts. */
function alike(one: string, other: string): number {
  let count = 0;
  while (count < one.length && one[count] === other[count]) count++;
  return count;
}

/**
 * Compares every response recorded from the reference, ended in this way at every position, with the oracle. Returns
 * how many cases that were.
 */
export async function endEverywhere(end: 'fin' | 'reset'): Promise<number> {
  let count = 0;
  const rest = beginnings();
  const work = async (): Promise<void> => {
    for (const { method, stream } of rest) {
      count++;
      const answer = { method, stream, end, upgrade: false };
      const { verdict } = judge(answer);
      sameOrThrow(`${method}: behind ${JSON.stringify(stream)}`, await observe(answer), verdict);
    }
  };
  // Without the stacks of errors, which would cost more than everything else.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  throwUnhandled();
  return count;
}
