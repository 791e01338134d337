import { HTTPException, type TunnelError } from '@http-client/errors';
import { decodeLatin1 } from '@http-client/io';
import { getEventListeners } from 'node:events';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import type { HTTPConnection } from './index.js';
import { afterRequest, END, reset, type ScriptStep } from './testing.js';
import { answer, quiet, rejection } from './testdata/stage.js';
import { CHALLENGE, HELLO, OPEN, proxied } from './testdata/tunnel-stage.js';

/** The calls that open a connection. */
const openers: [
  name: string,
  open: (connection: HTTPConnection, signal?: AbortSignal) => Promise<unknown>,
][] = [
  ['connect', (connection, signal) => connection.connect(signal && { signal })],
  ['request', (connection, signal) => connection.request('GET', '/', signal && { signal })],
  [
    'getResponse',
    async (connection, signal) => {
      connection.request('GET', '/').catch(() => undefined);
      await connection.getResponse(signal && { signal });
    },
  ],
];

const failures: [what: string, script: readonly ScriptStep[], expected: object][] = [
  ['a refusal', ['HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno'], { name: 'TunnelError', status: 403 }],
  ['a challenge', [CHALLENGE], { name: 'TunnelError', status: 407, reason: 'Who' }],
  ['the end of the stream', [afterRequest(), END], { name: 'RemoteDisconnected', code: 'ECONNRESET' }],
  ['the end of the stream in the head', ['HTTP/1.1 200', END], { name: 'IncompleteRead' }],
  ['a reset', [afterRequest(), reset()], { code: 'ECONNRESET', syscall: 'read' }],
  ['a reply that is not HTTP', ['220 smtp\r\n'], { name: 'BadStatusLine' }],
  ['an invalid field', ['HTTP/1.1 200 OK\r\nA : b\r\n\r\n'], { name: 'InvalidHeader' }],
];

describe.each(openers)('%s', (_name, open) => {
  test.each(failures)(
    'is rejected by %s, with nothing sent to the far end',
    async (_what, script, expected) => {
      const { connection, transports } = proxied([script]);
      connection.setTunnel('destination.com', 8888);
      const error = await rejection(open(connection));
      expect(error).toMatchObject({ ...expected, delivery: 'unsent' });
      expect(error.message).toContain('(destination.com:8888 through proxy.com:3128, ');
      expect(error.message).toContain('phase tunnel)');
      expect(connection).toMatchObject({ state: 'Idle', transport: undefined, reusable: false });
      expect(transports[0]).toMatchObject({ closed: true, writes: { length: 1 } });
    },
  );

  test('opens another connection after a failure', async () => {
    const { connection } = proxied([[END], [OPEN, afterRequest(), answer('hello')]]);
    connection.setTunnel('destination.com');
    await rejection(open(connection));
    await connection.request('GET', '/');
    expect(await (await connection.getResponse()).text()).toBe('hello');
  });

  test('times out, in phase tunnel', async () => {
    const { connection, transports } = proxied([[]], { timeout: 30 });
    connection.setTunnel('destination.com');
    const begun = performance.now();
    await expect(open(connection)).rejects.toMatchObject({
      code: 'ETIMEDOUT',
      phase: 'tunnel',
      delivery: 'unsent',
    });
    expect(performance.now() - begun).toBeGreaterThanOrEqual(30);
    expect(transports[0]!.closed).toBe(true);
  });

  test('is cancelled by its signal, with its reason, and leaves nothing behind', async () => {
    const { connection, transports } = proxied([[]]);
    connection.setTunnel('destination.com');
    const controller = new AbortController();
    const { signal } = controller;
    const opened = open(connection, signal).catch((error: unknown) => error);
    await quiet();
    expect(transports[0]!.writes).toHaveLength(1);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await opened).toBe(reason);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(transports[0]!.closed).toBe(true);
    expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
  });

  test('is ended by close()', async () => {
    const { connection, transports } = proxied([[]]);
    connection.setTunnel('destination.com');
    const opened = open(connection).catch((error: unknown) => error);
    await quiet();
    expect(transports[0]!.writes).toHaveLength(1);
    connection.close();
    expect(await opened).toBeInstanceOf(HTTPException);
    expect(transports[0]!.closed).toBe(true);
  });
});

