import { connect, type Server } from 'node:net';

import { rawServer } from './raw-server.js';

const refusal = (status: string, ...fields: readonly string[]): string =>
  [`HTTP/1.1 ${status}`, 'Content-Length: 0', ...fields, '', ''].join('\r\n');

/** A proxy that opens tunnels to any host, for clients that send these credentials. */
export function proxyServer(user: string, password: string): Server {
  const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  return rawServer(({ head, socket, rest }, next) => {
    const [, host, port] = /^CONNECT ([^ ]+):(\d+) HTTP\/1\.1\r\n/.exec(head) ?? [];
    if (host === undefined) {
      socket.end(refusal('405 Method Not Allowed', 'Allow: CONNECT', 'Connection: close'));
      return;
    }
    const [, shown] = /\r\nproxy-authorization: *([^\r]*)\r\n/i.exec(head) ?? [];
    if (shown !== wanted) {
      socket.write(
        refusal('407 Proxy Authentication Required', 'Proxy-Authenticate: Basic realm="playground"'),
      );
      next();
      return;
    }
    const far = connect(Number(port), host.replace(/^\[(.*)\]$/, '$1'));
    const refuse = (): void => {
      socket.end(refusal('502 Bad Gateway', 'Connection: close'));
    };
    far.on('error', refuse);
    far.on('connect', () => {
      // From here on the bytes are those of the tunnel: a response of the proxy would be taken for the far server's.
      far.off('error', refuse).on('error', () => socket.destroy());
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      far.write(rest);
      socket.pipe(far).pipe(socket);
    });
    socket.on('close', () => far.destroy());
  });
}
