import { TimeoutError, TunnelError } from '@http-client/errors';
import type { HeadersInput } from '@http-client/headers';
import { decodeLatin1, type Transport } from '@http-client/io';
import { describe, expect, test, vi } from 'vitest';

import { openTunnel, type OpenTunnelOptions } from './index.js';
import { END, Proxy, readAll, rejection, RESET, systemError, type Step } from './testdata/proxy.js';

const target = { host: 'destination.com', port: 443, headers: { 'X-A': '1' } };
const OK = 'HTTP/1.1 200 OK\r\nX-Proxy: b\r\n\r\n';

const challenge = (fields = 'Content-Length: 4\r\n', body = 'who?', version = '1.1'): string =>
  `HTTP/${version} 407 Who\r\nProxy-Authenticate: Basic realm="x"\r\n${fields}\r\n${body}`;

const head = (...lines: string[]): string =>
  ['CONNECT destination.com:443 HTTP/1.1', 'Host: destination.com:443', ...lines, '', ''].join('\r\n');

/** An `authenticate` that returns one answer after another, and the arguments of its calls. */
function asked(...answers: (HeadersInput | undefined | Promise<HeadersInput | undefined>)[]) {
  const refusals: TunnelError[] = [];
  const rounds: number[] = [];
  const authenticate = (
    refusal: TunnelError,
    round: number,
  ): HeadersInput | undefined | Promise<HeadersInput | undefined> => {
    refusals.push(refusal);
    rounds.push(round);
    return answers.shift();
  };
  return { refusals, rounds, authenticate };
}

/** The options with that `authenticate`. */
function answering(...answers: Parameters<typeof asked>): OpenTunnelOptions {
  return { authenticate: asked(...answers).authenticate };
}

const credentials = { 'Proxy-Authorization': 'Basic eDp5' };

test('is called once, with all that the proxy said, and CONNECT is sent again on the same transport', async () => {
  const proxy = new Proxy([challenge()], [`${OK}hi`, END]);
  const { refusals, authenticate } = asked(Promise.resolve(credentials));
  const tunnel = await openTunnel(proxy, target, { authenticate });
  expect(proxy.writes).toEqual([head('X-A: 1'), head('X-A: 1', 'Proxy-Authorization: Basic eDp5')]);
  expect(refusals).toHaveLength(1);
  expect(refusals[0]).toBeInstanceOf(TunnelError);
  expect(refusals[0]).toMatchObject({ status: 407, reason: 'Who' });
  expect(refusals[0]!.headers.get('proxy-authenticate')).toBe('Basic realm="x"');
  expect(decodeLatin1(refusals[0]!.body)).toBe('who?');
  expect(tunnel).toMatchObject({ status: 200, reason: 'OK' });
  expect(await readAll(tunnel.transport)).toBe('hi');
});

const amendments: [what: string, fields: HeadersInput, lines: string[]][] = [
  ['other fields', { B: '2' }, ['X-A: 1', 'X-A: 2', 'C: 3', 'B: 2']],
  ['some of the same name', { 'x-a': ['4', '5'] }, ['C: 3', 'x-a: 4', 'x-a: 5']],
  ['no fields', {}, ['X-A: 1', 'X-A: 2', 'C: 3']],
];
test.each(amendments)('sends %s, replacing those of the same name', async (_what, fields, lines) => {
  const proxy = new Proxy([challenge()], [OK]);
  const given = { ...target, headers: { 'X-A': ['1', '2'], C: '3' } };
  await openTunnel(proxy, given, answering(fields));
  expect(proxy.writes[1]).toBe(head(...lines));
});

test('accepts another Host', async () => {
  const proxy = new Proxy([challenge()], [OK]);
  await openTunnel(proxy, target, answering({ Host: 'other' }));
  expect(proxy.writes[1]).toBe('CONNECT destination.com:443 HTTP/1.1\r\nX-A: 1\r\nHost: other\r\n\r\n');
});

test('is called again for each challenge, and the fields added before are kept', async () => {
  const proxy = new Proxy([challenge()], [challenge()], [OK]);
  const { rounds, authenticate } = asked({ N: '1' }, { N: '2', M: '3' });
  await openTunnel(proxy, target, { authenticate });
  expect(rounds).toEqual([1, 2]);
  expect(proxy.writes.slice(1)).toEqual([head('X-A: 1', 'N: 1'), head('X-A: 1', 'N: 2', 'M: 3')]);
});

