import { onAbort, WaitTimer } from '@http-client/tunnel';

import { Abandonment } from './abandonment.js';
import type { Channel } from './channel.js';
import type { ResponseHeads } from './response-heads.js';
import { discard, send, sendWhole, type Sending } from './sender.js';
import type { Upload } from './upload.js';
import type { Waiting } from './waiting.js';

/** How a body waits for its 100. */
export interface Expectation {
  readonly heads: ResponseHeads;
  readonly waiting: Waiting;
  /** Milliseconds, and then the body goes all the same. */
  readonly limit: number;
}

/** Sends the head alone, and the body once the server has said 100, or nothing for a while (RFC 9110, section 10.1.1). */
export async function sendWhenExpected(
  sending: Sending,
  head: string,
  upload: Upload,
  { heads, waiting, limit }: Expectation,
): Promise<void> {
  const { channel, record } = sending;
  record.expects = false;
  // Until it is known better: a final answer that comes now is to a request without its body.
  record.withheld = true;
  const announce = async (): Promise<void> => {
    if (head !== '') await sendWhole(sending, head);
    record.delivery = 'partial';
  };
  const announced = announce();
  // At once, and so before any `getResponse`, which would take the 100 for itself.
  const deciding = mayContinue(channel, heads, waiting, limit);
  const [mayGo] = await Promise.all([deciding, announced]).catch((error: unknown) => {
    discard(upload);
    throw error;
  });
  record.withheld = !mayGo;
  if (mayGo) await send(sending, '', upload);
  else discard(upload);
}

/**
 * Waits until a body may be sent that was announced with `Expect: 100-continue` (RFC 9110, section 10.1.1): until a
 * 100 comes, or nothing for `limit` milliseconds, since many servers never send one. False where a final answer came.
 */
async function mayContinue(
  channel: Channel,
  heads: ResponseHeads,
  waiting: Waiting,
  limit: number,
): Promise<boolean> {
  if (heads.mayGo !== undefined) return heads.mayGo;
  const patience = new Abandonment();
  const end = new Error('the wait for a 100 is over');
  const giveUp = (): void => {
    patience.abort(end);
  };
  const timer = new WaitTimer(giveUp);
  let mayGo = true;
  const ignore = onAbort(waiting.signal, (reason) => {
    patience.abort(reason);
  });
  timer.start(limit);
  // A `getResponse` that came first takes the heads. Not at once: it is in the middle of doing so.
  heads.onDecided = (decided) => {
    mayGo = decided;
    queueMicrotask(giveUp);
  };
  try {
    return await channel.wait(() => heads.continued(channel), { ...waiting, signal: patience });
  } catch (error) {
    if (error === end) return mayGo;
    throw error;
  } finally {
    timer.dispose();
    heads.onDecided = () => undefined;
    ignore();
  }
}
