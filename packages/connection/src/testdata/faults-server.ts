import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { freePort } from '../../../../tests/support/programs.js';
import { answer } from './stage.js';

/** The server's side of one TCP connection, driven by the test. */
export class Peer {
  readonly #socket: Socket;
  #text = '';
  #wake: () => void = () => undefined;
  #gone = false;

  constructor(socket: Socket) {
    this.#socket = socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#text += text;
      this.#wake();
    });
    // Connections are broken on purpose here.
    socket.on('error', () => undefined);
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.#gone = true;
        this.#wake();
      });
    }
  }

  /** Waits until `what` has been received, and consumes everything up to its end. False if the client closes first. */
  async receive(what = '\r\n\r\n'): Promise<boolean> {
    for (;;) {
      const at = this.#text.indexOf(what);
      if (at >= 0) this.#text = this.#text.slice(at + what.length);
      if (at >= 0 || this.#gone) return at >= 0;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Settles when the kernel has taken the data. False if the connection is gone. */
  send(text: string): Promise<boolean> {
    return new Promise((resolve) => {
      this.#socket.write(text, 'latin1', (error) => {
        resolve(!error);
      });
    });
  }

  /** Stops reading: what the client sends stays in the system's buffers, which fill up. */
  stall(): void {
    this.#socket.pause();
  }

  /** Resumes reading. */
  go(): void {
    this.#socket.resume();
  }

  /** Sends a FIN, and continues reading. */
  finish(): void {
    this.#socket.end();
  }

  /** Sends a RST. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Closes the descriptor at once: this sends a FIN, or a RST if there is unread data. */
  close(): void {
    this.#socket.destroy();
  }
}

/** A server that plays the given scripts on its first connections, and serves later ones properly. */
export class FaultyServer {
  /** How many connections were accepted. */
  connections = 0;
  #port = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(plays: ((peer: Peer) => Promise<void>)[]) {
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      const play = plays.shift() ?? good;
      void play(new Peer(socket));
    });
  }

  static async start(...plays: ((peer: Peer) => Promise<void>)[]): Promise<FaultyServer> {
    const server = new FaultyServer(plays);
    await server.listen();
    return server;
  }

  /** A server that is not there yet: nobody listens on its port until it does. */
  static async absent(): Promise<FaultyServer> {
    const server = new FaultyServer([]);
    server.#port = await freePort();
    return server;
  }

  /** The port on which it listens, or will listen. */
  get port(): number {
    return this.#port;
  }

  /** Listens, on its port if it has one already. */
  async listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Responds to every request without a body. */
export async function good(peer: Peer): Promise<void> {
  while (await peer.receive()) await peer.send(answer('good'));
  peer.close();
}
