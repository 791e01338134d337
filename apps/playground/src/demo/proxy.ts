import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';

import { listen } from '../origin.js';

/** A proxy on a free port of the loopback interface. */
export interface Proxy {
  readonly host: string;
  readonly port: number;
  /** Ends it at once, with every tunnel. */
  close(): Promise<void>;
}

/**
 * Starts a proxy that tunnels to one authority alone, `www.python.org:443` say, and knows where that is without asking
 * anybody. Its requests are read by Node's own HTTP server.
 */
export async function startProxy(
  authority: string,
  place: { readonly host: string; readonly port: number },
): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const held = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  };
  const server = createServer((_request, response) => {
    response.writeHead(405, { Allow: 'CONNECT', 'Content-Length': 0 }).end();
  });
  server.on('connect', ({ url }, near: Socket, head) => {
    held(near);
    if (url !== authority) {
      near.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    const far = held(connect(place.port, place.host));
    far.once('connect', () => {
      near.write('HTTP/1.1 200 Connection established\r\nProxy-Agent: http-client demo\r\n\r\n');
      far.write(head);
      near.pipe(far).pipe(near);
    });
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  const { address: host, port } = await listen(server);
  return {
    host,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
        for (const socket of sockets) socket.destroy();
      }),
  };
}
