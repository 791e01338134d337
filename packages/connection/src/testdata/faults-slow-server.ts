import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { ChunkedDecoder } from '@http-client/body';
import { decodeLatin1 } from '@http-client/io';

const BLOCK = 65_536;

/** A server for large bodies. It reads no more than once per turn of its event loop. */
export async function startSlowServer(): Promise<{ port: number; stop: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    serve(socket).catch(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Checks that each block is filled with its number. */
class Checker {
  readonly #expected = new Uint8Array(BLOCK);
  #count = 0;
  #good = 0;

  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const end = Math.min(bytes.length, at + BLOCK - (this.#count % BLOCK));
      const part = bytes.subarray(at, end);
      this.#expected.fill(Math.floor(this.#count / BLOCK));
      if (Buffer.compare(part, this.#expected.subarray(0, part.length)) === 0) this.#good += part.length;
      this.#count += part.length;
      at = end;
    }
  }

  get count(): number {
    return this.#count;
  }

  /** How many bytes had the expected value. */
  get good(): number {
    return this.#good;
  }
}

async function serve(socket: Socket): Promise<void> {
  let head = '';
  let body: { checker: Checker; decoder: ChunkedDecoder | undefined; length: number } | undefined;
  for await (const block of socket as AsyncIterable<Uint8Array>) {
    await new Promise(setImmediate);
    let bytes = block;
    if (body === undefined) {
      head += decodeLatin1(block);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) continue;
      bytes = block.subarray(block.length - (head.length - end - 4));
      head = head.slice(0, end);
      const size = /^GET \/(\d+) /.exec(head)?.[1];
      if (size !== undefined) {
        head = '';
        await send(socket, Number(size));
        continue;
      }
      const length = /^content-length: (\d+)/im.exec(head)?.[1];
      const decoder = length === undefined ? new ChunkedDecoder() : undefined;
      body = { checker: new Checker(), decoder, length: Number(length ?? Infinity) };
    }
    const { checker, decoder, length } = body;
    checker.add(decoder === undefined ? bytes : decoder.decode(bytes));
    if (decoder === undefined ? checker.count === length : decoder.done) {
      const text = String(checker.good);
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`);
      body = undefined;
      head = '';
    }
  }
}

async function send(socket: Socket, size: number): Promise<void> {
  socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
  const block = new Uint8Array(BLOCK);
  for (let sent = 0; sent < size; sent += BLOCK) {
    if (!socket.write(block.subarray(0, size - sent))) await once(socket, 'drain');
  }
}
