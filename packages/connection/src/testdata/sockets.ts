import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { onTestFinished } from 'vitest';

import { HTTPConnection, type HTTPConnectionOptions } from '../index.js';

/** A server on the loopback interface that treats each connection as given. It is closed when the test ends. */
export interface Peer {
  readonly port: number;
  /** The connections that it has accepted. */
  readonly sockets: readonly Socket[];
  /** A connection to it. */
  connection(options?: HTTPConnectionOptions): HTTPConnection;
}

export async function listening(serve: (socket: Socket, index: number) => void): Promise<Peer> {
  const sockets: Socket[] = [];
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    // A client that resets is not a failure of the server.
    socket.on('error', () => undefined);
    sockets.push(socket);
    serve(socket, sockets.length - 1);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    sockets,
    connection: (options = {}) => {
      const connection = new HTTPConnection('127.0.0.1', port, options);
      onTestFinished(() => {
        connection.close();
      });
      return connection;
    },
  };
}

/** Collects what a client sends. `then` is called once the text so far meets the condition. */
export function afterText(
  socket: Socket,
  condition: (text: string) => boolean,
  then: (text: string) => void,
): void {
  let text = '';
  const look = (data: Buffer): void => {
    text += data.toString('latin1');
    if (!condition(text)) return;
    socket.off('data', look);
    then(text);
  };
  socket.on('data', look);
}

/** Calls `then` once a head has arrived. */
export function afterHead(socket: Socket, then: (text: string) => void): void {
  afterText(socket, (text) => text.includes('\r\n\r\n'), then);
}
