import type { Server } from 'node:net';

import { rawServer } from '../../raw-server.js';
import type { CannedAnswer } from './answers.js';

/** Sends a response, and closes. */
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

/** Responds after the head of a request, while the body is still being sent, and closes. */
export function early413Server(): Server {
  const refusal = 'Too much: this server reads no bodies.\n';
  return rawServer(({ socket }) => {
    // The body is read and dropped: closing with unread bytes would be a reset, which can discard the response.
    socket.resume().end(textAnswer('HTTP/1.1 413 Content Too Large', refusal, 'Connection: close'));
  });
}

/**
 * Sends a response and an unsolicited second one, which a trusting client takes for the response to its next request.
 */
export function poisonedServer(): Server {
  return rawServer(({ socket }, next) => {
    socket.write(
      textAnswer('HTTP/1.1 200 OK', 'This is the response.\n') +
        textAnswer('HTTP/1.1 200 OK', 'And this is one that nobody asked for.\n', 'X-Poison: yes'),
    );
    next();
  });
}
