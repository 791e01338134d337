import {
  encodeLatin1,
  HTTPConnection,
  TOLERANCES,
  type Tolerance,
  type Transport,
} from '@http-client/client';

import type { JudgeRequest, Verdict } from './api.js';
import type { Limits } from './limits.js';
import { ReadBody, viewOfError, viewOfResponse } from './view.js';

/** Rules that make no difference: they are always tolerated. */
const ALWAYS: readonly Tolerance[] = ['obsolete-fold', 'content-length-with-transfer-encoding'];

/** Reads a response in every mode: strict, lenient, and strict with each single rule relaxed. */
export async function judge(
  { bytes, method }: JudgeRequest,
  limits: Pick<Limits, 'shownBody'>,
): Promise<Verdict[]> {
  const answer = encodeLatin1(bytes);
  const rules = TOLERANCES.filter((rule) => !ALWAYS.includes(rule));
  const verdictOf = (judge: string, options: JudgeOptions): Promise<Verdict> =>
    verdict(judge, options, { method, connector: () => Promise.resolve(played(answer)), limits });
  return Promise.all([
    verdictOf('strict', {}),
    verdictOf('lenient', { strict: false }),
    ...rules.map((rule) => verdictOf(rule, { tolerate: [rule] })),
  ]);
}

interface JudgeOptions {
  readonly strict?: boolean;
  readonly tolerate?: readonly Tolerance[];
}

interface Case {
  readonly method: string;
  readonly connector: () => Promise<Transport>;
  readonly limits: Pick<Limits, 'shownBody'>;
}

async function verdict(
  judge: string,
  options: JudgeOptions,
  { method, connector, limits }: Case,
): Promise<Verdict> {
  const connection = new HTTPConnection('playground.invalid', 80, { ...options, connector });
  const body = new ReadBody(limits.shownBody);
  try {
    await connection.request(method, '/');
    const response = await connection.getResponse();
    let error: unknown;
    try {
      body.add(await response.read());
    } catch (reason) {
      error = reason;
    }
    const view = viewOfResponse(response, body);
    return { judge, response: view, error: error === undefined ? undefined : viewOfError(error) };
  } catch (error) {
    return { judge, response: undefined, error: viewOfError(error) };
  } finally {
    connection.close();
  }
}

/** A peer that sends a response to the first request, and closes. */
function played(answer: Uint8Array): Transport {
  let ask: (() => void) | undefined;
  const asked = new Promise<void>((resolve) => (ask = resolve));
  let isRead = answer.length === 0;
  return {
    async read() {
      await asked;
      if (isRead) return null;
      isRead = true;
      return answer.slice();
    },
    write() {
      ask?.();
      return Promise.resolve();
    },
    close() {
      ask?.();
    },
  };
}
