import { runInNewContext } from 'node:vm';

import { describe, expect, onTestFinished, test, vi } from 'vitest';

import type { HTTPConnection } from './index.js';
import { afterRequest, afterWrite, reset, scriptedConnector, STALL, type ScriptStep } from './testing.js';
import { listening } from './testdata/sockets.js';
import { outcome, quiet, rejection, stage } from './testdata/stage.js';

const ask = async (connection: HTTPConnection): Promise<void> => {
  await connection.request('GET', '/');
  await connection.getResponse();
};

const TIMEOUT = 20;

/** The error of a call. Time stands still until all else has happened, however long that takes a busy machine. */
async function rejectionInTime(use: () => Promise<unknown>): ReturnType<typeof rejection> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const rejected = rejection(use());
  await quiet();
  vi.advanceTimersByTime(TIMEOUT);
  return rejected;
}

describe('a message names the peer once', () => {
  const PLACE = 'example.org:80';
  const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n';
  /** What the peer does with each request, and what the caller does. */
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
    ['a response that is not HTTP', [afterRequest(), 'spam\r\n'], ask],
    ['a response that contains its name', [afterRequest(), `${PLACE}\r\n`], ask],
  ])('%s', async (_what, script, use) => {
    const { connection } = stage([script], { timeout: TIMEOUT });
    const { message, stack } = await rejectionInTime(() => use(connection));
    expect(message.split(PLACE)).toHaveLength(2);
    expect(message).toMatch(/, phase (?:connect|headers|body)\)$/);
    expect(stack).toContain(message);
  });

  test('its owner closed it while a write was pending, over TCP', async () => {
    const peer = await listening((socket) => socket.pause());
    const connection = peer.connection();
    const sent = rejection(connection.request('PUT', '/', { body: new Uint8Array(64 * 2 ** 20) }));
    while (connection.transport === undefined) await new Promise(setImmediate);
    connection.close();
    expect((await sent).message).toBe(
      `Cannot send the request: the connection to 127.0.0.1:${peer.port} was closed (state Idle, phase send)`,
    );
  });

  test('its owner closed it, over TCP, too', async () => {
    const peer = await listening(() => undefined);
    for (const connection of [stage([[afterRequest(), STALL]]).connection, peer.connection()]) {
      const { host, port } = connection;
      await connection.request('GET', '/');
      const asked = rejection(connection.getResponse());
      connection.close();
      expect((await asked).message).toBe(
        `Cannot get the response: the connection to ${host}:${port} was closed (state Idle, phase headers)`,
      );
    }
  });

  test('its owner closed it before the request had gone out on it', async () => {
    const peer = await listening((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 204 No Content\r\n\r\n'));
    });
    const connection = peer.connection();
    await ask(connection);
    // After a while without a read, the end of an idle connection is looked for first.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1000 });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const asked = rejection(connection.request('GET', '/'));
    connection.close();
    expect(await asked).toMatchObject({
      message: `Cannot send the request: the connection to 127.0.0.1:${peer.port} was closed (state Idle, phase connect)`,
      delivery: 'unsent',
    });
  });

  test('its owner closed it, when part of the response had arrived', async () => {
    const { connection } = stage([[afterRequest(), 'HTTP/1.1 2', STALL]]);
    await connection.request('GET', '/');
    const asked = rejection(connection.getResponse());
    await quiet();
    connection.close();
    expect((await asked).message).toBe(
      'Cannot get the response: the connection to example.org:80 was closed (state Idle, phase headers)',
    );
  });

  test('no connection in time', async () => {
    const { connection } = stage([], { timeout: TIMEOUT, connector: scriptedConnector([STALL]) });
    expect((await rejectionInTime(() => connection.connect())).message).toBe(
      'Cannot connect to example.org:80: no connection within 20 ms (state Idle, phase connect)',
    );
  });

  test('a write that fails', async () => {
    const { connection } = stage([[STALL]], { play: { failWritesAfter: 10 } });
    await connection.connect();
    expect((await rejection(connection.request('GET', '/'))).message).toBe(
      'write EPIPE (example.org:80, state Request-sent, phase send)',
    );
  });

  test('a reset after a write that failed', async () => {
    const script = [afterWrite(1), reset('ECONNRESET')];
    const { connection } = stage([script], { play: { failWritesAfter: 10 } });
    expect((await rejection(connection.request('GET', '/'))).message).toMatch(/^write EPIPE /);
    expect((await rejection(connection.getResponse())).message).toBe(
      'read ECONNRESET (example.org:80, state Request-sent, phase headers)',
    );
  });

  test('the system’s error', async () => {
    const error = Object.assign(new Error(`connect ECONNREFUSED ${PLACE}`), { syscall: 'connect' });
    const { connection } = stage([], { connector: scriptedConnector([error]) });
    expect((await rejection(connection.connect())).message).toBe(
      'connect ECONNREFUSED example.org:80 (state Idle, phase connect)',
    );
  });
});

