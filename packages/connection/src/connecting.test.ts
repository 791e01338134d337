import { HTTPException } from '@http-client/errors';
import type { Connector, Transport } from '@http-client/io';
import { getEventListeners } from 'node:events';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { connectTCP, HTTPConnection, type HTTPConnectionOptions } from './index.js';
import { scriptedConnector, scriptedTransport, STALL } from './testing.js';
import { afterHead, listening } from './testdata/sockets.js';
import { answer, outcome, quiet, rejection, settled, stage, type Outcome } from './testdata/stage.js';

const refused = Object.assign(new Error('connect ECONNREFUSED'), {
  code: 'ECONNREFUSED',
  syscall: 'connect',
});

function connectionBy(connector: Connector, options: HTTPConnectionOptions = {}): HTTPConnection {
  return new HTTPConnection('example.org', 8080, { ...options, connector });
}

/** The calls that open a connection if there is none. */
const openers: [
  name: string,
  open: (connection: HTTPConnection, signal?: AbortSignal) => Promise<unknown>,
][] = [
  ['connect', (connection, signal) => connection.connect(signal && { signal })],
  ['request', (connection, signal) => connection.request('GET', '/', signal && { signal })],
  [
    'endHeaders',
    (connection, signal) => {
      connection.putRequest('GET', '/');
      return connection.endHeaders(undefined, signal && { signal });
    },
  ],
];

