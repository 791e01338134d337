import { onAbort, WaitTimer } from '@http-client/tunnel';

import { Abandonment } from './abandonment.js';
import type { Channel } from './channel.js';
import type { ResponseHeads } from './response-heads.js';
import { discard, send, sendWhole, type Sending } from './sender.js';
import { checkWhole, NO_UPLOAD, type Upload } from './upload.js';
import type { Waiting } from './waiting.js';

/** What is needed to send a request that may wait for a 100 (Continue). */
export interface RequestSending extends Sending {
  readonly heads: ResponseHeads;
  /** Milliseconds after which a body that waits for a 100 is sent anyway. */
  readonly continueTimeout: number;
}

/**
 * Sends a head, if there is one, and a body; a body that expects a 100 waits for it. Returns undefined if the transport
 * accepted everything at once.
 */
export function sendRequest(
  sending: RequestSending,
  head: string,
  upload: Upload,
): Promise<void> | undefined {
  const { record } = sending;
  if (record.withheld) {
    discard(upload.blocks);
    return undefined;
  }
  if ((upload.whole?.length ?? upload.promised) === 0) {
    // No body at all, or nothing more of one that is still to come.
    if (head === '') return undefined;
    record.expects = false;
  }
  return record.expects && upload !== NO_UPLOAD
    ? sendWhenExpected(sending, head, upload)
    : send(sending, head, upload);
}

/** Sends the head alone, and the body after a 100, or after a while without one (RFC 9110, section 10.1.1). */
async function sendWhenExpected(sending: RequestSending, head: string, upload: Upload): Promise<void> {
  const { channel, record, heads, continueTimeout } = sending;
  const waiting: Waiting = { ...sending.waiting, phase: 'continue', what: 'wait for a 100 (Continue)' };
  record.expects = false;
  // For now: a final response that arrives before the decision is to a request without its body.
  record.withheld = true;
  const announce = async (): Promise<void> => {
    if (head !== '') await sendWhole(sending, head);
    record.delivery = 'partial';
  };
  const announced = announce();
  // At once, and so before any `getResponse`, which would otherwise read the 100.
  const deciding = mayContinue(channel, heads, waiting, continueTimeout);
  const [mayGo] = await Promise.all([deciding, announced]);
  record.withheld = !mayGo;
  if (!mayGo) {
    discard(upload.blocks);
    return;
  }
  // Other code may have ended it right after the 100: then the body is not shown to the observers either.
  channel.checkWritable(sending.waiting);
  checkWhole(upload);
  await send(sending, '', upload);
}

/**
 * Waits until a body announced with `Expect: 100-continue` may be sent (RFC 9110, section 10.1.1): until a 100 arrives,
 * or nothing for `limit` milliseconds, since many servers never send one. Resolves with false if a final response
 * arrived.
 */
async function mayContinue(
  channel: Channel,
  heads: ResponseHeads,
  waiting: Waiting,
  limit: number,
): Promise<boolean> {
  if (heads.mayGo !== undefined) return heads.mayGo;
  const patience = new Abandonment();
  const end = new Error('the wait is over');
  const refusal = new Error('a final response came first');
  const timer = new WaitTimer(() => {
    patience.abort(end);
  });
  const ignore = onAbort(waiting.signal, (reason) => {
    patience.abort(reason);
  });
  timer.start(limit);
  // A `getResponse` that was called first reads the heads. A final response without a body then closes the channel,
  // which is no failure of this wait.
  heads.onDecided = (mayGo) => {
    patience.abort(mayGo ? end : refusal);
  };
  try {
    const patient = { ...waiting, signal: patience };
    if (channel.isBehind) await untilNext(channel, patient);
    return await channel.wait(() => heads.continued(channel), patient);
  } catch (error) {
    if (error === end) return true;
    if (error === refusal) return false;
    throw error;
  } finally {
    timer.dispose();
    ignore();
  }
}

/** Waits until the response before has been read to its end: until then, what is received is part of its body. */
function untilNext(channel: Channel, waiting: Waiting): Promise<void> {
  return new Promise((resolve, reject) => {
    // An observer of the head may have closed it.
    channel.checkWritable(waiting);
    const unguard = channel.guard(waiting, reject);
    channel.onNext = () => {
      channel.onNext = undefined;
      unguard();
      resolve();
    };
  });
}
