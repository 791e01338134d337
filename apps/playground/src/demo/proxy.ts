import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';

import { listen, type Listening } from '../listen.js';

/**
 * Starts a proxy that opens tunnels to one authority only, such as `www.python.org:443`, and sends them to `place`
 * without a DNS lookup. Node's own HTTP server reads its requests.
 */
export function startProxy(
  authority: string,
  place: { readonly host: string; readonly port: number },
): Promise<Listening> {
  const server = createServer((_request, response) => {
    response.writeHead(405, { Allow: 'CONNECT', 'Content-Length': 0 }).end();
  });
  server.on('connect', ({ url }, near: Socket, head) => {
    near.on('error', () => near.destroy());
    if (url !== authority) {
      near.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    const far = connect(place.port, place.host);
    far.on('error', () => far.destroy());
    far.once('connect', () => {
      near.write('HTTP/1.1 200 Connection established\r\nProxy-Agent: http-client demo\r\n\r\n');
      far.write(head);
      near.pipe(far).pipe(near);
    });
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  return listen(server);
}