test('is asked five times at most', async () => {
  const proxy = new Proxy(...Array.from({ length: 9 }, () => [challenge()]));
  const { rounds, authenticate } = asked(...Array.from({ length: 9 }, () => credentials));
  const error = await rejection(openTunnel(proxy, target, { authenticate }));
  expect(error).toMatchObject({ status: 407 });
  expect(rounds).toEqual([1, 2, 3, 4, 5]);
  expect(proxy.writes).toHaveLength(6);
  expect(proxy.closed).toBe(true);
});

const bad = new Error('no keyring');
const givenUp: [
  what: string,
  answer: () => HeadersInput | undefined | Promise<undefined>,
  expected: unknown,
][] = [
  ['undefined', () => undefined, expect.any(TunnelError)],
  ['a promise of it', () => Promise.resolve(undefined), expect.any(TunnelError)],
  ['a rejection', () => Promise.reject(bad), bad],
  [
    'an error',
    () => {
      throw bad;
    },
    bad,
  ],
  ['fields that cannot be sent', () => ({ A: 'b\r\nC: d' }), expect.any(TypeError)],
  ['a body', () => ({ 'Content-Length': '5' }), expect.any(TypeError)],
];
test.each(givenUp)('gives up and closes if it returns %s', async (_what, authenticate, expected) => {
  const proxy = new Proxy([challenge()], [OK]);
  expect(await rejection(openTunnel(proxy, target, { authenticate }))).toEqual(expected);
  expect(proxy).toMatchObject({ closed: true, writes: { length: 1 } });
});

test.each([401, 403, 405])('is not called for a %d', async (status) => {
  const proxy = new Proxy([`HTTP/1.1 ${status} \r\nContent-Length: 0\r\n\r\n`]);
  const { refusals, authenticate } = asked(credentials);
  expect(await rejection(openTunnel(proxy, target, { authenticate }))).toMatchObject({ status });
  expect(refusals).toEqual([]);
});

test('a signal ends the wait for it', async () => {
  const proxy = new Proxy([challenge()], [OK]);
  const controller = new AbortController();
  const reason = new Error('enough');
  const authenticate = (): Promise<undefined> => {
    queueMicrotask(() => {
      controller.abort(reason);
    });
    return new Promise(() => undefined);
  };
  const { signal } = controller;
  expect(await rejection(openTunnel(proxy, target, { authenticate, signal }))).toBe(reason);
  expect(proxy.closed).toBe(true);
});

test('opens no other transport once the signal is aborted', async () => {
  const proxy = new Proxy([challenge()], []);
  const controller = new AbortController();
  const reason = new Error('enough');
  const reopened: Transport[] = [];
  const reopen = (): Promise<Transport> => {
    reopened.push(new Proxy([OK]));
    return Promise.resolve(reopened[0]!);
  };
  const { signal } = controller;
  const tunnel = openTunnel(proxy, target, { ...answering(credentials), reopen, signal });
  while (proxy.writes.length < 2) await new Promise(setImmediate);
  controller.abort(reason);
  expect(await rejection(tunnel)).toBe(reason);
  expect(reopened).toEqual([]);
});

test('opens no other transport if the answer to the challenge gets no reply in time', async () => {
  vi.useFakeTimers();
  try {
    const proxy = new Proxy([challenge()], []);
    const reopen = vi.fn<() => Promise<Transport>>();
    const tunnel = rejection(openTunnel(proxy, target, { ...answering(credentials), reopen, timeout: 250 }));
    await vi.runAllTimersAsync();
    expect(await tunnel).toBeInstanceOf(TimeoutError);
    expect(proxy).toMatchObject({ closed: true, writes: { length: 2 } });
    expect(reopen).not.toHaveBeenCalled();
  } finally {
    vi.useRealTimers();
  }
});

/** Challenges after which the same transport cannot be used again. */
const closing: [what: string, steps: readonly Step[]][] = [
  ['announces closing', [challenge('Connection: close\r\nContent-Length: 4\r\n')]],
  ['announces closing by Proxy-Connection', [challenge('Proxy-Connection: Close\r\nContent-Length: 4\r\n')]],
  ['is HTTP/1.0', [challenge('Content-Length: 4\r\n', 'who?', '1.0')]],
  ['ends with the stream', [challenge(''), END]],
  ['is truncated', [challenge('Content-Length: 9\r\n'), END]],
  ['is cut off by a reset', [challenge('Content-Length: 9\r\n'), RESET]],
  ['has an invalid chunk', [challenge('Transfer-Encoding: chunked\r\n')]],
  ['is followed by more bytes', [challenge('Content-Length: 4\r\n', 'who? HTTP/1.1 200 OK\r\n\r\n')]],
  ['is too long', [challenge('Content-Length: 65537\r\n', 'x'.repeat(65_537))]],
  ['has another byte than is kept', [challenge('Content-Length: 65537\r\n', 'x'.repeat(65_536)), 'x']],
  [
    'has both Content-Length and Transfer-Encoding',
    [challenge('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n')],
  ],
];

