import type { Server } from 'node:net';

import type { CannedAnswer } from './answers.js';
import { rawServer } from './raw-server.js';

/** Plays an answer, and closes. */
export function cannedServer({ bytes }: CannedAnswer): Server {
  return rawServer(({ socket }) => {
    socket.resume().end(bytes, 'latin1');
  });
}

function textAnswer(start: string, text: string, ...fields: readonly string[]): string {
  return [start, 'Content-Type: text/plain', `Content-Length: ${text.length}`, ...fields, '', text].join(
    '\r\n',
  );
}

/** Answers when it has seen a head, while the body still comes, and closes. */
export function early413Server(): Server {
  const refusal = 'Too much: this server reads no bodies.\n';
  return rawServer(({ socket }) => {
    // Read and dropped: a close with bytes unread would be a reset, which can take the answer with it.
    socket.resume().end(textAnswer('HTTP/1.1 413 Content Too Large', refusal, 'Connection: close'));
  });
}

/** Sends an answer, and one behind it that nobody asked for: for who trusts it, the answer to the next request. */
export function poisonedServer(): Server {
  return rawServer(({ socket }, next) => {
    socket.write(
      textAnswer('HTTP/1.1 200 OK', 'This is the answer.\n') +
        textAnswer('HTTP/1.1 200 OK', 'And this is one that nobody asked for.\n', 'X-Poison: yes'),
    );
    next();
  });
}
