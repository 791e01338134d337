import { describe, expect, test } from 'vitest';

import { connectTCP, HTTPConnection, type RequestBody } from './index.js';
import { listening } from './testdata/sockets.js';

describe('data has left the process when its write settles', () => {
  const LARGE = 8 * 2 ** 20;
  // The system takes a small block at once, but not a large one.
  const SIZES = [LARGE, 100, LARGE, 100, 100, LARGE];
  const SIZE = SIZES.reduce((sum, size) => sum + size);
  const blocks = (): Uint8Array[] => SIZES.map((size) => new Uint8Array(size));
  async function* slowly(): AsyncGenerator<Uint8Array, void, void> {
    for (const block of blocks()) {
      await Promise.resolve();
      yield block;
    }
  }
  const upload =
    (body: () => RequestBody, headers: Record<string, string> = {}) =>
    async (port: number): Promise<{ close(): void }> => {
      const connection = new HTTPConnection('127.0.0.1', port);
      await connection.request('PUT', '/', { body: body(), headers });
      return connection;
    };
  const length = { 'Content-Length': String(SIZE) };

  test.each<[string, (port: number) => Promise<{ close(): void }>]>([
    ['an array', upload(() => new Uint8Array(SIZE))],
    ['a string', upload(() => 'x'.repeat(SIZE))],
    ['blocks', upload(blocks, length)],
    ['blocks in chunks', upload(blocks)],
    ['an async iterable', upload(slowly, length)],
    ['an async iterable in chunks', upload(slowly)],
    [
      'write by write',
      async (port) => {
        const transport = await connectTCP({ host: '127.0.0.1', port });
        for (const block of blocks()) await transport.write(block);
        return transport;
      },
    ],
  ])('%s', async (_name, send) => {
    let received = 0;
    let ended!: () => void;
    const end = new Promise<void>((resolve) => (ended = resolve));
    const { port } = await listening((socket) => {
      socket.on('data', (data) => (received += data.length));
      socket.on('end', ended);
    });
    const sender = await send(port);
    sender.close();
    await end;
    expect(received).toBeGreaterThanOrEqual(SIZE);
  });
});
