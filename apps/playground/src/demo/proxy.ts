import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';

import { end, listen } from '../listen.js';
import type { Origin } from '../origin.js';

/**
 * Starts a proxy that opens tunnels to one authority only, such as `www.python.org:443`, and sends them to `place`
 * without a DNS lookup. Node's own HTTP server reads its requests.
 */
export async function startProxy(
  authority: string,
  place: { readonly host: string; readonly port: number },
): Promise<Origin> {
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
    close: () => {
      // The server no longer tracks the connections that became tunnels.
      for (const socket of sockets) socket.destroy();
      return end(server);
    },
  };
}
