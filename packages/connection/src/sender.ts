import { chunkStart } from '@http-client/body';
import { closeTransport, decodeLatin1, encodeLatin1, joined, NOTHING } from '@http-client/io';
import { printSent } from '@http-client/tunnel';

import type { Channel } from './channel.js';
import { SEND } from './diagnostics.js';
import type { ExchangeRecord } from './exchange-record.js';
import { Pauses } from './turns.js';
import { checkLength, type Upload } from './upload.js';
import type { Waiting } from './waiting.js';

/** Ends the data of each chunk. A `Buffer`, which Node's streams take without converting it. */
const CRLF = /* @__PURE__ */ Buffer.from('\r\n');

/** The context for sending one request on one channel, including the observers. */
export interface Sending {
  readonly channel: Channel;
  readonly record: ExchangeRecord;
  readonly waiting: Waiting;
  readonly debugLevel: number;
  /** The connection, for subscribers of `http.client.send`. */
  readonly connection: object;
}

/** Sends the head, if there is one, and the body; returns undefined if the transport took everything at once. */
export function send(sending: Sending, head: string, upload: Upload): Promise<void> | undefined {
  const { whole, blocks, chunked } = upload;
  return blocks === undefined
    ? sendWhole(sending, head, whole, chunked)
    : sendBlocks(sending, head, blocks, upload);
}

/**
 * Sends the head, if there is one, and a body in memory, in one write. Returns undefined if the transport took it at
 * once, as it usually does.
 */
export function sendWhole(
  sending: Sending,
  head: string,
  body: string | Uint8Array = '',
  chunked = false,
): Promise<void> | undefined {
  const { channel, record, waiting } = sending;
  record.owed -= body.length;
  if (isObserved(sending))
    report(sending, head, typeof body === 'string' ? encodeLatin1(body) : body, chunked);
  // An observer may have ended it.
  if (channel.closed || waiting.signal?.aborted === true) return channel.flushed(waiting);
  if (typeof body === 'string' ? channel.write(head + body) : channel.write(head, body)) {
    record.delivery = 'sent';
    return undefined;
  }
  // If the first write of a request failed at once, the system refused all of it. That is usual on a kept connection
  // that the peer has reset in the meantime; the request may be repeated.
  record.delivery = head !== '' && channel.writeFailure !== undefined ? 'unsent' : 'partial';
  return channel.flushed(waiting).then(() => {
    record.delivery = 'sent';
  });
}

/**
 * Sends the head and then the body's blocks, each once the transport has taken the previous one: a slow peer slows the
 * source (back-pressure). If sending ends early, the session closes the source.
 */
async function sendBlocks(
  sending: Sending,
  head: string,
  blocks: NonNullable<Upload['blocks']>,
  { chunked, lastChunk, promised }: Upload,
): Promise<void> {
  const { channel, record, waiting } = sending;
  channel.checkWritable(waiting);
  const heading = head === '' ? undefined : sendWhole(sending, head);
  if (heading !== undefined) await heading;
  record.delivery = 'partial';
  let sent = 0;
  const put = (...parts: readonly Uint8Array[]): Promise<void> | undefined => {
    if (isObserved(sending)) {
      report(sending, '', joined(...parts), chunked);
      channel.checkWritable(waiting);
    }
    return channel.write('', ...parts) ? undefined : channel.flushed(waiting);
  };
  // Most blocks are as long as the previous one: their chunk-size line is reused.
  let size = 0;
  let line = NOTHING;
  const pauses = new Pauses();
  // Each chunk is sent before the next block is requested: a peer may respond chunk by chunk. Its size line, data and
  // CRLF are sent in one write: a third of the system calls, and no small packets.
  const putBlock = (block: Uint8Array): Promise<void> | undefined => {
    channel.checkWritable(waiting);
    sent += block.length;
    record.owed -= block.length;
    checkLength(promised, sent, false);
    if (!chunked) return put(block) ?? pauses.afterWrite();
    if (block.length !== size) {
      size = block.length;
      line = Buffer.from(chunkStart(block), 'latin1');
    }
    return put(line, block, CRLF) ?? pauses.afterWrite();
  };
  if (Symbol.asyncIterator in blocks) {
    await pump(sending, blocks, putBlock);
  } else {
    for (const block of blocks) {
      const taken = putBlock(block);
      if (taken !== undefined) await taken;
    }
  }
  checkLength(promised, sent, true);
  if (chunked) {
    // The trailers are a caller's code, which may end it as well.
    const last = lastChunk();
    channel.checkWritable(waiting);
    await put(last);
  }
  record.delivery = 'sent';
}

/**
 * A loop like `for await`, except that a source that delays its next block does not delay the error of a connection
 * that has been closed in the meantime. What comes from it after that is not sent: nothing can be written any more.
 */
function pump(
  { channel, waiting }: Sending,
  source: AsyncIterator<Uint8Array, unknown>,
  put: (block: Uint8Array) => Promise<void> | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const unguard = channel.guard(waiting, reject);
    const run = async (): Promise<void> => {
      for (;;) {
        // Other code may have run since the last write, and the guard only reports while this waits for the source.
        channel.checkWritable(waiting);
        const { value, done } = await source.next();
        if (done === true) return;
        const taken = put(value);
        if (taken !== undefined) await taken;
      }
    };
    run().finally(unguard).then(resolve, reject);
  });
}

/**
 * Tells a source, if there is one, that no more of it will be sent. Its own error is dropped: the reason matters. One
 * that `maySend` again is only let go.
 */
export function discard(source: Upload['blocks'], maySend = false): void {
  closeTransport({ close: () => (maySend ? source?.letGo?.() : source?.return?.()) });
}

function isObserved({ channel, debugLevel }: Sending): boolean {
  return debugLevel > 0 || channel.tap !== undefined || SEND.hasSubscribers;
}

/** Reports what is sent to the observers. */
function report(
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
