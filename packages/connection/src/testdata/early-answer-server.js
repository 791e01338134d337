// A server that answers before it has read the body. Prints the port that it listens on.
//
// By target: /end/* answers 413 at once, reads nothing more and ends; /destroy/* destroys instead, with the body unread
// (which resets the connection); /late/* reads some of the body before it does so. The last part is what Connection
// says. /first answers at once and reads the body all the same; /echo answers with the chunks as they come.

import { createServer } from 'node:net';
import process from 'node:process';

const REFUSAL = 'too large';
/** What /late reads of a body. */
const SOME = 1_000_000;
const LAST_CHUNK = '\r\n0\r\n\r\n';

let connections = 0;

/** @param {import('node:net').Socket} socket */
async function serve(socket) {
  const serial = ++connections;
  socket.on('error', () => undefined);
  // Reads on only when it is asked to.
  const blocks = socket[Symbol.asyncIterator]();
  for (let rest = ''; ;) {
    const head = await take(blocks, rest, (text) => text.includes('\r\n\r\n'));
    if (head === undefined) break;
    const [, how, connection] = head.split(' ')[1].split('/');
    rest = head.slice(head.indexOf('\r\n\r\n') + 4);
    if (how === 'first') {
      socket.write(`HTTP/1.1 200 OK\r\nX-Connection: ${serial}\r\nContent-Length: 5\r\n\r\nfirst`);
      if (/^transfer-encoding/im.test(head)) rest = await takeChunks(blocks, rest);
    } else if (how === 'echo') {
      socket.write(`HTTP/1.1 200 OK\r\nX-Connection: ${serial}\r\nTransfer-Encoding: chunked\r\n\r\n`);
      rest = await takeChunks(blocks, rest, (text) => socket.write(text, 'latin1'));
    } else {
      if (how === 'late') await take(blocks, '', (text) => text.length > SOME);
      const answer = `HTTP/1.1 413 Content Too Large\r\nConnection: ${connection}\r\nContent-Length: ${REFUSAL.length}\r\n\r\n${REFUSAL}`;
      if (how === 'end') socket.end(answer);
      else socket.write(answer, () => socket.destroy());
      return;
    }
  }
  socket.end();
}

/**
 * Reads until it is enough; undefined where the stream ends first.
 *
 * @param {AsyncIterator<Buffer>} blocks
 * @param {string} text what has been read
 * @param {(text: string) => boolean} enough
 */
async function take(blocks, text, enough) {
  while (!enough(text)) {
    const block = await next(blocks);
    if (block === undefined) return undefined;
    text += block.toString('latin1');
  }
  return text;
}

/**
 * Reads a body in chunks to its end, and gives what follows it; no chunk here has a line end in it.
 *
 * @param {AsyncIterator<Buffer>} blocks
 * @param {string} text what has been read
 * @param {(text: string) => void} look
 */
async function takeChunks(blocks, text, look = () => undefined) {
  for (let kept = ''; ;) {
    const end = (kept + text).indexOf(LAST_CHUNK);
    const rest = end < 0 ? '' : (kept + text).slice(end + LAST_CHUNK.length);
    look(text.slice(0, text.length - rest.length));
    if (end >= 0) return rest;
    kept = (kept + text).slice(1 - LAST_CHUNK.length);
    const block = await next(blocks);
    if (block === undefined) return '';
    text = block.toString('latin1');
  }
}

/** @param {AsyncIterator<Buffer>} blocks */
async function next(blocks) {
  try {
    return (await blocks.next()).value;
  } catch {
    // A peer that is gone is the client's business here.
    return undefined;
  }
}

const server = createServer({ allowHalfOpen: true }, (socket) => void serve(socket));
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${server.address().port}\n`);
});
