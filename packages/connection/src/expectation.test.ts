import { afterEach, describe, expect, test, vi } from 'vitest';

import type { HTTPConnection, HTTPConnectionOptions } from './index.js';
import type { Peer } from './testdata/tcp-peer.js';
import {
  content,
  CONTINUE,
  EXPECTS,
  HEAD_ALONE,
  HEAD_END,
  HINT,
  moment,
  OK,
  REFUSAL,
  ROWS,
  Source,
  start,
  turns,
} from './testdata/expect-stage.js';

// Over real sockets. Nothing depends on timing: the server records what it had received when it acted, the client
// reports through `onInformational` how far it has read, and where a wait is to time out, the clock is advanced by
// hand.

afterEach(() => {
  vi.useRealTimers();
});

test.each(ROWS)('$way of $body: nothing is sent before the 100', async ({ send, make }) => {
  const source = new Source();
  const { come, now } = moment();
  const before: string[] = [];
  const asked: number[] = [];
  const { server, connection } = await start(
    async (peer) => {
      await peer.until(HEAD_END);
      peer.send(HINT);
      await come;
      await turns();
      before.push(peer.receivedText);
      asked.push(source.asked);
      peer.send(CONTINUE);
      await peer.request();
      peer.send(OK);
    },
    { onInformational: now },
  );
  await send(connection, make(source), {});
  const response = await connection.getResponse();
  expect(await response.text()).toBe('ok');
  await server.served();
  expect(before).toEqual([expect.stringMatching(HEAD_ALONE)]);
  expect(asked).toEqual([0]);
  expect(content(server.peers[0]!)).toBe('onetwo');
  expect(response.informational.map(({ status }) => status)).toEqual([103, 100]);
  expect(connection.reusable).toBe(true);
});

test.each(ROWS)('$way of $body: nothing is sent after a final response', async ({ send, make, closes }) => {
  const source = new Source();
  const { server, connection } = await start(async (peer) => {
    await peer.until(HEAD_END);
    peer.send(HINT + REFUSAL);
    await peer.end();
  });
  await send(connection, make(source), {});
  const response = await connection.getResponse();
  expect([response.status, response.willClose]).toEqual([417, true]);
  // The server may still expect the body, and would take the next thing sent on this connection for it.
  expect(connection.reusable).toBe(false);
  expect(await response.text()).toBe('no');
  expect(connection.transport).toBeUndefined();
  await server.served();
  expect(server.peers[0]!.receivedText).toMatch(HEAD_ALONE);
  expect([source.asked, source.closed]).toEqual([0, closes ? 1 : 0]);
});

test('a source that fails to close does not change the result of its request', async () => {
  const source = {
    next: () => ({ done: false as const, value: 'block' }),
    return: () => {
      throw new Error('it was not closed');
    },
  };
  const body = { [Symbol.iterator]: () => source };
  const headers = { Expect: '100-continue' };
  const { come, now } = moment();
  const { connection } = await start(
    async (peer, { peers }) => {
      await peer.until(HEAD_END);
      peer.send(peers.length === 1 ? REFUSAL : HINT);
      await peer.end();
    },
    { onInformational: now },
  );
  await connection.request('PUT', '/', { body, headers });
  expect((await connection.getResponse()).status).toBe(417);
  connection.close();

  const controller = new AbortController();
  const sent = connection.request('PUT', '/', { body, headers, signal: controller.signal });
  await come;
  controller.abort(new Error('given up'));
  await expect(sent).rejects.toThrow('given up');
});