describe.each(openers)('%s', (name, open) => {
  test('passes host, port and options to the connector', async () => {
    const connector = scriptedConnector([scriptedTransport([])]);
    const options = { timeout: 5000, sourceAddress: ['127.0.0.1', 0] as const };
    const connection = connectionBy(connector, options);
    await open(connection);
    expect(connector.targets).toEqual([
      { host: 'example.org', port: 8080, ...options, signal: expect.any(AbortSignal) as unknown },
    ]);
    connection.close();
  });

  test('passes nothing that was not set', async () => {
    const connector = scriptedConnector([scriptedTransport([])]);
    await open(connectionBy(connector));
    expect(Object.keys(connector.targets[0]!).sort()).toEqual(['host', 'port', 'signal']);
  });

  test.each<[name: string, given: unknown, message: string]>([
    ['nothing', undefined, 'undefined as a transport: it has no read()'],
    ['a number', 5, 'a number as a transport: it has no read()'],
    [
      'a transport without write()',
      { read: () => Promise.resolve(null) },
      'an Object as a transport: it has no write()',
    ],
  ])('rejects if the connector returns %s, without an unhandled rejection', async (_name, given, message) => {
    const error = await rejection(open(connectionBy(() => Promise.resolve(given as Transport))));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe(`Cannot use ${message}`);
  });

  const failures: [name: string, connector: Connector, expected: unknown][] = [
    ['rejects', () => Promise.reject(refused), refused],
    [
      'throws',
      () => {
        throw refused;
      },
      refused,
    ],
    ['returns no transport', () => Promise.resolve(undefined as unknown as Transport), expect.any(TypeError)],
  ];
  test.each(failures)('rejects if the connector %s', async (_name, failing, expected) => {
    const transport = scriptedTransport(answer('ok'));
    let calls = 0;
    const connection = connectionBy((target) => (calls++ === 0 ? failing : transport.connector)(target));
    expect(await outcome(open(connection))).toEqual({ error: expected });
    expect(connection).toMatchObject({ state: 'Idle', transport: undefined, reusable: false });
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    expect(await response.text()).toBe('ok');
  });

  test('is cancelled by its signal, with its reason, and leaves nothing behind', async () => {
    const connector = scriptedConnector([STALL]);
    const connection = connectionBy(connector);
    const controller = new AbortController();
    const opening = outcome(open(connection, controller.signal));
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await opening).toEqual({ error: reason });
    expect(reason).not.toHaveProperty('delivery');
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    expect(connector.targets[0]!.signal).toMatchObject({ aborted: true });
    expect(connection.state).toBe('Idle');
  });

  test('opens nothing if its signal is already aborted', async () => {
    const connector = scriptedConnector([]);
    const reason = 'no Error at all';
    const connection = connectionBy(connector);
    expect(await outcome(open(connection, AbortSignal.abort(reason)))).toEqual({ error: reason });
    expect(connector.targets).toHaveLength(0);
    expect(connection.state).toBe(name === 'endHeaders' ? 'Request-started' : 'Idle');
  });

  test('leaves no listener on a signal that is never aborted', async () => {
    const { signal } = new AbortController();
    const { connection } = stage(['']);
    await open(connection, signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    connection.close();
  });

  test('is ended by close()', async () => {
    const connector = scriptedConnector([STALL]);
    const connection = connectionBy(connector);
    const opening = outcome(open(connection));
    connection.close();
    const { error } = await opening;
    expect(error).toBeInstanceOf(HTTPException);
    expect(String(error)).toContain('example.org:8080');
    expect(connector.targets[0]!.signal).toMatchObject({ aborted: true });
    expect(connection.state).toBe('Idle');
  });

  test('is over before its connector learns of close(): that may call for another', async () => {
    const transport = scriptedTransport(answer('ok'));
    let calls = 0;
    let again: Promise<string> | undefined;
    const connection: HTTPConnection = connectionBy(({ signal }) => {
      if (calls++ > 0) return Promise.resolve(transport);
      return new Promise(() => {
        signal!.addEventListener('abort', () => {
          again = connection
            .request('GET', '/')
            .then(() => connection.getResponse())
            .then((response) => response.text());
        });
      });
    });
    const opening = outcome(open(connection));
    connection.close();
    expect((await opening).error).toBeInstanceOf(HTTPException);
    expect(await again).toBe('ok');
  });

  test('closes a transport that arrives after it ended', async () => {
    // Its read never ends, so that a channel on it would stay.
    const read = vi.fn(() => new Promise<null>(() => undefined));
    const close = vi.fn();
    const transport = { read, write: () => Promise.resolve(), close };
    let give!: (transport: Transport) => void;
    const connection = connectionBy(() => new Promise((resolve) => (give = resolve)));
    const opening = outcome(open(connection));
    connection.close();
    give(transport);
    expect((await opening).error).toBeInstanceOf(HTTPException);
    await quiet();
    expect(close).toHaveBeenCalledOnce();
    expect(read).not.toHaveBeenCalled();
    expect(connection.transport).toBeUndefined();
  });

  test('times out, in phase connect', async () => {
    const connection = connectionBy(scriptedConnector([STALL]), { timeout: 30 });
    const begun = performance.now();
    await expect(open(connection)).rejects.toMatchObject({
      name: 'TimeoutError',
      code: 'ETIMEDOUT',
      phase: 'connect',
    });
    expect(performance.now() - begun).toBeGreaterThanOrEqual(30);
    expect(connection.state).toBe('Idle');
  });

  test.each([2 ** 31, Number.MAX_SAFE_INTEGER, 1e300])(
    'waits for %d ms, and not for 1 ms',
    async (timeout) => {
      // The fake timers treat a delay that is too long for Node as Node does: as 1 ms.
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
      onTestFinished(() => {
        vi.useRealTimers();
      });
      const connection = connectionBy(scriptedConnector([STALL]), { timeout });
      const opening = settled(open(connection));
      vi.advanceTimersByTime(2 ** 31 - 1);
      expect(await outcome(opening)).toEqual({ pending: true });
      connection.close();
      expect(await opening).toMatchObject({ error: { code: 'HTTP_EXCEPTION' } });
      expect(vi.getTimerCount()).toBe(0);
    },
  );
});

