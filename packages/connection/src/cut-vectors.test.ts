import { decodeLatin1 } from '@http-client/io';
import { expect, onTestFinished, test } from 'vitest';

import { observe } from './testdata/fuzz-exchange.js';
import { judge } from './testdata/fuzz-oracle.js';
import { throwUnhandled } from './testdata/fuzz-rejections.js';
import { sameOrThrow } from './testdata/fuzz-same.js';
import type { Answer } from './testdata/fuzz-verdict.js';
import { loadVectors } from './testdata/vectors-load.js';

// Every answer that was recorded from the reference, ended at every position by FIN and by RST, held against the oracle.

const FILES = ['head', 'length', 'chunked', 'close', 'reading', 'truncated', 'keepalive'] as const;

/** A longer answer is one long line or many equal ones: cut.test.ts has those. */
const FAR = 600;

/** So many exchanges at a time: they wait for each other's turns of the event loop. */
const AT_ONCE = 200;

/** Each beginning of an answer once: many answers begin alike, and what comes of a beginning does not depend on the rest. */
function beginnings(): Answer[] {
  const seen = new Map<string, Answer>();
  for (const { exchanges } of FILES.flatMap((file) => loadVectors(file))) {
    for (const { method, answer } of exchanges.slice(0, 1)) {
      const text = decodeLatin1(answer);
      for (let at = 0; at <= Math.min(text.length, FAR); at++) {
        for (const end of ['fin', 'reset'] as const) {
          const stream = text.slice(0, at);
          seen.set(`${method} ${end} ${stream}`, { stream, end, method, upgrade: false });
        }
      }
    }
  }
  return [...seen.values()];
}

test('every recorded answer, ended at every position', { timeout: 300_000 }, async () => {
  const answers = beginnings();
  expect(answers.length).toBeGreaterThan(10_000);
  // Without the stacks of errors, which cost more than all the rest.
  const { stackTraceLimit } = Error;
  onTestFinished(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });
  Error.stackTraceLimit = 0;
  for (let at = 0; at < answers.length; at += AT_ONCE) {
    await Promise.all(
      answers.slice(at, at + AT_ONCE).map(async (answer) => {
        const how = `${answer.method}: ${answer.end} behind ${JSON.stringify(answer.stream)}`;
        sameOrThrow(how, await observe(answer, {}), judge(answer).verdict);
      }),
    );
  }
  throwUnhandled();
});