test.each(ROWS)('$way of $body: all is sent when the wait times out', async ({ send, make }) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const source = new Source();
  const { come, now } = moment();
  const asked: number[] = [];
  const { server, connection } = await start(
    async (peer) => {
      await peer.until(HEAD_END);
      peer.send(HINT);
      await come;
      vi.advanceTimersByTime(999);
      await turns();
      asked.push(source.asked);
      expect(peer.receivedText).toMatch(HEAD_ALONE);
      vi.advanceTimersByTime(1);
      await peer.request();
      // A late 100 is still accepted.
      peer.send(CONTINUE + OK);
    },
    // By default, a second.
    { onInformational: now, continueTimeout: undefined },
  );
  await send(connection, make(source), {});
  const response = await connection.getResponse();
  expect(await response.text()).toBe('ok');
  await server.served();
  expect(asked).toEqual([0]);
  expect(content(server.peers[0]!)).toBe('onetwo');
  expect(response.informational.map(({ status }) => status)).toEqual([103, 100]);
  expect(connection.reusable).toBe(true);
});

// It would keep the process alive.
test.each([CONTINUE, REFUSAL])('no timer is left once the wait is over: %j', async (reply) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const { connection } = await start(async (peer) => {
    await peer.until(HEAD_END);
    peer.send(reply);
    await peer.end();
  });
  await connection.request('PUT', '/', { body: 'onetwo', headers: EXPECTS });
  expect(vi.getTimerCount()).toBe(0);
});

describe('the end of a wait', () => {
  interface End {
    readonly name: string;
    /** What one side does once the wait has begun. */
    readonly act?: (peer: Peer, connection: HTTPConnection, controller: AbortController) => void;
    readonly options?: HTTPConnectionOptions;
    readonly error: object;
  }
  const ENDS: End[] = [
    {
      name: 'an abort',
      act: (_peer, _connection, controller) => {
        controller.abort(new RangeError('enough'));
      },
      error: { name: 'RangeError', message: 'enough' },
    },
    {
      name: 'close()',
      act: (_peer, connection) => {
        connection.close();
      },
      error: { name: 'HTTPException', delivery: 'answered' },
    },
    {
      name: 'a FIN',
      act: (peer) => {
        peer.finish();
      },
      error: { name: 'RemoteDisconnected', code: 'ECONNRESET', delivery: 'answered' },
    },
    {
      name: 'an RST',
      act: (peer) => {
        peer.reset();
      },
      error: { code: 'ECONNRESET', syscall: 'read', delivery: 'answered' },
    },
    {
      name: 'a line that is not a response',
      act: (peer) => {
        peer.send('what?\r\n');
      },
      error: { name: 'BadStatusLine' },
    },
    {
      name: 'a timeout that is shorter',
      options: { timeout: 200 },
      act: () => {
        vi.advanceTimersByTime(200);
      },
      error: { name: 'TimeoutError', code: 'ETIMEDOUT', phase: 'continue', delivery: 'answered' },
    },
  ];
  const rows = ENDS.flatMap((end) =>
    ROWS.filter(({ body }) => body !== 'bytes').map((row) => ({
      ...row,
      ...end,
      name: `${end.name}: ${row.way} of ${row.body}`,
    })),
  );

  test.each(rows)('$name', async ({ name, send, make, closes, act, options, error }) => {
    if (options !== undefined) vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const source = new Source();
    const controller = new AbortController();
    const { come, now } = moment();
    const { server, connection } = await start(
      async (peer, { peers }) => {
        await peer.until(HEAD_END);
        if (peers.length > 1) {
          peer.send(OK);
          return;
        }
        peer.send(HINT);
        await come;
        act?.(peer, connection, controller);
        await peer.end();
      },
      { onInformational: now, ...options },
    );
    const rejected = await send(connection, make(source), { signal: controller.signal }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(rejected).toMatchObject(error);
    // What arrived before the RST might be a response; getResponse finds out whether it was.
    if (name.startsWith('an RST')) await expect(connection.getResponse()).rejects.toMatchObject(error);
    expect([connection.state, connection.transport]).toEqual(['Idle', undefined]);
    await turns();
    expect([source.asked, source.closed]).toEqual([0, closes ? 1 : 0]);
    expect(server.peers[0]!.receivedText).toMatch(HEAD_ALONE);
    // The next request can be sent, on another connection.
    await connection.request('GET', '/');
    expect(await (await connection.getResponse()).text()).toBe('ok');
    expect(server.peers).toHaveLength(2);
    await server.served();
  });
});
