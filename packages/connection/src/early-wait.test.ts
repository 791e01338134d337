import { expect, onTestFinished, test, vi } from 'vitest';

import { HTTPConnection } from './index.js';
import { afterWrite, scriptedTransport } from './testing.js';

test('an answer that is waited for early is not late while the request goes out', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const { connector } = scriptedTransport([
    afterWrite((bytes) => Buffer.from(bytes).includes('0\r\n\r\n')),
    'HTTP/1.1 204 No Content\r\n\r\n',
  ]);
  const connection = new HTTPConnection('example.org', 80, { connector, timeout: 100 });
  const slow = (async function* () {
    // Together longer than the timeout, each block well within it.
    for (let block = 0; block < 6; block++) {
      vi.advanceTimersByTime(30);
      await new Promise(setImmediate);
      yield new Uint8Array([block]);
    }
  })();
  const sent = connection.request('PUT', '/', { body: slow });
  const response = await connection.getResponse();
  expect(response.status).toBe(204);
  await sent;
});