describe('authenticate', () => {
  const authenticate = () => ({ 'Proxy-Authorization': 'Basic eDp5' });

  test('is called, and its fields are sent on the same transport', async () => {
    const { connection, transports } = proxied([[CHALLENGE, afterRequest(), ...HELLO]]);
    const refusals: TunnelError[] = [];
    connection.setTunnel('destination.com', 80, {
      authenticate: (refusal) => {
        refusals.push(refusal);
        return authenticate();
      },
    });
    await connection.request('GET', '/');
    expect(await (await connection.getResponse()).text()).toBe('hello');
    const [first, second, inside] = transports[0]!.writes.map((each) => decodeLatin1(each));
    expect(first).not.toContain('Proxy-Authorization');
    expect(second).toContain('\r\nProxy-Authorization: Basic eDp5\r\n');
    expect(inside).toMatch(/^GET \/ HTTP\/1.1\r\nHost: destination.com\r\n/);
    expect(connection.getProxyResponseHeaders()?.toJSON()).toEqual([['X-Proxy', 'y']]);
    expect(refusals).toMatchObject([{ status: 407 }]);
  });

  test('is called, and its fields are sent on another one if the proxy closes the first', async () => {
    const closing = CHALLENGE.replace('\r\n', '\r\nConnection: close\r\n');
    const { connection, transports, connector } = proxied([[closing, END], HELLO], { timeout: 5000 });
    connection.setTunnel('destination.com', 80, { authenticate });
    await connection.request('GET', '/');
    expect(await (await connection.getResponse()).text()).toBe('hello');
    expect(transports[0]).toMatchObject({ closed: true, writes: { length: 1 } });
    expect(transports[1]!.writtenText).toMatch(/^CONNECT .*\r\nProxy-Authorization: Basic eDp5\r\n\r\nGET /s);
    expect(connection.transport).toBe(transports[1]);
    expect(connector.targets).toHaveLength(2);
  });

  test('connects to the same proxy again, whatever a connector makes of its target', async () => {
    const closing = CHALLENGE.replace('\r\n', '\r\nConnection: close\r\n');
    const { connector } = proxied([[closing, END], HELLO]);
    const hosts: string[] = [];
    const { connection } = proxied([], {
      connector: (target) => {
        hosts.push(target.host);
        target.host = '192.0.2.1';
        return connector(target);
      },
    });
    connection.setTunnel('destination.com', 80, { authenticate });
    await connection.request('GET', '/');
    expect(await (await connection.getResponse()).text()).toBe('hello');
    expect(hosts).toEqual(['proxy.com', 'proxy.com']);
  });

  test.each([
    ['could not be opened', [], 'ECONNREFUSED', 'connect'],
    ['got no reply', [[afterRequest(), END]], 'ECONNRESET', 'tunnel'],
  ])('reports the phase in which the other one %s', async (_what, others, code, phase) => {
    const closing = CHALLENGE.replace('\r\n', '\r\nConnection: close\r\n');
    const { connection, transports } = proxied([[closing, END], ...others]);
    connection.setTunnel('destination.com', 80, { authenticate });
    const error = await rejection(connection.request('GET', '/'));
    expect(error).toMatchObject({ code, delivery: 'unsent' });
    expect(error.message).toContain(`phase ${phase})`);
    for (const { closed } of transports) expect(closed).toBe(true);
  });

  test('may take longer than each wait of the connection', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const { connection } = proxied([[CHALLENGE, afterRequest(), ...HELLO]], { timeout: 20 });
    connection.setTunnel('destination.com', 80, {
      authenticate: async () => {
        await vi.advanceTimersByTimeAsync(60_000);
        return authenticate();
      },
    });
    await connection.request('GET', '/');
    expect(await (await connection.getResponse()).text()).toBe('hello');
  });

  test('is no longer waited for once the connection is closed', async () => {
    const { connection, transports } = proxied([[CHALLENGE]]);
    const asked = new Promise<void>((resolve) => {
      connection.setTunnel('destination.com', 80, {
        authenticate: () => {
          resolve();
          return new Promise(() => undefined);
        },
      });
    });
    const requested = connection.request('GET', '/').catch((error: unknown) => error);
    await asked;
    connection.close();
    expect(await requested).toBeInstanceOf(HTTPException);
    expect(transports[0]!.closed).toBe(true);
  });
});
