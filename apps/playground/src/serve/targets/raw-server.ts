import { createServer, type Server, type Socket } from 'node:net';

/** What a peer asked for: the head of a request, byte for byte, and the connection that it came on. */
export interface RawRequest {
  readonly head: string;
  readonly socket: Socket;
  /** What came behind the head with it. */
  readonly rest: Buffer;
}

/** More than a head may have; such a peer is left. */
const MOST_HEAD = 64 * 1024;

/**
 * A server that reads the heads of requests and hands over the connection for answers that no HTTP server gives. It knows
 * nothing of request bodies: what follows a head is the handler's, until it calls `next` for another request.
 */
export function rawServer(handle: (request: RawRequest, next: () => void) => void): Server {
  return createServer((socket) => {
    // A peer that goes away is nothing to complain about here.
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
