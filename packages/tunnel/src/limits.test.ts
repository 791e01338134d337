import { HTTPException, TimeoutError } from '@http-client/errors';
import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { openTunnel, validateTunnel, type OpenTunnelOptions } from './index.js';
import { END, Proxy, rejection, systemError, type Step } from './testdata/proxy.js';

const target = { host: 'destination.com', port: 443 };
const OK = 'HTTP/1.1 200 OK\r\n\r\n';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** Watches a promise without awaiting it. */
function watch(promise: Promise<unknown>) {
  const seen: { settled: boolean; error?: unknown } = { settled: false };
  promise.then(
    () => (seen.settled = true),
    (error: unknown) => Object.assign(seen, { settled: true, error }),
  );
  return seen;
}

/** What a proxy does that never completes its reply. */
const stalls: [what: string, steps: readonly Step[]][] = [
  ['says nothing', []],
  ['stops in the status line', ['HTTP/1.1 2']],
  ['stops in the fields', ['HTTP/1.1 200 OK\r\nA: b\r\n']],
  ['stops before the last byte', [OK.slice(0, -1)]],
  ['sends 100 and nothing more', ['HTTP/1.1 100 \r\n\r\n']],
];

describe.each(stalls)('a proxy that %s', (_what, steps) => {
  test('is waited for exactly as long as timeout says', async () => {
    const proxy = new Proxy(steps);
    const seen = watch(openTunnel(proxy, target, { timeout: 250 }));
    await vi.advanceTimersByTimeAsync(249);
    expect(seen.settled).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(seen.error).toBeInstanceOf(TimeoutError);
    expect(seen.error).toMatchObject({ phase: 'tunnel', code: 'ETIMEDOUT' });
    expect(proxy.closed).toBe(true);
  });

  test('is waited for indefinitely without a timeout', async () => {
    const proxy = new Proxy(steps);
    const seen = watch(openTunnel(proxy, target));
    await vi.advanceTimersByTimeAsync(2 ** 32);
    expect(seen.settled).toBe(false);
    proxy.close();
    await vi.advanceTimersByTimeAsync(0);
    expect(seen.error).toBeInstanceOf(HTTPException);
  });

  test('is cancelled by the signal, with its reason', async () => {
    const proxy = new Proxy(steps);
    const controller = new AbortController();
    const { signal } = controller;
    const reason = { why: 'enough' };
    const seen = watch(openTunnel(proxy, target, { signal, timeout: 250 }));
    await vi.advanceTimersByTimeAsync(10);
    expect(getEventListeners(signal, 'abort')).not.toEqual([]);
    controller.abort(reason);
    await vi.advanceTimersByTimeAsync(0);
    expect(seen.error).toBe(reason);
    expect(proxy.closed).toBe(true);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

test('a proxy that sends byte by byte gets no more time', async () => {
  const proxy = new Proxy();
  const seen = watch(openTunnel(proxy, target, { timeout: 250 }));
  for (const byte of 'HTTP/1.1 ') {
    proxy.push(byte);
    await vi.advanceTimersByTimeAsync(30);
  }
  expect(seen.error).toBeInstanceOf(TimeoutError);
});

test('each reply has its own time limit, and the wait for a password has none', async () => {
  const challenge = 'HTTP/1.1 407 \r\nContent-Length: 0\r\n\r\n';
  const proxy = new Proxy();
  const authenticate = (): Promise<Record<string, string>> =>
    new Promise((resolve) => {
      setTimeout(() => {
        resolve({ A: 'b' });
      }, 60_000);
    });
  const tunnel = openTunnel(proxy, target, { timeout: 250, authenticate });
  await vi.advanceTimersByTimeAsync(200);
  proxy.push(challenge);
  await vi.advanceTimersByTimeAsync(60_200);
  proxy.push(OK);
  expect((await tunnel).transport).toBe(proxy);
});

test.each([
  [600, 600],
  // The proxy may be silent for a second.
  [5000, 1300],
])('with timeout: %i, the rest of a refusal is waited for until %i ms', async (timeout, end) => {
  // The fake clock begins at 0, where a time and a duration are the same.
  await vi.advanceTimersByTimeAsync(10_000);
  const proxy = new Proxy();
  const seen = watch(openTunnel(proxy, target, { timeout }));
  await vi.advanceTimersByTimeAsync(200);
  proxy.push('HTTP/1.1 403 \r\nContent-Length: 9\r\n\r\n');
  await vi.advanceTimersByTimeAsync(100);
  proxy.push('forb');
  await vi.advanceTimersByTimeAsync(end - 301);
  expect(seen.settled).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(seen.error).toMatchObject({ name: 'TunnelError', body: new Uint8Array(Buffer.from('forb')) });
});

test('a timeout may be longer than the platform’s longest timer', async () => {
  const timeout = 2 ** 31 + 5000;
  const seen = watch(openTunnel(new Proxy(), target, { timeout }));
  await vi.advanceTimersByTimeAsync(timeout - 1);
  expect(seen.settled).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(seen.error).toBeInstanceOf(TimeoutError);
});

test('nothing is sent if the signal is already aborted', async () => {
  const proxy = new Proxy([OK]);
  const signal = AbortSignal.abort('before');
  expect(await rejection(openTunnel(proxy, target, { signal }))).toBe('before');
  expect(proxy).toMatchObject({ writes: [], closed: true });
});

test('an open tunnel leaves no listener and no timer behind', async () => {
  const { signal } = new AbortController();
  await openTunnel(new Proxy(['HTTP/1.1 100 \r\n\r\n', OK]), target, { signal, timeout: 250 });
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

const wrong: [what: string, options: object, kind: new (...args: never) => Error][] = [
  ...[0, -1, NaN, Infinity].map((timeout): (typeof wrong)[number] => [
    `timeout ${timeout}`,
    { timeout },
    RangeError,
  ]),
  ['a timeout that is not a number', { timeout: '5' }, TypeError],
  ['-1 fields', { maxResponseHeaders: -1 }, RangeError],
  ['half a field', { maxResponseHeaders: 0.5 }, RangeError],
  ['a number of fields that is a string', { maxResponseHeaders: '5' }, TypeError],
  ['an authenticate that is not a function', { authenticate: 'Basic eDp5' }, TypeError],
  ['a reopen that is not a function', { reopen: {} }, TypeError],
  ['a controller instead of its signal', { signal: new AbortController() }, TypeError],
  ['a level that is not a number', { debugLevel: '1' }, TypeError],
  ['a strict that is null', { strict: null }, TypeError],
  // They are in the target.
  ['fields among the options', { headers: {} }, TypeError],
  ['an unknown option with no value', { sourceAddress: undefined }, TypeError],
  ['NaN interim responses', { maxInterimResponses: NaN }, RangeError],
];
test.each(wrong)('rejects %s, and writes nothing', async (_what, options, kind) => {
  expect(() => {
    validateTunnel(target, options);
  }).toThrow(kind);
  const proxy = new Proxy([OK]);
  expect(await rejection(openTunnel(proxy, target, options))).toBeInstanceOf(kind);
  expect(proxy).toMatchObject({ writes: [], closed: true });
});

test.each([null, 'strict', []] as never[])(
  'says what it expects instead of the options %j',
  async (options) => {
    expect(await rejection(openTunnel(new Proxy([OK]), target, options))).toEqual(
      new TypeError(`Cannot use "${String(options)}" as options: expected an object with named options`),
    );
  },
);

test.each([
  [undefined, 'undefined as a transport: it has no read()'],
  [{ read: () => Promise.resolve(null) }, 'an Object as a transport: it has no write()'],
])('rejects a value that is not a transport: %o', async (transport, message) => {
  expect(await rejection(openTunnel(transport as never, target))).toEqual(
    new TypeError(`Cannot use ${message}`),
  );
});

test('rejects a value that is not a transport when reopen returns it', async () => {
  const proxy = new Proxy(['HTTP/1.1 407 \r\nConnection: close\r\n\r\n', END]);
  const options = { authenticate: () => ({ a: 'b' }), reopen: () => Promise.resolve({} as never) };
  expect(await rejection(openTunnel(proxy, target, options))).toEqual(
    new TypeError('Cannot use an Object as a transport: it has no read()'),
  );
  expect(proxy.closed).toBe(true);
});

test('an error of close() neither hides nor replaces the original one', async () => {
  const proxy = new Proxy(['SSH-2.0\r\n']);
  proxy.close = () => {
    throw new Error('of closing');
  };
  expect(await rejection(openTunnel(proxy, target))).toMatchObject({ name: 'BadStatusLine' });
});

test.each<[what: string, options: OpenTunnelOptions]>([
  ['undefined options', { timeout: undefined, strict: undefined, maxResponseHeaders: undefined }],
  ['a null for a signal', { signal: null as never }],
])('treats %s as absent', async (_what, options) => {
  const proxy = new Proxy([OK]);
  expect((await openTunnel(proxy, target, options)).transport).toBe(proxy);
});

describe('a write that fails', () => {
  const broken = systemError('write', 'EPIPE');

  function failing(...steps: Step[]): Proxy {
    const proxy = new Proxy(steps);
    proxy.onWrite = () => Promise.reject(broken);
    return proxy;
  }

  test('does not hide a refusal that came first', async () => {
    const proxy = failing('HTTP/1.1 403 Go away\r\nContent-Length: 0\r\n\r\n', END);
    expect(await rejection(openTunnel(proxy, target))).toMatchObject({ status: 403 });
  });

  test('is the error if the stream simply ends', async () => {
    expect(await rejection(openTunnel(failing(END), target))).toBe(broken);
  });

  test('gives way to an error of the read', async () => {
    const reset = systemError('read', 'ECONNRESET');
    expect(await rejection(openTunnel(failing(reset), target))).toBe(reset);
  });

  test('is the error if nothing else arrives for a second', async () => {
    const proxy = failing();
    const seen = watch(openTunnel(proxy, target));
    await vi.advanceTimersByTimeAsync(999);
    expect(seen.settled).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(seen.error).toBe(broken);
    expect(proxy.closed).toBe(true);
  });

  test('is the error even if the reply would open the tunnel', async () => {
    expect(await rejection(openTunnel(failing(OK), target))).toBe(broken);
  });

  test('may throw synchronously', async () => {
    const proxy = new Proxy([END]);
    proxy.onWrite = () => {
      throw broken;
    };
    expect(await rejection(openTunnel(proxy, target))).toBe(broken);
  });
});

describe('a write that stalls', () => {
  function stalling(...steps: Step[]): Proxy {
    const proxy = new Proxy(steps);
    proxy.onWrite = () => new Promise(() => undefined);
    return proxy;
  }

  test('does not delay a refusal', async () => {
    const proxy = stalling('HTTP/1.1 403 Go away\r\nContent-Length: 0\r\n\r\n');
    expect(await rejection(openTunnel(proxy, target))).toMatchObject({ status: 403 });
  });

  test('delays a tunnel, up to the timeout', async () => {
    const seen = watch(openTunnel(stalling(OK), target, { timeout: 250 }));
    await vi.advanceTimersByTimeAsync(250);
    expect(seen.error).toBeInstanceOf(TimeoutError);
  });
});
