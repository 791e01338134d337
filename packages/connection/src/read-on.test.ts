import { InvalidChunk } from '@http-client/errors';
import { decodeLatin1 } from '@http-client/io';
import { expect, test } from 'vitest';

import { HTTPConnection, type HTTPResponse } from './index.js';
import { afterRequest, END, scriptedTransport, type ScriptStep } from './testing.js';

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
