import { createServer, type AddressInfo, type Socket } from 'node:net';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { HTTPConnection, type HTTPResponse, type WireEvent } from './index.js';

// All sockets are read into one buffer. What one of them has received and nobody has read yet must survive the next
// read.

const COUNT = 20;
/** Smaller and larger than what is left unread after a head. */
const SIZES = [1, 100, 5000, 40_000];

/** The server's end of a connection that has requested `/held`: the test sends the response. */
let held: Socket;
const server = createServer((socket) => {
  socket.on('error', () => socket.destroy());
  socket.on('data', (data) => {
    if (data.toString('latin1').startsWith('GET /held ')) {
      held = socket;
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      return;
    }
    const [, letter, size] = /^GET \/(\w)\/(\d+) /.exec(data.toString('latin1'))!;
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${letter!.repeat(Number(size))}`);
  });
});
beforeAll(async () => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)));
afterAll(() => void server.close());

const letter = (index: number): string => String.fromCharCode(0x61 + index);

test.each(SIZES)('bodies of %d bytes stay with their own connection until they are read', async (size) => {
  const { port } = server.address() as AddressInfo;
  const connections = Array.from({ length: COUNT }, () => new HTTPConnection('127.0.0.1', port));
  try {
    // Twice, since a connection's first read takes another path than later ones.
    for (let round = 0; round < 2; round++) {
      const responses: HTTPResponse[] = [];
      for (const [index, connection] of connections.entries()) {
        await connection.request('GET', `/${letter(index)}/${size}`);
        responses.push(await connection.getResponse());
      }
      const texts: string[] = [];
      for (const response of responses.toReversed()) texts.unshift(await response.text());
      expect(texts).toEqual(connections.map((_, index) => letter(index).repeat(size)));
    }
  } finally {
    for (const connection of connections) connection.close();
  }
});

test('a connection that is closed before its block is returned, and another that continues reading', async () => {
  const { port } = server.address() as AddressInfo;
  using closed = new HTTPConnection('127.0.0.1', port);
  using kept = new HTTPConnection('127.0.0.1', port);
  await closed.request('GET', '/a/100');
  const left = await closed.getResponse();
  closed.close();
  await kept.request('GET', '/b/100');
  const response = await kept.getResponse();
  await expect(left.read()).rejects.toThrow('was closed');
  expect(await response.text()).toBe('b'.repeat(100));
});

test('a chunk taken by a read that waits for the next one', async () => {
  const { port } = server.address() as AddressInfo;
  let came = (): void => undefined;
  const first = new Promise<void>((resolve) => (came = resolve));
  const onWire = ({ part }: WireEvent): void => {
    if (part === 'chunk-data') came();
  };
  using waiting = new HTTPConnection('127.0.0.1', port, { onWire });
  using other = new HTTPConnection('127.0.0.1', port);
  await waiting.request('GET', '/held');
  const whole = (await waiting.getResponse()).read();
  held.write(`64\r\n${'a'.repeat(100)}\r\n`);
  await first;
  await other.request('GET', '/b/5000');
  expect(await (await other.getResponse()).text()).toBe('b'.repeat(5000));
  held.write('3\r\nend\r\n0\r\n\r\n');
  expect(Buffer.from(await whole).toString()).toBe(`${'a'.repeat(100)}end`);
});