describe('getResponse while connecting', () => {
  test('returns the response when it arrives', async () => {
    const { connection } = stage([answer('ok')]);
    const requesting = connection.request('GET', '/');
    const response = await connection.getResponse();
    await requesting;
    expect(await response.text()).toBe('ok');
  });

  const endings: [
    name: string,
    end: (connection: HTTPConnection, abort: () => void) => void,
    error: unknown,
  ][] = [
    [
      'its signal',
      (_connection, abort) => {
        abort();
      },
      'enough',
    ],
    [
      'close()',
      (connection) => {
        connection.close();
      },
      expect.any(HTTPException),
    ],
  ];
  test.each(endings)('is ended by %s, and so is the request', async (_name, end, error) => {
    const connection = connectionBy(scriptedConnector([STALL]));
    const controller = new AbortController();
    const requesting = outcome(connection.request('GET', '/'));
    const getting = outcome(connection.getResponse({ signal: controller.signal }));
    end(connection, () => {
      controller.abort('enough');
    });
    expect(await getting).toEqual({ error });
    expect(await requesting).toEqual({ error });
    expect(connection.state).toBe('Idle');
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  // The signal may end other requests with the same reason, of which more was sent.
  test('ends the request with the reason of its signal, which stays unchanged', async () => {
    const connection = connectionBy(scriptedConnector([STALL]));
    const reason = new HTTPException('enough');
    const controller = new AbortController();
    const requesting = outcome(connection.request('GET', '/'));
    const getting = outcome(connection.getResponse({ signal: controller.signal }));
    controller.abort(reason);
    expect((await requesting).error).toBe(reason);
    expect((await getting).error).toBe(reason);
    expect(reason).not.toHaveProperty('delivery');
    expect(reason.message).toBe('enough');
  });

  test('also ends the request if its signal is already aborted', async () => {
    const connection = connectionBy(scriptedConnector([STALL]));
    const requesting = outcome(connection.request('GET', '/'));
    expect(await outcome(connection.getResponse({ signal: AbortSignal.abort('no') }))).toEqual({
      error: 'no',
    });
    expect(await requesting).toEqual({ error: 'no' });
    expect(connection.state).toBe('Idle');
  });

  test('rejects with the connector’s error, and the request is unsent', async () => {
    const connection = connectionBy(scriptedConnector([]));
    const requesting = rejection(connection.request('GET', '/'));
    const error = await rejection(connection.getResponse());
    expect(error).toMatchObject({ code: 'ECONNREFUSED', delivery: 'unsent' });
    expect(await requesting).toBe(error);
    expect(connection.state).toBe('Idle');
  });
});

describe('getResponse while a request waits whether its connection still stands', () => {
  /** Sends a request on a connection that the peer has closed unseen: its socket was not read, since a body waited. */
  async function reopening(again: Connector, signal?: AbortSignal): Promise<[sent: Outcome, got: Outcome]> {
    let finished!: () => void;
    const finish = new Promise<void>((resolve) => (finished = resolve));
    const peer = await listening((socket) => {
      afterHead(socket, () => socket.end(answer('x'.repeat(65_536)), finished));
    });
    const connectors = [connectTCP, again];
    const connection = peer.connection({ connector: (target) => connectors.shift()!(target) });
    await connection.request('GET', '/1');
    const response = await connection.getResponse();
    await finish;
    await quiet();
    await response.read();
    const sent = settled(connection.request('GET', '/2'));
    const got = settled(connection.getResponse({ signal }));
    const both = await Promise.all([sent, got]);
    expect(connectors).toEqual([]);
    expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
    return both;
  }

  test('its signal ends the opening of another', async () => {
    const controller = new AbortController();
    const again: Connector = () => {
      setImmediate(() => {
        controller.abort('enough');
      });
      return new Promise(() => undefined);
    };
    expect(await reopening(again, controller.signal)).toEqual([{ error: 'enough' }, { error: 'enough' }]);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  test('both reject with the error of the connector', async () => {
    const [sent, got] = await reopening(scriptedConnector([]));
    expect(sent).toMatchObject({ error: { code: 'ECONNREFUSED', delivery: 'unsent' } });
    expect(got.error).toBe(sent.error);
  });
});

test('if no address of a name is reachable, the error names each of them', async () => {
  const failures = ['connect ECONNREFUSED ::1:80', 'connect EHOSTUNREACH 192.0.2.1:80'];
  // As Node creates it: without a message.
  const error = Object.assign(new AggregateError(failures.map((each) => new Error(each))), {
    code: 'ECONNREFUSED',
  });
  const connection = connectionBy(() => Promise.reject(error));
  const came = (await outcome(connection.request('GET', '/'))).error as AggregateError;
  expect(came).toBe(error);
  expect(came.message).toMatch(
    /^connect ECONNREFUSED ::1:80; connect EHOSTUNREACH 192\.0\.2\.1:80 \(.*phase connect\)$/,
  );
  expect(came.stack).toContain(`: ${came.message}\n`);
  expect(came).toMatchObject({ code: 'ECONNREFUSED', delivery: 'unsent' });
});
