import { Worker } from 'node:worker_threads';

import { expect, onTestFinished, test } from 'vitest';

import { HTTPConnection } from './index.js';

/** A server on a thread of its own, which goes on while this one is held up; it counts its answers in `state`. */
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

/** Holds the loop up for longer than any wait may take, and until the server has said all it has to say. */
function holdUp(until: () => void = () => undefined): void {
  const end = performance.now() + 2 * TIMEOUT;
  until();
  while (performance.now() < end);
}

test('what came in time is not a timeout, though the program was busy until the time was over', async () => {
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
  holdUp(() => Atomics.wait(state, 0, 0));
  expect(await (await answered).text()).toBe('done');
  connection.close();
});
