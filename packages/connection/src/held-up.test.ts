import { Worker } from 'node:worker_threads';

import { expect, onTestFinished, test } from 'vitest';

import { HTTPConnection } from './index.js';

/** A server on its own thread, which continues while this one is blocked. It counts its responses in `state`. */
const SERVER = `
  const { createServer } = require('node:http');
  const { parentPort, workerData } = require('node:worker_threads');
  const server = createServer((request, response) => {
    response.end('done', () => {
      Atomics.add(workerData, 0, 1);
      Atomics.notify(workerData, 0);
    });
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

const TIMEOUT = 50;

/** Blocks the event loop for longer than any wait may take, and until the server has sent everything. */
function holdUp(until: () => void = () => undefined): void {
  const end = performance.now() + 2 * TIMEOUT;
  until();
  while (performance.now() < end);
}

test('a response that arrived in time is not a timeout, even if the program blocked the event loop meanwhile', async () => {
  const state = new Int32Array(new SharedArrayBuffer(4));
  const server = new Worker(SERVER, { eval: true, workerData: state });
  onTestFinished(async () => {
    await server.terminate();
  });
  const port = await new Promise<number>((resolve) => server.once('message', resolve));
  const connection = new HTTPConnection('127.0.0.1', port, { timeout: TIMEOUT });
  const connected = connection.connect();
  holdUp();
  await connected;
  await connection.request('GET', '/');
  const answered = connection.getResponse();
  holdUp(() => {
    // Nothing else ends this wait if the server is gone: the test's own timeout needs the event loop.
    expect(Atomics.wait(state, 0, 0, 60_000)).not.toBe('timed-out');
  });
  expect(await (await answered).text()).toBe('done');
  connection.close();
});