test.each([
  ["Object.assign(new Error('connect ECONNREFUSED'), { syscall: 'connect' })", 'connect ECONNREFUSED'],
  ["new AggregateError([new Error('one'), new Error('two')])", 'one; two'],
])('an error of another realm, as Node’s own are in Jest, is completed, too: %s', async (code, message) => {
  const { connection } = stage([], { connector: scriptedConnector([runInNewContext(code) as Error]) });
  await expect(connection.connect()).rejects.toMatchObject({
    message: `${message} (example.org:80, state Idle, phase connect)`,
    delivery: 'unsent',
  });
});

describe('an unusual error is what the call rejects with, and closes the connection', () => {
  /** An error of the caller's with a property of the same name as what completes it. */
  class Undelivered extends Error {
    get delivery(): undefined {
      return undefined;
    }
  }
  const rows: [name: string, error: unknown][] = [
    ['frozen', Object.freeze(new Error('frozen'))],
    ['with a getter', new Undelivered('not delivered')],
    ['with a constant property', Object.defineProperty(new Error(), 'delivery', { value: 'by bike' })],
    ['with a constant message', Object.assign(new DOMException('constant'), { syscall: 'read' })],
    ['without a stack', Object.assign(new Error('no stack'), { stack: undefined, syscall: 'connect' })],
    // As a program's `Error.prepareStackTrace` makes it.
    ['with a stack that is no text', Object.assign(new Error('sites'), { stack: [], syscall: 'connect' })],
    ['of parts, with such a stack', Object.assign(new AggregateError([new Error('one')]), { stack: [] })],
    ['not an Error', { code: 'ECONNREFUSED' }],
    ['nothing', undefined],
  ];

  test.each(rows)('%s, from a connector', async (_name, error) => {
    const connector = (): Promise<never> => Promise.reject(error);
    const { connection } = stage([], { connector });
    expect(await outcome(connection.request('GET', '/'))).toEqual({ error });
    expect(connection.state).toBe('Idle');
  });

  // The next request would be sent as a part of the body.
  test.each(rows)('%s, from the source of a body', async (_name, error) => {
    const body = function* (): Generator<string, void> {
      yield 'some of it';
      throw error;
    };
    const { connection, transports } = stage(['']);
    expect(await outcome(connection.request('PUT', '/', { body: body() }))).toEqual({ error });
    expect(transports[0]!.closed).toBe(true);
  });

  test.each(rows)('%s, from onInformational', async (_name, error) => {
    const { connection, transports } = stage(['HTTP/1.1 103 Early Hints\r\n\r\n'], {
      onInformational: () => {
        throw error;
      },
    });
    await connection.request('GET', '/');
    expect(await outcome(connection.getResponse())).toEqual({ error });
    expect(transports[0]!.closed).toBe(true);
  });
});

test('the message that a connector gave its several errors is kept', async () => {
  const error = new AggregateError([new Error('one'), new Error('two')], 'no replica answers');
  const { connection } = stage([], { connector: scriptedConnector([error]) });
  await expect(connection.connect()).rejects.toMatchObject({
    message: 'no replica answers',
    delivery: 'unsent',
  });
});

test('an error of the caller’s own that is not the reason of its signal is completed, aborted or not', async () => {
  const { connection } = stage(['']);
  const abort = new AbortController();
  const error = new Error('the disk is gone');
  function* body(): Generator<string, void> {
    yield 'some of it';
    abort.abort();
    throw error;
  }
  expect(await rejection(connection.request('PUT', '/', { body: body(), signal: abort.signal }))).toBe(error);
  expect(error).toMatchObject({ message: 'the disk is gone', delivery: 'partial' });
});

