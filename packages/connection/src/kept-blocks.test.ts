import { createServer, type AddressInfo } from 'node:net';

import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { HTTPConnection, type HTTPResponse } from './index.js';

// Data that arrives at full speed is read into blocks that are handed to the caller: nobody may write to one again.

const SIZE = 8 * 2 ** 20;
/** Its period of 251 does not divide the block size of 64 KiB, so that no block can pass for another. */
const BODY = Uint8Array.from({ length: SIZE }, (_, at) => at % 251);

const server = createServer((socket) => {
  socket.on('error', () => socket.destroy());
  socket.on('data', () => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${SIZE}\r\n\r\n`);
    // At full speed, and then in pieces that leave a part of a block empty.
    let at = SIZE / 2;
    const next = (): void => {
      if (at < SIZE) socket.write(BODY.subarray(at, (at += 40_000)), next);
    };
    socket.write(BODY.subarray(0, at), next);
  });
});
// Otherwise it depends on what the process did before whether uninitialised memory is anything but zeros.
vi.spyOn(Buffer, 'allocUnsafeSlow').mockImplementation((size) => Buffer.alloc(size, 0xaa));
beforeAll(async () => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)));
afterAll(() => void server.close());

async function all(response: HTTPResponse): Promise<Uint8Array[]> {
  const blocks: Uint8Array[] = [];
  for await (const block of response) blocks.push(block);
  return blocks;
}

async function whole(response: HTTPResponse): Promise<Uint8Array[]> {
  return [await response.read()];
}

/** Amounts that do not fill any block exactly. */
async function inAmounts(response: HTTPResponse): Promise<Uint8Array[]> {
  const blocks: Uint8Array[] = [];
  for (let amount = 1; ; amount = amount * 3 + 1) {
    const block = await response.read(amount);
    if (block.length === 0) return blocks;
    blocks.push(block);
  }
}

/** Alternates iteration and `readInto`: the socket's next buffer is chosen before the call that it serves. */
async function inTurns(response: HTTPResponse): Promise<Uint8Array[]> {
  const blocks: Uint8Array[] = [];
  for await (const block of response) {
    blocks.push(block);
    const target = new Uint8Array(100_000);
    const count = await response.readInto(target);
    if (count > 0) blocks.push(target.slice(0, count));
  }
  return blocks;
}

test.each([
  ['iteration', all],
  ['iteration and readInto alternately', inTurns],
  ['read', whole],
  ['read of amounts', inAmounts],
])('blocks that were handed out stay as they are: %s', async (_, read) => {
  const connection = new HTTPConnection('127.0.0.1', (server.address() as AddressInfo).port);
  const memory = new Set<ArrayBufferLike>();
  // On the same connection: the second response arrives on a socket that has just read at full speed.
  for (let exchange = 0; exchange < 2; exchange++) {
    await connection.request('GET', '/');
    const blocks = await read(await connection.getResponse());
    expect(Buffer.concat(blocks).equals(BODY)).toBe(true);
    for (const { buffer, length } of blocks) {
      expect(memory.has(buffer)).toBe(false);
      memory.add(buffer);
      expect(buffer.byteLength).toBeLessThanOrEqual(Math.max(2 * length, 16));
      // There may be unused room after a block, but not what that memory held before.
      expect(new Uint8Array(buffer).subarray(length).every((byte) => byte === 0)).toBe(true);
    }
  }
  connection.close();
});
