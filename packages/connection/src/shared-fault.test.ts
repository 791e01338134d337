import { expect, test } from 'vitest';

import type { RequestBody } from './index.js';
import { afterHead, listening } from './testdata/sockets.js';
import { rejection } from './testdata/stage.js';

/** More than the system buffers for a peer that does not read. */
const LARGE = new Uint8Array(32 * 2 ** 20);

const BODIES: Record<string, () => RequestBody> = {
  'a body in memory': () => LARGE,
  'a body in blocks': () => Array.from({ length: 512 }, () => LARGE.subarray(0, 65_536)),
  'a body whose source delays its next block': async function* () {
    yield LARGE.subarray(0, 5);
    await new Promise(() => undefined);
  },
  // It is never waited for: between two turns of the event loop, all writes are taken at once.
  'an endless body that the server takes': function* () {
    for (;;) yield LARGE.subarray(0, 100);
  },
};

// With `request` and `getResponse` in progress together, either may notice first: the reason must reach both.
const FAULTS: [what: string, response: string | undefined, expected: object, timeout?: number][] = [
  ['a response that is not HTTP', 'SSH-2.0\r\n', { name: 'BadStatusLine', delivery: 'answered' }],
  [
    'a bare CR in a field',
    'HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n',
    { name: 'InvalidHeader', delivery: 'answered' },
  ],
  ['the end of the stream', '', { name: 'RemoteDisconnected', code: 'ECONNRESET', delivery: 'partial' }],
  ['silence', undefined, { name: 'TimeoutError', code: 'ETIMEDOUT', delivery: 'partial' }, 30],
];

for (const [kind, body] of Object.entries(BODIES)) {
  for (const [what, response, expected, timeout] of FAULTS) {
    // A source has all the time that it wants.
    if (response === undefined && /delays|takes/.test(kind)) continue;
    test(`${what} while the request is sent is reported by both calls: ${kind}`, async () => {
      const peer = await listening((socket) => {
        afterHead(socket, () => {
          if (kind.includes('takes')) socket.resume();
          else socket.pause();
          if (response === '') socket.end();
          else if (response !== undefined) socket.write(response);
        });
      });
      const connection = peer.connection();
      await connection.connect();
      // Only now: on a busy machine, connecting may take longer.
      connection.timeout = timeout;
      const sent = rejection(connection.request('PUT', '/', { body: body() }));
      const error = await rejection(connection.getResponse());
      expect(error).toMatchObject(expected);
      expect(await sent).toBe(error);
      expect(error.message.split(String(peer.port))).toHaveLength(2);
      expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
    });
  }
}

test('a fault of the head that ends the wait for a 100, too: nothing is read on from there', async () => {
  // Parsed once more, they would be more than a hundred.
  const fields = 'A: b\r\n'.repeat(60);
  const peer = await listening((socket) => {
    afterHead(socket, () => socket.write(`HTTP/1.1 200 OK\r\n${fields}no colon\r\n\r\n`));
  });
  const connection = peer.connection({ continueTimeout: 3_600_000 });
  const expects = { Expect: '100-continue' };
  const sent = rejection(connection.request('PUT', '/', { body: 'hello', headers: expects }));
  const error = await rejection(connection.getResponse());
  expect(error).toMatchObject({ name: 'InvalidHeader', delivery: 'answered' });
  expect(await sent).toBe(error);
  expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
});

test('a broken body of an early response, too', async () => {
  const peer = await listening((socket) => {
    afterHead(socket, () => {
      socket.pause();
      socket.write('HTTP/1.1 413 No\r\nTransfer-Encoding: chunked\r\n\r\nspam\r\n');
    });
  });
  const connection = peer.connection();
  const sent = rejection(connection.request('PUT', '/', { body: LARGE }));
  const response = await connection.getResponse();
  const error = await rejection(response.read());
  expect(error).toMatchObject({ name: 'InvalidChunk', delivery: 'answered' });
  expect(await sent).toBe(error);
});

test.each<[what: string, fail: (connection: { close(): void }, abort: () => void) => void]>([
  [
    'the owner closed the connection',
    (connection) => {
      connection.close();
    },
  ],
  [
    'the other call was cancelled',
    (_, abort) => {
      abort();
    },
  ],
])('but not what the program did itself: %s', async (_what, fail) => {
  const peer = await listening((socket) => socket.pause());
  const connection = peer.connection();
  const abort = new AbortController();
  const sent = rejection(connection.request('PUT', '/', { body: LARGE, signal: abort.signal }));
  const answer = rejection(connection.getResponse());
  while (connection.transport === undefined) await new Promise(setImmediate);
  fail(connection, () => {
    abort.abort(new Error('enough'));
  });
  const error = await answer;
  expect(error.message).toContain('Cannot get the response');
  expect(error.message).toContain('was closed');
  expect(await sent).not.toBe(error);
});

test('but not what the program’s own callback threw', async () => {
  const peer = await listening((socket) => {
    afterHead(socket, () => {
      socket.pause();
      socket.write('HTTP/1.1 103 Early Hints\r\n\r\n');
    });
  });
  const thrown = new Error('the cache is full');
  const connection = peer.connection({
    onInformational: () => {
      throw thrown;
    },
  });
  const sent = rejection(connection.request('PUT', '/', { body: LARGE }));
  expect(await rejection(connection.getResponse())).toBe(thrown);
  const error = await sent;
  expect(error).toMatchObject({ code: 'HTTP_EXCEPTION', delivery: 'answered' });
  expect(error.message).toMatch(/^Cannot send the request: the connection to .* was closed/);
});

test('but not the fault of an earlier exchange on the same connection', async () => {
  const peer = await listening((socket) => {
    afterHead(socket, () => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      // The first response breaks off once the second request is on its way.
      socket.once('data', () => {
        socket.pause();
        socket.write('spam\r\n');
      });
    });
  });
  const connection = peer.connection();
  await connection.request('GET', '/');
  const response = await connection.getResponse();
  const sent = rejection(connection.request('PUT', '/', { body: LARGE }));
  const error = await rejection(response.read());
  expect(error).toMatchObject({ name: 'InvalidChunk', delivery: 'answered' });
  expect(await sent).toMatchObject({ code: 'HTTP_EXCEPTION', delivery: 'partial' });
});
