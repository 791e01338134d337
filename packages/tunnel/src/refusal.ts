import { ChunkedDecoder, responseFraming, type Framing } from '@http-client/body';
import { IncompleteRead, TimeoutError } from '@http-client/errors';
import type { ByteReader } from '@http-client/io';

import type { TunnelObserver } from './observer.js';
import type { Reply, ReplyRules } from './reply.js';
import { within, type Signal } from './within.js';

/** As much of what a proxy says is kept: enough for any page that explains a refusal. */
const MAX_BODY = 65_536;

/** As many bytes are read for it: chunks of one byte cost six, and an extension may have 64 KiB with each of them. */
const MAX_READ = 8 * MAX_BODY;

/**
 * As long may a proxy be silent in it, in milliseconds. A page that explains a refusal comes with the refusal; where
 * its end is not told and the connection stays open, the error should not wait for more.
 */
export const MAX_SILENCE = 1000;

/** What a proxy says with its refusal. */
export interface RefusalBody {
  readonly bytes: Uint8Array;
  /** Whether this is all, and another request may be sent behind it. */
  readonly reusable: boolean;
  /** What cut it short, where something went wrong. */
  readonly cause?: unknown;
}

export interface RefusalTerms extends ReplyRules {
  readonly signal?: Signal | undefined;
  readonly observer?: TunnelObserver | undefined;
  /** Milliseconds that are left for it. */
  readonly left: () => number;
}

/**
 * Reads the body of a refusal, as far as it comes. What is wrong with it is no error of its own: the refusal is what
 * the caller has to know of.
 *
 * @throws the signal's reason.
 */
export async function readRefusal(
  input: ByteReader,
  reply: Reply,
  terms: RefusalTerms,
): Promise<RefusalBody> {
  const target = new Uint8Array(MAX_BODY);
  let filled = 0;
  let cause: unknown;
  let reusable = false;
  try {
    const framing = responseFraming({ ...reply, ...terms, method: 'CONNECT' });
    const body = bodyOf(framing, terms);
    let used = 0;
    while (!body.done() && filled < MAX_BODY && used < MAX_READ) {
      if (input.buffered.length === 0 && !(await more(input, terms))) {
        body.end();
        break;
      }
      const { buffered } = input;
      filled += body.take(buffered, target, filled);
      input.skip(body.consumed());
      used += body.consumed();
    }
    reusable = body.done() && !framing.willClose && input.buffered.length === 0 && !saysClose(reply);
  } catch (error) {
    if (terms.signal?.aborted === true) throw error;
    cause = error;
  }
  terms.observer?.received('excess', input.buffered, 0, input.buffered.length);
  return { bytes: target.slice(0, filled), reusable, ...(cause === undefined ? {} : { cause }) };
}

/** Reads on, as long as there is time, and the proxy is not silent for too long. */
function more(input: ByteReader, { signal, left }: RefusalTerms): Promise<boolean> {
  const timeout = Math.min(MAX_SILENCE, Math.max(0, left()));
  const expired = (): Error =>
    new TimeoutError('Cannot read the whole refusal: the proxy sends no more of it', { phase: 'tunnel' });
  return within(() => input.fill(), { timeout, expired, signal });
}

/** Never standardized, but what many proxies say instead (RFC 9112, appendix C.2.2). */
function saysClose({ headers }: Reply): boolean {
  return headers.getAll('proxy-connection').some((value) => /\bclose\b/i.test(value));
}

/** Takes a body from bytes that come in pieces. */
interface Body {
  done(): boolean;
  /** Takes from `bytes`, into `target` from `at` on; gives how many bytes of the body these were. */
  take(bytes: Uint8Array, target: Uint8Array, at: number): number;
  /** How many of the bytes were used. */
  consumed(): number;
  /** The stream has ended; throws where the body has not. */
  end(): void;
}

function bodyOf(framing: Framing, terms: RefusalTerms): Body {
  return framing.kind === 'chunked' ? chunkedBody(terms) : plainBody(framing, terms.observer);
}

function chunkedBody({ strict, tolerate, maxResponseHeaders, observer }: RefusalTerms): Body {
  const decoder = new ChunkedDecoder({
    strict,
    tolerate,
    maxTrailers: maxResponseHeaders,
    onPart: observer && observer.received.bind(observer),
  });
  return {
    done: () => decoder.done,
    take: (bytes, target, at) => decoder.decodeInto(bytes, 0, bytes.length, target, at),
    consumed: () => decoder.consumed,
    end: () => {
      decoder.finish();
    },
  };
}

function plainBody(framing: Framing, observer: TunnelObserver | undefined): Body {
  let left = framing.kind === 'length' ? framing.length : framing.kind === 'none' ? 0 : Infinity;
  let consumed = 0;
  return {
    done: () => left === 0,
    take: (bytes, target, at) => {
      consumed = Math.min(bytes.length, left, target.length - at);
      target.set(bytes.subarray(0, consumed), at);
      observer?.received('body', bytes, 0, consumed);
      left -= consumed;
      return consumed;
    },
    consumed: () => consumed,
    end: () => {
      if (left < Infinity) {
        throw new IncompleteRead(
          `Cannot read the whole refusal: the stream ended ${left} bytes before its end`,
          {
            partial: new Uint8Array(0),
            expected: left,
          },
        );
      }
    },
  };
}
