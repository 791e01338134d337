import { connect, type Server } from 'node:net';

import { rawServer } from './raw-server.js';

export interface Place {
  /** An IPv6 address may be in brackets. */
  readonly host: string;
  readonly port: number;
}

/** The status of a refusal, and the fields that belong to it. */
export type Refusal = readonly [status: string, ...fields: string[]];

/** What the proxy says about itself when it opens a tunnel. */
export const AGENT = 'http-client playground';

const textOf = ([status, ...fields]: Refusal): string =>
  [`HTTP/1.1 ${status}`, 'Content-Length: 0', ...fields, '', ''].join('\r\n');

/**
 * A proxy that opens tunnels. `decide` is given the place that a client asks for, with the value of its
 * Proxy-Authorization, and says where the tunnel leads.
 */
export function proxyServer(
  decide: (place: Place, authorization: string | undefined) => Place | Refusal,
): Server {
  return rawServer(({ head, socket, rest }, next) => {
    const [, host, port] = /^CONNECT ([^ ]+):(\d+) HTTP\/1\.1\r\n/.exec(head) ?? [];
    if (host === undefined) {
      socket.end(textOf(['405 Method Not Allowed', 'Allow: CONNECT', 'Connection: close']));
      return;
    }
    const [, authorization] = /\r\nproxy-authorization: *([^\r]*)\r\n/i.exec(head) ?? [];
    const decision = decide({ host, port: Number(port) }, authorization);
    if (!('host' in decision)) {
      socket.write(textOf(decision));
      next();
      return;
    }
    const far = connect(decision.port, decision.host.replace(/^\[(.*)\]$/, '$1'));
    const refuse = (): void => {
      socket.end(textOf(['502 Bad Gateway', 'Connection: close']));
    };
    far.on('error', refuse);
    far.on('connect', () => {
      // From here on the bytes are those of the tunnel: a response of the proxy would be taken for the far server's.
      far.off('error', refuse).on('error', () => socket.destroy());
      socket.write(`HTTP/1.1 200 Connection Established\r\nProxy-Agent: ${AGENT}\r\n\r\n`);
      far.write(rest);
      socket.pipe(far).pipe(socket);
    });
    socket.on('close', () => far.destroy());
  });
}