describe.each(closing)('a challenge that %s', (_what, steps) => {
  test('is a refusal if there is only one transport, and authenticate is not called', async () => {
    const proxy = new Proxy(steps, [OK]);
    const { refusals, authenticate } = asked(credentials);
    const error = await rejection(openTunnel(proxy, target, { authenticate }));
    expect(error).toMatchObject({ status: 407 });
    expect(refusals).toEqual([]);
    expect(proxy).toMatchObject({ closed: true, writes: { length: 1 } });
  });

  test('is answered on another transport', async () => {
    const first = new Proxy(steps);
    const second = new Proxy([OK]);
    const { refusals, authenticate } = asked(credentials);
    const reopen = (): Promise<Transport> => {
      expect(first.closed).toBe(true);
      return Promise.resolve(second);
    };
    const { transport } = await openTunnel(first, target, { authenticate, reopen });
    expect(transport).toBe(second);
    expect(second.writes).toEqual([head('X-A: 1', 'Proxy-Authorization: Basic eDp5')]);
    expect(second.closed).toBe(false);
    expect(refusals).toHaveLength(1);
  });
});

test('a challenge with a body in chunks leaves the transport usable', async () => {
  const proxy = new Proxy([challenge('Transfer-Encoding: chunked\r\n', '4\r\nwho?\r\n0\r\n\r\n')], [OK]);
  expect((await openTunnel(proxy, target, answering(credentials))).transport).toBe(proxy);
});

test('opens no other transport if authenticate has no answer', async () => {
  const proxy = new Proxy([challenge('Connection: close\r\n'), END]);
  const reopen = (): Promise<Transport> => Promise.reject(new Error('It was reopened'));
  expect(await rejection(openTunnel(proxy, target, { reopen, ...answering(undefined) }))).toMatchObject({
    status: 407,
  });
});

test('rejects with the error of opening another transport', async () => {
  const proxy = new Proxy([challenge('Connection: close\r\n'), END]);
  const refused = systemError('connect', 'ECONNREFUSED');
  const options: OpenTunnelOptions = { ...answering(credentials), reopen: () => Promise.reject(refused) };
  expect(await rejection(openTunnel(proxy, target, options))).toBe(refused);
  expect(proxy.closed).toBe(true);
});

describe.each([
  ['closes', END, { name: 'RemoteDisconnected' }, { name: 'IncompleteRead' }],
  ['resets', RESET, { message: 'read ECONNRESET' }, { message: 'read ECONNRESET' }],
] as const)('a proxy that %s after its challenge without announcing it', (_what, end, expected, begun) => {
  test('is sent the request on another transport', async () => {
    const first = new Proxy([challenge()], [end]);
    const second = new Proxy([OK]);
    const { refusals, authenticate } = asked(credentials);
    const reopen = (): Promise<Transport> => Promise.resolve(second);
    const { transport } = await openTunnel(first, target, { authenticate, reopen });
    expect(transport).toBe(second);
    expect(first.closed).toBe(true);
    expect(second.writes).toEqual([first.writes[1]]);
    expect(refusals).toHaveLength(1);
  });

  test('is given another transport only once', async () => {
    const first = new Proxy([challenge()], [end]);
    const second = new Proxy([end]);
    const transports = [second];
    const reopen = (): Promise<Transport> => Promise.resolve(transports.shift()!);
    const error = await rejection(openTunnel(first, target, { ...answering(credentials), reopen }));
    expect(error).toMatchObject(expected);
    expect(second.closed).toBe(true);
  });

  test('is an error if there is no other transport', async () => {
    const proxy = new Proxy([challenge()], [end]);
    expect(await rejection(openTunnel(proxy, target, answering(credentials)))).toMatchObject(expected);
    expect(proxy.closed).toBe(true);
  });

  test('is an error if it has not challenged', async () => {
    const options = { ...answering(credentials), reopen: () => Promise.resolve(new Proxy([OK])) };
    expect(await rejection(openTunnel(new Proxy([end]), target, options))).toMatchObject(expected);
  });

  test('is an error if it has begun to reply', async () => {
    const proxy = new Proxy([challenge()], ['H', end]);
    const options = { ...answering(credentials), reopen: () => Promise.resolve(new Proxy([OK])) };
    expect(await rejection(openTunnel(proxy, target, options))).toMatchObject(begun);
  });
});
