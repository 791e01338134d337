import { bodySource, framingOf, incompleteBody } from '@http-client/body';
import { TimeoutError } from '@http-client/errors';
import type { ResponseHead } from '@http-client/headers';

import type { CheckedOptions } from './options.js';
import type { ReplyReader } from './reply.js';
import { within } from './within.js';

/** How many bytes of the proxy's explanation are kept: enough for any page that explains a refusal. */
const MAX_BODY = 65_536;

/** How many bytes are read for it: a chunk of one byte takes six, and each may have an extension of 64 KiB. */
const MAX_READ = 8 * MAX_BODY;

/**
 * How long the proxy may be silent within the body, in milliseconds. A page that explains a refusal arrives with the
 * refusal. If its end is not marked and the connection stays open, the error should not wait for more.
 */
export const MAX_SILENCE = 1000;

/** The body of a refusal. */
export interface RefusalBody {
  readonly body: Uint8Array;
  /** Whether this is the whole body, and another request may be sent after it. */
  readonly reusable: boolean;
  /** What cut it short, if anything did. */
  readonly cause: unknown;
}

/**
 * Reads the body of a refusal, as far as it arrives. A fault in the body is not an error in itself: the refusal is what
 * the caller needs to know.
 *
 * @param left returns the milliseconds that are left for it.
 * @throws the signal's reason.
 */
export async function readRefusal(
  reader: ReplyReader,
  head: ResponseHead,
  options: CheckedOptions,
  left: () => number,
): Promise<RefusalBody> {
  const { input } = reader;
  const { strict, tolerate, maxResponseHeaders, observer, signal } = options;
  const target = new Uint8Array(MAX_BODY);
  const most = input.position + MAX_READ;
  let filled = 0;
  let cause: unknown;
  let reusable = false;
  const expired = (): Error =>
    new TimeoutError('Cannot read the whole refusal: the proxy sends no more of it', { phase: 'tunnel' });
  try {
    const framing = framingOf({ ...head, strict, tolerate, method: 'CONNECT' });
    const source = bodySource(framing, { strict, tolerate, maxTrailers: maxResponseHeaders }, 0, observer);
    while (!source.done && filled < MAX_BODY && input.position < most) {
      if (input.length === 0 && !input.ended) {
        const timeout = Math.min(MAX_SILENCE, Math.max(0, left()));
        await within(() => reader.fill(), { timeout, expired, signal });
      }
      filled += source.take(input, target, filled, MAX_BODY);
      if (input.ended) {
        const missing = source.shortfall(input);
        if (missing !== undefined) throw incompleteBody(missing.expected, new Uint8Array(0));
        break;
      }
    }
    reusable = source.done && !framing.willClose && input.length === 0 && !saysClose(head);
  } catch (error) {
    if (signal?.aborted === true) throw error;
    cause = error;
  }
  observer?.received('excess', input.bytes, input.start, input.end);
  return { body: target.slice(0, filled), reusable, cause };
}

/** Whether Proxy-Connection says close: never standardized, but many proxies send it (RFC 9112, appendix C.2.2). */
function saysClose({ headers }: ResponseHead): boolean {
  return headers.getAll('proxy-connection').some((value) => /\bclose\b/i.test(value));
}
