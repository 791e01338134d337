import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { expect, inject, onTestFinished, test } from 'vitest';

import { tlsServer } from './testdata/peers.js';
import { CARRIERS, open, rejection, TIMEOUT } from './testdata/stage.js';

test('a failed write on a transport of the caller’s own leaves what the peer sends after it to be read', async () => {
  let told!: (answer: () => void) => void;
  const asked = new Promise<() => void>((resolve) => (told = resolve));
  const { port } = await tlsServer((socket) => {
    socket.once('data', () => {
      told(() => socket.write('HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\n\r\nfull'));
    });
  });
  const transport = await CARRIERS['a transport of the caller’s own']!({ host: 'localhost', port });
  const write = transport.write.bind(transport);
  const connection = open(port, { connector: () => Promise.resolve(transport) });
  const broken = new Error('the line is down');
  async function* body(): AsyncGenerator<string, void> {
    yield 'some of it';
    await asked;
    transport.write = () => Promise.reject(broken);
    yield 'the rest';
  }
  expect(await rejection(connection.request('PUT', '/', { body: body() }))).toBe(broken);
  transport.write = write;
  (await asked)();
  const response = await connection.getResponse();
  expect([response.status, await response.text()]).toEqual([413, 'full']);
});

/**
 * Answers the first block of a body and resets the connection, while its client stands still, as both flags say. Without
 * Nagle's algorithm: data that it holds back would be lost with the reset.
 */
const RESETTING = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { certificate, flags } = workerData;
  const server = require('node:tls').createServer({ ...certificate, noDelay: true }, (socket) => {
    let seen = '';
    socket.on('error', () => undefined).on('data', (block) => {
      seen += block;
      if (!seen.includes('some of it')) return;
      Atomics.wait(flags, 0, 0);
      socket.removeAllListeners('data').write('HTTP/1.1 413 Content Too Large\\r\\nContent-Length: 4\\r\\n\\r\\nfull', () => {
        socket._parent.resetAndDestroy();
        Atomics.store(flags, 1, 1);
        Atomics.notify(flags, 1);
      });
    });
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

test('a failed write on a socket leaves what the system has received before it to be read', async () => {
  const flags = new Int32Array(new SharedArrayBuffer(8));
  const workerData = { certificate: inject('certificates').valid, flags };
  const worker = new Worker(RESETTING, { eval: true, workerData });
  onTestFinished(async () => {
    await worker.terminate();
  });
  const [port] = (await once(worker, 'message')) as [number];
  const connection = open(port);
  function* body(): Generator<string, void> {
    yield 'some of it';
    Atomics.store(flags, 0, 1);
    Atomics.notify(flags, 0);
    Atomics.wait(flags, 1, 0, TIMEOUT);
    yield 'the rest';
  }
  const error = await rejection(connection.request('PUT', '/', { body: body() }));
  expect(['EPIPE', 'ECONNRESET']).toContain(error['code']);
  const response = await connection.getResponse();
  expect([response.status, await response.text()]).toEqual([413, 'full']);
});
