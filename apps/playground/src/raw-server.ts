import { createServer, type Server, type Socket } from 'node:net';

/** The head of a request as bytes, and the connection that it came on. */
export interface RawRequest {
  readonly head: string;
  readonly socket: Socket;
  /** What was received after the head. */
  readonly rest: Buffer;
}

/** The most bytes that a head may have. Beyond that the connection is closed. */
const MOST_HEAD = 64 * 1024;

/**
 * A server that reads the heads of requests and passes on the connection, for responses that an HTTP server would not
 * send. It does not parse bodies: the handler gets everything after a head, until it calls `next` for another request.
 */
export function rawServer(handle: (request: RawRequest, next: () => void) => void): Server {
  return createServer((socket) => {
    // It is not an error if the peer disconnects.
    socket.on('error', () => socket.destroy());
    const next = (): void => {
      readHead(socket, (head, rest) => {
        handle({ head, socket, rest }, next);
      });
    };
    next();
  });
}

function readHead(socket: Socket, use: (head: string, rest: Buffer) => void): void {
  let seen = Buffer.alloc(0);
  const gather = (block: Buffer): void => {
    seen = Buffer.concat([seen, block]);
    const end = seen.indexOf('\r\n\r\n');
    if (end >= 0) {
      socket.off('data', gather);
      use(seen.toString('latin1', 0, end + 4), seen.subarray(end + 4));
    } else if (seen.length > MOST_HEAD) {
      socket.destroy();
    }
  };
  socket.on('data', gather);
}
