import { chunkStart } from '@http-client/body';
import { decodeLatin1, encodeLatin1, joined } from '@http-client/io';
import { printSent } from '@http-client/tunnel';

import type { Channel } from './channel.js';
import { SEND } from './diagnostics.js';
import type { ExchangeRecord } from './exchange-record.js';
import { Turns } from './turns.js';
import { checkPromise, type Upload } from './upload.js';
import type { Waiting } from './waiting.js';

const NOTHING = new Uint8Array(0);
/** Behind the data of each chunk. Of Node's own kind, which its streams take as it is. */
const CRLF = Buffer.from('\r\n');

/** What goes out for one request on one channel, and who looks on. */
export interface Sending {
  readonly channel: Channel;
  readonly record: ExchangeRecord;
  readonly waiting: Waiting;
  readonly debugLevel: number;
  /** The connection, for those who listen to `http.client.send`. */
  readonly connection: object;
}

/** Sends the head, if there is one, and the body; undefined where the transport took all of it at once. */
export function send(sending: Sending, head: string, upload: Upload): Promise<void> | undefined {
  const { whole, blocks, chunked } = upload;
  return blocks === undefined
    ? sendWhole(sending, head, whole, chunked)
    : sendBlocks(sending, head, blocks, upload);
}

/**
 * Sends the head, if there is one, and a body in memory, in one write. Undefined where the transport took it at once,
 * which is the rule.
 */
export function sendWhole(
  sending: Sending,
  head: string,
  body: string | Uint8Array = '',
  chunked = false,
): Promise<void> | undefined {
  const { channel, record } = sending;
  record.owed -= body.length;
  if (isShown(sending)) show(sending, head, typeof body === 'string' ? encodeLatin1(body) : body, chunked);
  if (typeof body === 'string' ? channel.write(head + body) : channel.write(head, body)) {
    record.delivery = 'sent';
    return undefined;
  }
  record.delivery = head !== '' && refused(channel) ? 'unsent' : 'partial';
  return channel.flushed(sending.waiting).then(() => {
    record.delivery = 'sent';
  });
}

/**
 * Sends the head and then the body's blocks, the next one when the transport has taken the last: a slow peer slows the
 * source. The source is closed when sending ends early.
 */
async function sendBlocks(
  sending: Sending,
  head: string,
  blocks: NonNullable<Upload['blocks']>,
  { chunked, lastChunk, promised }: Upload,
): Promise<void> {
  const { channel, record, waiting } = sending;
  record.delivery = 'partial';
  if (head !== '') {
    if (isShown(sending)) show(sending, head, NOTHING, chunked);
    if (!channel.write(head)) {
      if (refused(channel)) record.delivery = 'unsent';
      await channel.flushed(waiting);
    }
  }
  let sent = 0;
  const put = (...parts: readonly Uint8Array[]): Promise<void> | undefined => {
    if (isShown(sending)) show(sending, '', joined(...parts), chunked);
    return channel.write('', ...parts) ? undefined : channel.flushed(waiting);
  };
  // Most blocks are as long as the one before: their line is made once.
  let size = 0;
  let line = NOTHING;
  const turns = new Turns();
  // Each chunk is complete before the next block is asked for: a peer may answer chunk by chunk. Its line, its data and
  // its line end go out in one write: a third of the system calls, and no small packets.
  const putBlock = (block: Uint8Array): Promise<void> | undefined => {
    channel.checkWritable(waiting.what);
    if (waiting.signal?.aborted === true) throw waiting.signal.reason;
    sent += block.length;
    record.owed -= block.length;
    checkPromise(promised, sent, false);
    if (!chunked) return put(block) ?? turns.next();
    if (block.length !== size) {
      size = block.length;
      line = Buffer.from(chunkStart(block), 'latin1');
    }
    return put(line, block, CRLF) ?? turns.next();
  };
  if (Symbol.asyncIterator in blocks) {
    await pump(sending, blocks[Symbol.asyncIterator](), putBlock);
  } else {
    for (const block of blocks) {
      const taken = putBlock(block);
      if (taken !== undefined) await taken;
    }
  }
  checkPromise(promised, sent, true);
  if (chunked) {
    channel.checkWritable(waiting.what);
    await put(lastChunk());
  }
  record.delivery = 'sent';
}

/**
 * Whether the first write of a request failed at once: the system takes a part of it, or refuses it whole. On a kept
 * connection that the peer has reset meanwhile, that is the rule, and the request may be repeated.
 */
function refused(channel: Channel): boolean {
  return channel.writeFailure !== undefined;
}

/**
 * A loop like `for await`, but for two things: a source that keeps its next block back does not keep back the error
 * of a connection that has been closed meanwhile, and it is closed without waiting for it.
 */
function pump(
  { channel, waiting }: Sending,
  source: AsyncIterator<Uint8Array, unknown>,
  put: (block: Uint8Array) => Promise<void> | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let over = false;
    const fail = (error: unknown): void => {
      if (over) return;
      over = true;
      unguard();
      source.return?.().catch(() => undefined);
      reject(error);
    };
    const unguard = channel.guard(waiting, fail);
    const run = async (): Promise<void> => {
      for (;;) {
        // Since the last write others had their turn: the guard tells only who waits.
        if (waiting.signal?.aborted === true) throw waiting.signal.reason;
        channel.checkWritable(waiting.what);
        const { value, done } = await source.next();
        if (over) return;
        if (done === true) break;
        const taken = put(value);
        if (taken !== undefined) await taken;
      }
      over = true;
      unguard();
      resolve();
    };
    run().catch(fail);
  });
}

/** Tells a source that none of it will be sent. */
export function discard({ blocks }: Upload): void {
  if (blocks === undefined) return;
  if (Symbol.asyncIterator in blocks) {
    blocks[Symbol.asyncIterator]()
      .return?.()
      .catch(() => undefined);
    return;
  }
  try {
    blocks[Symbol.iterator]().return?.();
  } catch {
    // Why it is not sent counts, not what comes of closing it.
  }
}

function isShown({ channel, debugLevel }: Sending): boolean {
  return debugLevel > 0 || channel.tap !== undefined || SEND.hasSubscribers;
}

/** Tells those who look on. */
function show(
  { channel, debugLevel, connection }: Sending,
  head: string,
  bytes: Uint8Array,
  chunked: boolean,
): void {
  if (debugLevel > 0) {
    if (head !== '') printSent(head);
    if (bytes.length > 0) printSent(decodeLatin1(bytes));
  }
  if (channel.tap !== undefined) {
    if (head !== '') channel.tap.sentHead(head);
    channel.tap.sentBody(bytes, chunked);
  }
  if (SEND.hasSubscribers) SEND.publish({ connection, data: joined(encodeLatin1(head), bytes) });
}
