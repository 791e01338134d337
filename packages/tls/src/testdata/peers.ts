import { once } from 'node:events';
import { createServer as createHTTPServer, type RequestListener } from 'node:http';
import { createServer as createHTTPSServer, type Server as HTTPSServer } from 'node:https';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTLSServer, type TlsOptions, type TLSSocket } from 'node:tls';

import { inject, onTestFinished } from 'vitest';

/** A server for one test, and its open sockets. */
export interface Peer<S extends Server = Server> {
  readonly server: S;
  readonly port: number;
  readonly open: ReadonlySet<Socket>;
}

async function listening<S extends Server>(server: S): Promise<Peer<S>> {
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return { server, port: (server.address() as AddressInfo).port, open };
}

/** node:http. */
export function httpServer(answer: RequestListener): Promise<Peer> {
  return listening(createHTTPServer(answer));
}

/** node:https, by default with the valid certificate. */
export function httpsServer(answer: RequestListener, options: TlsOptions = {}): Promise<Peer<HTTPSServer>> {
  const server = createHTTPSServer({ ...inject('certificates').valid, ...options }, answer);
  server.on('tlsClientError', () => undefined);
  return listening(server);
}

/** node:tls; what it does with a connection is up to the test. */
export function tlsServer(serve: (socket: TLSSocket) => void, options: TlsOptions = {}): Promise<Peer> {
  const server = createTLSServer({ ...inject('certificates').valid, ...options }, (socket) => {
    socket.on('error', () => undefined);
    serve(socket);
  });
  server.on('tlsClientError', () => undefined);
  return listening(server);
}

/** node:net: a peer that need not support TLS. It reads what arrives, and closes when its peer does. */
export function tcpServer(serve: (socket: Socket) => void): Promise<Peer> {
  return listening(
    createServer((socket) => {
      serve(socket);
      socket.resume();
    }),
  );
}

export interface Proxy extends Peer {
  /** The targets that it was asked for, host and port. */
  readonly asked: string[];
  /** The heads of its requests. */
  readonly heads: string[];
}

/**
 * A proxy that opens any tunnel, whatever the name, to a port of this machine: the requested one, or `to`. It speaks
 * TLS if it gets options.
 */
export async function proxy(options?: TlsOptions, to?: number): Promise<Proxy> {
  const asked: string[] = [];
  const heads: string[] = [];
  const serve = (socket: Socket): void => {
    let head = '';
    const onData = (block: Buffer): void => {
      head += block.toString('latin1');
      if (!head.endsWith('\r\n\r\n')) return;
      socket.off('data', onData);
      const [, authority = ''] = head.split(' ');
      asked.push(authority);
      heads.push(head);
      const far = connect(to ?? Number(authority.split(':').at(-1)), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        socket.pipe(far).pipe(socket);
      });
      far.on('error', () => socket.destroy());
      socket.on('error', () => far.destroy()).on('close', () => far.destroy());
      far.on('close', () => socket.destroy());
    };
    socket.on('data', onData);
  };
  const peer = options === undefined ? await tcpServer(serve) : await tlsServer(serve, options);
  return { ...peer, asked, heads };
}
