import { createServer, type Server } from 'node:http';
import { setImmediate } from 'node:timers/promises';

import { HTTPConnection } from '@http-client/client';
import { expect, onTestFinished, test } from 'vitest';

import { Pool, type PoolOptions } from './pool.js';
import { listen, run } from './testdata/stage.js';

/** A server that responds with the number of the connection that a request came on. */
function numbering(): Server {
  const numbers = new Map<unknown, number>();
  return createServer((request, response) => {
    if (!numbers.has(request.socket)) numbers.set(request.socket, numbers.size + 1);
    response.end(String(numbers.get(request.socket)));
  });
}

async function stage(
  options: PoolOptions,
): Promise<{ pool: Pool; server: Server; ask: (signal?: AbortSignal) => Promise<string> }> {
  const server = numbering();
  const port = await listen(server);
  const pool = new Pool(() => new HTTPConnection('127.0.0.1', port, { timeout: 10_000 }), options);
  onTestFinished(() => {
    pool.close();
  });
  const ask = (signal?: AbortSignal): Promise<string> => pool.use(get, signal);
  return { pool, server, ask };
}

async function get(connection: HTTPConnection): Promise<string> {
  await connection.request('GET', '/');
  const response = await connection.getResponse();
  return response.text();
}

/** A promise, and the function that resolves it. */
function gate(): { wait: Promise<void>; open: () => void } {
  let open!: () => void;
  const wait = new Promise<void>((resolve) => (open = resolve));
  return { wait, open };
}

test('runs as a program', async () => {
  const server = numbering();
  let most = 0;
  server.on('connection', () => {
    server.getConnections((_, count) => (most = Math.max(most, count)));
  });
  const url = `http://127.0.0.1:${await listen(server)}/`;
  const { code, stdout } = await run('pool', [url, '--requests', '30', '--size', '3']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '30 times 200\n' });
  expect(most).toBeLessThanOrEqual(3);
  expect(await run('pool', ['http://127.0.0.1:1/', '--requests', '2'])).toMatchObject({ code: 1 });
});

test('never opens more connections than its size, and reuses each', async () => {
  const { ask } = await stage({ size: 2 });
  const numbers = await Promise.all(Array.from({ length: 20 }, () => ask()));
  expect(new Set(numbers)).toEqual(new Set(['1', '2']));
});

test('serves callers in order, before those that arrive when a connection is returned', async () => {
  const { pool } = await stage({ size: 1 });
  const order: string[] = [];
  const first = gate();
  const work = (name: string): Promise<void> =>
    pool.use(() => {
      order.push(name);
      return Promise.resolve();
    });
  const all = [pool.use(() => first.wait).then(() => work('late')), work('a'), work('b'), work('c')];
  first.open();
  await Promise.all(all);
  expect(order).toEqual(['a', 'b', 'c', 'late']);
});

test('skips a caller that has stopped waiting, without losing a connection', async () => {
  const { pool, ask } = await stage({ size: 1 });
  const first = gate();
  const busy = pool.use(() => first.wait);
  const controller = new AbortController();
  const reason = new Error('no longer');
  const given = ask(controller.signal);
  const behind = ask();
  controller.abort(reason);
  await expect(given).rejects.toBe(reason);
  first.open();
  await busy;
  expect(await behind).toBe('1');
  await expect(ask(AbortSignal.abort(reason))).rejects.toBe(reason);
});

test('work that fails, or leaves a response unread, does not affect the next caller', async () => {
  const { pool, ask } = await stage({ size: 1 });
  const failed = new Error('in the middle');
  await expect(
    pool.use(async (connection) => {
      await connection.request('GET', '/');
      throw failed;
    }),
  ).rejects.toBe(failed);
  await pool.use(async (connection) => {
    await connection.request('GET', '/');
    await connection.getResponse();
  });
  await pool.use((connection) => {
    connection.putRequest('GET', '/half');
    return Promise.resolve();
  });
  expect(await ask()).toBe('3');
  expect(await ask()).toBe('3');
});

test('replaces a connection that the server closed while idle', async () => {
  const { pool, server, ask } = await stage({ size: 1 });
  let used!: HTTPConnection;
  await pool.use(async (connection) => {
    used = connection;
    await get(connection);
  });
  server.closeAllConnections();
  while (used.reusable) await setImmediate();
  expect(await ask()).toBe('2');
});

test('closes connections that have been idle for too long', async () => {
  const { server, ask } = await stage({ size: 2, idle: 20 });
  const closed: Promise<unknown>[] = [];
  server.on('connection', (socket) => closed.push(new Promise((resolve) => socket.on('close', resolve))));
  await Promise.all([ask(), ask()]);
  expect(closed).toHaveLength(2);
  await Promise.all(closed);
  expect(await ask()).toBe('3');
});

test('closing rejects all callers, and closes every connection', async () => {
  const { pool, server, ask } = await stage({ size: 1 });
  const closed = new Promise((resolve) => server.on('connection', (socket) => socket.on('close', resolve)));
  const first = gate();
  const busy = pool.use(async (connection) => {
    await connection.connect();
    first.open();
    await connection.request('GET', '/');
    return connection.getResponse();
  });
  const waiting = ask();
  await first.wait;
  pool.close();
  await expect(waiting).rejects.toThrow('the pool was closed');
  await busy.catch(() => undefined);
  await closed;
  await expect(ask()).rejects.toThrow('the pool was closed');
});

test.each([0, -1, 1.5, NaN])('a pool of %s connections is refused', (size) => {
  expect(() => new Pool(() => new HTTPConnection('localhost'), { size })).toThrow(RangeError);
});
