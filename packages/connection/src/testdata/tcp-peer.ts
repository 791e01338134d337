import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

import { decodeLatin1, encodeLatin1, joined } from '@http-client/io';

import { requestCounter } from '../testing/counter.js';

/** The server's end of a TCP connection. It records what it received and what it sent. */
export class Peer {
  readonly #socket: Socket;
  readonly #received: Uint8Array[] = [];
  readonly #sent: Uint8Array[] = [];
  #length = 0;
  /** The offset in the received bytes up to which `request` has counted. */
  #counted = 0;
  #wake: () => void = () => undefined;
  /** Nothing more will arrive: the client has closed its side, or the connection broke. */
  ended = false;
  /** The code of the error that broke the connection. */
  failure: string | undefined;

  constructor(socket: Socket) {
    this.#socket = socket.setNoDelay(true);
    socket.on('data', (block) => {
      this.#received.push(block);
      this.#length += block.length;
      this.#wake();
    });
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      this.failure = code;
    });
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.ended = true;
        this.#wake();
      });
    }
  }

  /** Everything that was received. */
  get received(): Uint8Array {
    return joined(...this.#received);
  }

  get receivedText(): string {
    return decodeLatin1(this.received);
  }

  /** Everything that was passed to the socket. */
  get sent(): Uint8Array {
    return joined(...this.#sent);
  }

  /** Waits for as many bytes, or until the received bytes end with a text. False if the stream ends before that. */
  async until(what: number | string): Promise<boolean> {
    const come =
      typeof what === 'number' ? () => this.#length >= what : () => this.receivedText.endsWith(what);
    while (!come()) {
      if (this.ended) return false;
      await this.#more();
    }
    return true;
  }

  /** Waits for one more complete request. */
  async request(): Promise<void> {
    const counter = requestCounter();
    for (;;) {
      const count = counter(this.received.subarray(this.#counted));
      if (count !== undefined) {
        this.#counted += count;
        return;
      }
      if (this.ended) throw new Error('The client closed before its request was whole');
      await this.#more();
    }
  }

  /** Waits until the client closes its side. */
  async end(): Promise<void> {
    while (!this.ended) await this.#more();
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  send(data: string | Uint8Array): void {
    const bytes = typeof data === 'string' ? encodeLatin1(data) : data;
    this.#sent.push(bytes);
    this.#socket.write(bytes);
  }

  /** Sends in blocks of `size`, each in a separate turn. */
  async sendIn(size: number, data: Uint8Array): Promise<void> {
    for (let at = 0; at < data.length; at += size) {
      this.send(data.subarray(at, at + size));
      await turn();
    }
  }

  /** Ends its own side, and continues receiving. */
  finish(): void {
    this.#socket.end();
  }

  /** Breaks the connection (RST). */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

/** A TCP server on its own port, on the loopback interface. */
export interface TCPServer {
  readonly port: number;
  /** The connections, in order. */
  readonly peers: readonly Peer[];
  /** Settles when all calls of `serve` have; rejects with what one threw. */
  served(): Promise<void>;
  /** Destroys what is open, and stops listening. */
  close(): Promise<void>;
}

/** Starts a server that handles each connection by `serve`. */
export async function listen(serve: (peer: Peer) => Promise<void> | void): Promise<TCPServer> {
  const peers: Peer[] = [];
  const serving: Promise<void>[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const peer = new Peer(socket);
    peers.push(peer);
    const done = (async () => {
      await serve(peer);
    })();
    // Handled by `served`; until then, a rejection is not unhandled.
    done.catch(() => undefined);
    serving.push(done);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    peers,
    served: async () => {
      await Promise.all(serving);
    },
    close: async () => {
      for (const peer of peers) peer.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
