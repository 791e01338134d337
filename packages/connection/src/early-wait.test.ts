import { expect, onTestFinished, test, vi } from 'vitest';

import { HTTPConnection } from './index.js';
import { afterWrite, scriptedTransport, STALL } from './testing.js';

function fakeClock(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

/** Blocks, each behind some time that its source takes for it. */
async function* slowly(...times: number[]): AsyncGenerator<Uint8Array> {
  for (const [block, time] of times.entries()) {
    vi.advanceTimersByTime(time);
    await new Promise(setImmediate);
    yield new Uint8Array([block]);
  }
}

/** One block, and then nothing, and no end. */
async function* forever(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1);
  await new Promise(() => undefined);
}

test.each([
  ['together longer than the timeout, each block well within it', [30, 30, 30, 30, 30, 30]],
  // `timeout` bounds the waits for the server, not those for a source.
  ['blocks that their source keeps back for longer than the timeout', [30, 1000, 250]],
])('an answer that is waited for early is not late while the request goes out: %s', async (_what, times) => {
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

test('it is late once the request has gone out, however long that took', async () => {
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

test('it is late, too, where nothing was left to send when the source said so at last', async () => {
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

// Whoever has begun to answer waits for nothing of the request's, or may: there a wait is bounded as any other.
test('the body of an early answer is late, whatever the source of the request does', async () => {
  fakeClock();
  const { connector } = scriptedTransport([afterWrite(1), 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe']);
  const connection = new HTTPConnection('example.org', 80, { connector, timeout: 100 });
  const sent = connection.request('PUT', '/', { body: forever() }).catch((error: unknown) => error);
  const response = await connection.getResponse();
  const body = response.read().catch((error: unknown) => error);
  vi.advanceTimersByTime(100);
  expect(await body).toMatchObject({ name: 'TimeoutError', phase: 'body' });
  expect(await sent).toBeInstanceOf(Error);
});
