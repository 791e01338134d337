import { connect, type Socket } from 'node:net';

import { describe, expect, test } from 'vitest';

import { tcpServer, tlsServer } from './testdata/peers.js';
import { open, trusting } from './testdata/stage.js';

const FORGED = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged';

/** How many whole records of application data there are (RFC 8446, section 5.1): a type, a version, a length. */
function records(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; at + 5 <= bytes.length;) {
    at += 5 + bytes.readUInt16BE(at + 3);
    if (at <= bytes.length) count++;
  }
  return count;
}

/** Relays to a port, and passes on the first two records that follow the client's request in one segment. */
async function relay(port: number): Promise<number> {
  const { port: own } = await tcpServer((near: Socket) => {
    const far = connect(port, '127.0.0.1');
    let held: Buffer | undefined;
    near.on('error', () => far.destroy()).on('close', () => far.destroy());
    far.on('error', () => near.destroy()).on('close', () => near.destroy());
    near.on('data', (block: Buffer) => {
      if (block[0] === 23) held ??= Buffer.alloc(0);
      far.write(block);
    });
    far.on('data', (block: Buffer) => {
      if (held === undefined) {
        near.write(block);
        return;
      }
      held = Buffer.concat([held, block]);
      if (records(held) < 2) return;
      near.write(held);
      held = Buffer.alloc(0);
    });
  });
  return own;
}

// One read of the socket brings both records, and TLS delivers them one by one, with the caller's code in between.
describe('a record after that of the response', () => {
  test.each([
    ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'],
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n'],
    ['GET', 'HTTP/1.1 304 Not Modified\r\n\r\n'],
  ])('%s, %j: is not the next response', async (method, first) => {
    let requests = 0;
    const { port } = await tlsServer(
      (socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => {
          requests++;
          socket.write(requests === 1 ? first : 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n');
          socket.write(requests === 1 ? FORGED : 'real');
        });
      },
      // Without the tickets of 1.3, which are records of application data, too.
      { maxVersion: 'TLSv1.2' },
    );
    const connection = open(await relay(port), { context: trusting() });
    await connection.request(method, '/1');
    const response = await connection.getResponse();
    await response.read();
    await connection.request('GET', '/2');
    const second = await connection.getResponse();
    expect(await second.text()).toBe('real');
    expect(requests).toBe(2);
  });
});
