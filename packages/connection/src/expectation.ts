import type { Channel, Waiting } from './channel.js';
import type { ResponseHeads } from './response-heads.js';
import { WaitTimer } from './wait-timer.js';

/**
 * Waits until a body may be sent that was announced with `Expect: 100-continue` (RFC 9110, section 10.1.1): until a
 * 100 comes, or nothing for `limit` milliseconds, since many servers never send one. False where a final answer came.
 */
export async function mayContinue(
  channel: Channel,
  heads: ResponseHeads,
  waiting: Waiting,
  limit: number,
): Promise<boolean> {
  if (heads.mayGo !== undefined) return heads.mayGo;
  const { signal } = waiting;
  const patience = new AbortController();
  const end = new Error('the wait for a 100 is over');
  const giveUp = (): void => {
    patience.abort(end);
  };
  const timer = new WaitTimer(giveUp);
  let mayGo = true;
  const abort = (): void => {
    patience.abort(signal?.reason);
  };
  // Not AbortSignal.any: a signal that lives for long would keep all that was ever made of it.
  signal?.addEventListener('abort', abort);
  timer.start(limit);
  // A `getResponse` that came first takes the heads. Not at once: it is in the middle of doing so.
  heads.onDecided = (decided) => {
    mayGo = decided;
    queueMicrotask(giveUp);
  };
  try {
    return await channel.wait(() => heads.continued(channel), { ...waiting, signal: patience.signal });
  } catch (error) {
    if (error === end) return mayGo;
    throw error;
  } finally {
    timer.dispose();
    heads.onDecided = () => undefined;
    signal?.removeEventListener('abort', abort);
  }
}
