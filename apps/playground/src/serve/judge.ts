import {
  encodeLatin1,
  HTTPConnection,
  TOLERANCES,
  type Tolerance,
  type Transport,
} from '@http-client/client';

import type { JudgeRequest, Verdict } from './api.js';
import { ReadBody, viewOfError, viewOfResponse } from './view.js';

/** Rules that change nothing: they are always tolerated. */
const ALWAYS: readonly Tolerance[] = ['obsolete-fold', 'content-length-with-transfer-encoding'];

/** How an answer is taken: by strict, by lenient, and by strict with each of its rules relaxed. */
export async function judge({ bytes, method }: JudgeRequest): Promise<Verdict[]> {
  const answer = encodeLatin1(bytes);
  const rules = TOLERANCES.filter((rule) => !ALWAYS.includes(rule));
  return Promise.all([
    verdictOf('strict', answer, method, {}),
    verdictOf('lenient', answer, method, { strict: false }),
    ...rules.map((rule) => verdictOf(rule, answer, method, { tolerate: [rule] })),
  ]);
}

async function verdictOf(
  judge: string,
  answer: Uint8Array,
  method: string,
  options: { strict?: boolean; tolerate?: readonly Tolerance[] },
): Promise<Verdict> {
  const connection = new HTTPConnection('playground.invalid', 80, {
    ...options,
    connector: () => Promise.resolve(played(answer)),
  });
  const body = new ReadBody();
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

/** A peer that says its piece when it is asked, and closes. */
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
