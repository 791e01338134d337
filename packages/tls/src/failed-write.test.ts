import { expect, test } from 'vitest';

import { tlsServer } from './testdata/peers.js';
import { CARRIERS, open, rejection } from './testdata/stage.js';

test('a failed write on a transport of the caller’s own leaves what the peer sends after it to be read', async () => {
  let answer!: () => void;
  const { port } = await tlsServer((socket) => {
    socket.once('data', () => {
      answer = () => socket.write('HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\n\r\nfull');
    });
  });
  const transport = await CARRIERS['a transport of the caller’s own']!({ host: 'localhost', port });
  const write = transport.write.bind(transport);
  const connection = open(port, { connector: () => Promise.resolve(transport) });
  const broken = new Error('the line is down');
  async function* body(): AsyncGenerator<string, void> {
    yield 'some of it';
    while ((answer as unknown) === undefined) await new Promise(setImmediate);
    transport.write = () => Promise.reject(broken);
    yield 'the rest';
  }
  expect(await rejection(connection.request('PUT', '/', { body: body() }))).toBe(broken);
  transport.write = write;
  answer();
  const response = await connection.getResponse();
  expect([response.status, await response.text()]).toEqual([413, 'full']);
});