test.each<[of: string, use: (connection: HTTPConnection, fail: () => never) => Promise<unknown>]>([
  [
    'the source of a body',
    (connection, fail) => {
      const body = function* (): Generator<string, void> {
        yield 'some of it';
        fail();
      };
      return connection.request('PUT', '/', { body: body() });
    },
  ],
  ['onInformational', ask],
  [
    'onInformational, while a body waits for the 100',
    (connection) => {
      return connection.request('PUT', '/', { body: 'some', headers: { Expect: '100-continue' } });
    },
  ],
])('an error of the system from %s does not name the peer, which has no part in it', async (_of, use) => {
  const error = Object.assign(new Error('ENOSPC: no space left, write'), {
    syscall: 'write',
    code: 'ENOSPC',
  });
  const fail = (): never => {
    throw error;
  };
  const { connection } = stage([[afterWrite(1), 'HTTP/1.1 103 Early Hints\r\n\r\n']], {
    onInformational: fail,
  });
  expect(await rejection(use(connection, fail))).toBe(error);
  expect(error).toMatchObject({
    message: 'ENOSPC: no space left, write',
    delivery: expect.any(String) as string,
  });
});

test.each<[what: string, script: ScriptStep[], seen: string]>([
  ['nothing', [], ''],
  [
    'a line that is not a head',
    ['\x15\x03\x03\0\x02\x02\x28'],
    String.raw`; the answer began with "\x15\x03\x03\x00\x02\x02("`,
  ],
  ['part of a head', ['HTTP/1.1 200 OK\r\nA'], String.raw`; the answer began with "HTTP/1.1 200 OK\r\nA"`],
  ['an interim head', ['HTTP/1.1 103 \r\n\r\n'], ''],
  [
    'a long one',
    [`HTTP/1.1 200 ${'x'.repeat(1000)}`],
    `; the answer began with "HTTP/1.1 200 ${'x'.repeat(67)}…"`,
  ],
])('the timeout of a head quotes what has arrived: %s', async (_what, script, seen) => {
  const { connection } = stage([[afterRequest(), ...script, STALL]], { timeout: TIMEOUT });
  const { message } = await rejectionInTime(() => ask(connection));
  expect(message).toBe(
    `Cannot get the response: nothing moved on the connection to example.org:80 for 20 ms${seen} (state Request-sent, phase headers)`,
  );
});

test('on a kept connection it quotes no more than what has arrived of this head', async () => {
  const first = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
  const { connection } = stage([[first, afterRequest(), 'HTTP/1.1 2', STALL]]);
  await connection.request('GET', '/');
  await (await connection.getResponse()).read();
  connection.timeout = TIMEOUT;
  expect((await rejectionInTime(() => ask(connection))).message).toContain(
    '; the answer began with "HTTP/1.1 2" (',
  );
});

test('the timeout of an upload quotes what has arrived', async () => {
  const refusal = 'HTTP/1.1 413 \r\n\r\n';
  const { connection } = stage([[afterWrite(1), refusal, STALL]], {
    timeout: TIMEOUT,
    play: { stallWritesAfter: 100 },
  });
  const body = 'x'.repeat(1000);
  const { message } = await rejectionInTime(() => connection.request('PUT', '/', { body }));
  expect(message).toBe(
    String.raw`Cannot send the request: nothing moved on the connection to example.org:80 for 20 ms; the answer began with "HTTP/1.1 413 \r\n\r\n" (state Request-sent, phase send)`,
  );
});

test('the rest of the previous response is not quoted for it', async () => {
  const before = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
  const { connection } = stage([[afterRequest(), before, STALL]], { play: { stallWritesAfter: 200 } });
  await connection.request('GET', '/');
  await connection.getResponse();
  connection.timeout = TIMEOUT;
  const body = 'x'.repeat(1000);
  const { message } = await rejectionInTime(() => connection.request('PUT', '/', { body }));
  expect(message).toMatch(/for 20 ms \(/);
});
