import { describe, expect, test } from 'vitest';

import type { HTTPConnection } from './index.js';
import { afterRequest, scriptedConnector, STALL, type ScriptStep } from './testing.js';
import { rejection, stage } from './testdata/stage.js';

const ask = async (connection: HTTPConnection): Promise<void> => {
  await connection.request('GET', '/');
  await connection.getResponse();
};

describe('a message names the peer once', () => {
  const PLACE = 'example.org:80';
  const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n';
  /** What the peer does with each request, and what becomes of it. */
  test.each<[what: string, script: ScriptStep[], use: (connection: HTTPConnection) => Promise<unknown>]>([
    ['no head in time', [afterRequest(), STALL], ask],
    [
      'no body in time',
      [afterRequest(), HEAD, STALL],
      async (connection) => {
        await connection.request('GET', '/');
        await (await connection.getResponse()).read();
      },
    ],
    [
      'it was closed',
      [afterRequest(), STALL],
      async (connection) => {
        const asked = ask(connection);
        connection.close();
        await asked;
      },
    ],
    ['no HTTP', [afterRequest(), 'spam\r\n'], ask],
    ['that quotes it', [afterRequest(), `${PLACE}\r\n`], ask],
  ])('%s', async (_what, script, use) => {
    const { connection } = stage([script], { timeout: 20 });
    const { message, stack } = await rejection(use(connection));
    expect(message.split(PLACE)).toHaveLength(2);
    expect(message).toMatch(/, phase (?:connect|headers|body)\)$/);
    expect(stack).toContain(message);
  });

  test('no connection in time', async () => {
    const { connection } = stage([], { timeout: 20, connector: scriptedConnector([STALL]) });
    expect((await rejection(connection.connect())).message).toBe(
      'Cannot connect to example.org:80: no connection within 20 ms (Idle, phase connect)',
    );
  });

  test('the system’s error', async () => {
    const error = Object.assign(new Error(`connect ECONNREFUSED ${PLACE}`), { syscall: 'connect' });
    const { connection } = stage([], { connector: scriptedConnector([error]) });
    expect((await rejection(connection.connect())).message).toBe(
      'connect ECONNREFUSED example.org:80 (Idle, phase connect)',
    );
  });
});
