import type { AddressInfo, Server, Socket } from 'node:net';

/** A server that listens on the loopback interface. */
export interface Listening {
  readonly host: string;
  readonly port: number;
  /** Closes it at once, with every connection, also one that has become a tunnel. */
  readonly close: () => Promise<void>;
}

/**
 * Lets a server listen on 127.0.0.1, on a free port unless one is given.
 *
 * @throws the system's error if the port cannot be used.
 */
export function listen(server: Server, wanted = 0): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
      for (const socket of sockets) socket.destroy();
    });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(wanted, '127.0.0.1', () => {
      server.off('error', reject);
      const { address: host, port } = server.address() as AddressInfo;
      resolve({ host, port, close });
    });
  });
}
