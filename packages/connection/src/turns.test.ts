import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';

import { expect, onTestFinished, test, vi } from 'vitest';

import type { HTTPConnection } from './index.js';
import { afterText, listening } from './testdata/sockets.js';

const COUNT = 1000;

/** Many small blocks, each of them available at once; the system takes them all. */
const uploads: [what: string, send: (connection: HTTPConnection, block: () => string) => Promise<void>][] = [
  [
    'an iterable',
    async (connection, block) => {
      function* blocks(): Generator<string> {
        for (let count = 0; count < COUNT; count++) yield block();
      }
      await connection.request('PUT', '/', { body: blocks() });
    },
  ],
  [
    'an iterable of known length',
    async (connection, block) => {
      function* blocks(): Generator<string> {
        for (let count = 0; count < COUNT; count++) yield block();
      }
      await connection.request('PUT', '/', { body: blocks(), headers: { 'Content-Length': COUNT } });
    },
  ],
  [
    'an async iterable',
    async (connection, block) => {
      // eslint-disable-next-line @typescript-eslint/require-await
      async function* blocks(): AsyncGenerator<string> {
        for (let count = 0; count < COUNT; count++) yield block();
      }
      await connection.request('PUT', '/', { body: blocks() });
    },
  ],
  [
    'send, call by call',
    async (connection, block) => {
      connection.putRequest('PUT', '/');
      connection.putHeader('Content-Length', COUNT);
      await connection.endHeaders();
      for (let count = 0; count < COUNT; count++) await connection.send(block());
    },
  ],
];

test.each(uploads)('an upload that never waits lets other tasks run: %s', async (_what, send) => {
  const peer = await listening((socket) => {
    afterText(
      socket,
      (text) => text.split('x').length > COUNT,
      () => socket.end('HTTP/1.1 204 No Content\r\n\r\n'),
    );
  });
  const connection = peer.connection();
  await connection.connect();
  let sent = 0;
  const turns: number[] = [];
  const turn = (): void => {
    turns.push(sent);
    if (sent < COUNT) setImmediate(turn);
  };
  setImmediate(turn);
  await send(connection, () => {
    sent++;
    return 'x';
  });
  expect(turns.filter((count) => count < COUNT).length).toBeGreaterThan(COUNT / 100);
  expect((await connection.getResponse()).status).toBe(204);
});

test('fake timers do not delay an upload', async () => {
  const peer = await listening((socket) => socket.resume());
  const connection = peer.connection();
  await connection.connect();
  // Node's and sinon's fake timers replace the functions of the module as well.
  const { setImmediate } = timers;
  vi.useFakeTimers();
  timers.setImmediate = globalThis.setImmediate;
  syncBuiltinESMExports();
  onTestFinished(() => {
    vi.useRealTimers();
    timers.setImmediate = setImmediate;
    syncBuiltinESMExports();
  });
  await connection.request('PUT', '/', { body: Array<string>(COUNT).fill('x') });
});

test('an upload whose source never waits notices an aborted signal', async () => {
  const peer = await listening(() => undefined);
  const connection = peer.connection();
  await connection.connect();
  const controller = new AbortController();
  function* forever(): Generator<string> {
    for (;;) yield 'x';
  }
  setImmediate(() => {
    controller.abort('enough');
  });
  const { signal } = controller;
  await expect(connection.request('PUT', '/', { body: forever(), signal })).rejects.toBe('enough');
});
