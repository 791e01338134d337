import { once } from 'node:events';

import { InvalidChunk } from '@http-client/errors';
import { decodeLatin1, type Transport } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { HTTPConnection, type HTTPResponse } from './index.js';
import { afterRequest, afterWrite, END, scriptedTransport, type ScriptStep } from './testing.js';
import { afterHead, listening } from './testdata/sockets.js';
import { head, quiet, stage } from './testdata/stage.js';

async function answered(...steps: ScriptStep[]): Promise<HTTPResponse> {
  const { connector } = scriptedTransport([afterRequest(), ...steps]);
  const connection = new HTTPConnection('example.org', 80, { connector });
  await connection.request('GET', '/');
  return connection.getResponse();
}

const reads: [name: string, read: (response: HTTPResponse) => Promise<unknown>][] = [
  ['read()', (response) => response.read()],
  ['read(100)', (response) => response.read(100)],
  ['readInto', (response) => response.readInto(new Uint8Array(100))],
];

test.each(reads)(
  '%s does not wait if a fault has already arrived, on a connection that stays open',
  async (_name, read) => {
    const response = await answered('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello!');
    await expect(read(response)).rejects.toThrow(InvalidChunk);
  },
);

test.each([...reads, ['readLine()', (response: HTTPResponse) => response.readLine()] as const])(
  '%s does not wait once the last chunk has arrived, on a connection that stays open',
  async (_name, read) => {
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
    const response = await answered(`${head}5\r\nhello\r\n`, '0\r\n\r\n');
    const got = await read(response);
    expect(got instanceof Uint8Array ? got.length : got).toBe(5);
    expect(response.closed).toBe(true);
  },
);

test.each([
  ['with more to come', 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc', ['def']],
  ['at the end of the stream', 'HTTP/1.1 200 OK\r\n\r\nabc', ['def', END]],
])('a peek does not hide later bytes, %s', async (_name, first, rest) => {
  const response = await answered(first, ...rest);
  expect(decodeLatin1(await response.peek())).toBe('abc');
  // The rest arrives while nobody reads.
  for (let turn = 0; turn < 4; turn++) await new Promise(setImmediate);
  expect(decodeLatin1(await response.read())).toBe('abcdef');
});

test.each([
  ['closes', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\n'],
  ['stays open', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'],
])(
  'a read after the one that ends the body returns nothing, on a connection that %s',
  async (_name, head) => {
    const response = await answered(head, 'hello');
    const texts = await Promise.all([response.text(), response.text(), response.text()]);
    expect(texts).toEqual(['hello', '', '']);
  },
);

test('a read after one that close() interrupts is interrupted, too', async () => {
  const response = await answered('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 'hel');
  const reads = [response.read(), response.read()];
  response.close();
  const results = await Promise.allSettled(reads);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

const parts: [name: string, read: (response: HTTPResponse) => Promise<unknown>][] = [
  ['read(100)', (response) => response.read(100)],
  ['readInto', (response) => response.readInto(new Uint8Array(100))],
  ['readLine', (response) => response.readLine()],
];

// The reference leaves it open, too, until the response is collected as garbage; here nothing would ever close it.
describe('a call that returns less than it was asked for, since the stream has ended', () => {
  test.each(parts)('closes the transport, once, and the response can be read on: %s', async (_name, read) => {
    let closings = 0;
    const transport = scriptedTransport([afterRequest(), 'HTTP/1.1 200 OK\r\n\r\nhello', END]);
    const connector = (): Promise<Transport> =>
      Promise.resolve({
        read: () => transport.read(),
        write: (data) => transport.write(data),
        close: () => {
          closings++;
          transport.close();
        },
      });
    const connection = new HTTPConnection('example.org', 80, { connector });
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    await quiet();
    const got = await read(response);
    expect(got instanceof Uint8Array ? got.length : got).toBe(5);
    expect({ closings, closed: response.closed }).toEqual({ closings: 1, closed: false });
    expect(await response.read()).toHaveLength(0);
    expect({ closings, closed: response.closed }).toEqual({ closings: 1, closed: true });
  });

  test.each(parts)('closes the socket: %s', async (_name, read) => {
    const peer = await listening((socket) => {
      afterHead(socket, () => socket.end('HTTP/1.1 200 OK\r\n\r\nhello'));
    });
    const connection = peer.connection();
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    const got = await read(response);
    expect(got instanceof Uint8Array ? got.length : got).toBe(5);
    await once(peer.sockets[0]!, 'close');
  });

  test('goes on sending the request, if that has not ended', async () => {
    const { connection, transports } = stage([[afterWrite(1), head('Connection: close'), 'hello', END]]);
    let next!: (block: string) => void;
    const block = new Promise<string>((resolve) => (next = resolve));
    const sending = connection.request('POST', '/', {
      body: (async function* () {
        yield await block;
      })(),
    });
    const response = await connection.getResponse();
    await quiet();
    expect(await response.read(100)).toHaveLength(5);
    next('data');
    await sending;
    expect(transports[0]!.writtenText).toContain('4\r\ndata\r\n0\r\n\r\n');
    expect(await response.read()).toHaveLength(0);
  });
});
