import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { onTestFinished } from 'vitest';

/** What a proxy does with one connection, once it has read a complete head, which is passed to it. */
export type Behaviour = (socket: Socket, head: string) => void;

/** A proxy on the loopback interface, closed when the test ends. */
export class SocketProxy {
  /** The heads that were read, one for each connection that sent one. */
  readonly heads: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #idle: () => void = () => undefined;

  /** Starts listening. */
  static async start(behaviour: Behaviour): Promise<SocketProxy> {
    const proxy = new SocketProxy(behaviour);
    onTestFinished(() => proxy.#close());
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  private constructor(behaviour: Behaviour) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        if (this.#sockets.size === 0) this.#idle();
      });
      let head = '';
      const read = (data: Buffer): void => {
        head += data.toString('latin1');
        if (!head.endsWith('\r\n\r\n')) return;
        socket.off('data', read);
        this.heads.push(head);
        behaviour(socket, head);
      };
      socket.on('data', read);
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Settles when the other side has closed every connection. */
  async deserted(): Promise<void> {
    if (this.#sockets.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }

  async #close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Connects to the target of CONNECT. */
export function tunnels(reply: string): Behaviour {
  return (socket, head) => {
    const [, host, port] = /^CONNECT (.*):([0-9]+) HTTP\/1.1\r\n/.exec(head) ?? [];
    const far = connect({ host: host?.replace(/^\[|\]$/g, ''), port: Number(port) });
    far.on('error', () => socket.destroy());
    far.on('close', () => {
      socket.destroySoon();
    });
    socket.on('close', () => far.destroy());
    far.on('connect', () => {
      socket.write(reply);
      socket.pipe(far);
      far.pipe(socket);
    });
  };
}

/** Sends `again` repeatedly, as fast as the other side takes it, for as long as it is connected. */
export function floods(first: string, again: string): Behaviour {
  return (socket) => {
    const block = Buffer.from(again.repeat(Math.ceil(65_536 / again.length)), 'latin1');
    const more = (): void => {
      while (!socket.destroyed && socket.write(block));
    };
    socket.on('drain', more);
    socket.write(first);
    more();
  };
}
