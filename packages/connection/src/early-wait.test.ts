import { expect, onTestFinished, test, vi } from 'vitest';

import { HTTPConnection } from './index.js';
import { afterWrite, scriptedTransport, STALL } from './testing.js';

function fakeClock(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

/** Blocks, each after the time that its source takes for it. */
async function* slowly(...times: number[]): AsyncGenerator<Uint8Array> {
  for (const [block, time] of times.entries()) {
    vi.advanceTimersByTime(time);
    await new Promise(setImmediate);
    yield new Uint8Array([block]);
  }
}

/** One block, and then neither another one nor an end. */
async function* forever(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1);
  await new Promise(() => undefined);
}

test.each([
  ['together longer than the timeout, each block well within it', [30, 30, 30, 30, 30, 30]],
  // `timeout` limits waits for the server, not those for a source.
  ['blocks that their source delays for longer than the timeout', [30, 1000, 250]],
])('a response awaited early does not time out while the request is being sent: %s', async (_what, times) => {
  fakeClock();
  const { connector } = scriptedTransport([
    afterWrite((bytes) => Buffer.from(bytes).includes('0\r\n\r\n')),
    'HTTP/1.1 204 No Content\r\n\r\n',
  ]);
  const connection = new HTTPConnection('example.org', 80, { connector, timeout: 100 });
  const sent = connection.request('PUT', '/', { body: slowly(...times) });
  const response = await connection.getResponse();
  expect(response.status).toBe(204);
  await sent;
});

test('it times out once the request has been sent, however long that took', async () => {
  fakeClock();
  const { connector } = scriptedTransport([STALL]);
  const connection = new HTTPConnection('example.org', 80, { connector, timeout: 100 });
  const sent = connection.request('PUT', '/', { body: slowly(30, 1000) });
  const answer = connection.getResponse().catch((error: unknown) => error);
  await sent;
  vi.advanceTimersByTime(99);
  expect(connection.transport).toBeDefined();
  vi.advanceTimersByTime(1);
  expect(await answer).toMatchObject({ name: 'TimeoutError', phase: 'headers', delivery: 'sent' });
  expect(connection.transport).toBeUndefined();
});

test('it also times out if the source ends late, with nothing left to send', async () => {
  fakeClock();
  const { connector } = scriptedTransport([STALL]);
  const connection = new HTTPConnection('example.org', 80, { connector, timeout: 100 });
  const body = (async function* () {
    yield new Uint8Array(1);
    vi.advanceTimersByTime(1000);
    await new Promise(setImmediate);
  })();
  const sent = connection.request('PUT', '/', { body, headers: { 'Content-Length': 1 } });
  const answer = connection.getResponse().catch((error: unknown) => error);
  await sent;
  vi.advanceTimersByTime(100);
  expect(await answer).toMatchObject({ name: 'TimeoutError', phase: 'headers', delivery: 'sent' });
});

// A server that has begun to respond need not wait for the request any more, so the timeout applies as usual.
test('the body of an early response times out, whatever the source of the request does', async () => {
  fakeClock();
  const { connector } = scriptedTransport([afterWrite(1), 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe']);
  const connection = new HTTPConnection('example.org', 80, { connector, timeout: 100 });
  const sent = connection.request('PUT', '/', { body: forever() }).catch((error: unknown) => error);
  const response = await connection.getResponse();
  const body = response.read().catch((error: unknown) => error);
  vi.advanceTimersByTime(100);
  expect(await body).toMatchObject({ name: 'TimeoutError', phase: 'body' });
  expect(await sent).toMatchObject({ name: 'TimeoutError' });
});
