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
