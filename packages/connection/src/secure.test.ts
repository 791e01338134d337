import { encodeLatin1, type Transport } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { HTTPConnection } from './index.js';
import { scriptedTransport } from './testing.js';
import { answer } from './testdata/stage.js';
import { OPEN } from './testdata/tunnel-stage.js';

describe('secure', () => {
  const heard: { transport: Transport; serverName: string; options: object }[] = [];

  class Secured extends HTTPConnection {
    protected override secure(
      transport: Transport,
      serverName: string,
      options: { timeout?: number; signal?: AbortSignal },
    ): Promise<Transport> {
      heard.push({ transport, serverName, options });
      return Promise.resolve(transport);
    }
  }

  test.each([
    ['the host', 'proxy.com', undefined, 'proxy.com'],
    ['the host in ASCII', 'δπθ.gr', undefined, 'xn--pxaix.gr'],
    ['the far end', 'proxy.com', 'destination.com:8443', 'destination.com'],
    ['the far end in ASCII', 'proxy.com', 'δπθ.gr', 'xn--pxaix.gr'],
    ['an address', 'proxy.com', '[::1]:8443', '::1'],
  ])('is given %s', async (_what, host, tunnel, expected) => {
    const transport = scriptedTransport([OPEN]);
    const connection = new Secured(host, 3128, { connector: transport.connector, timeout: 5000 });
    if (tunnel !== undefined) connection.setTunnel(tunnel);
    await connection.connect();
    expect(heard.splice(0)).toEqual([
      {
        transport,
        serverName: expected,
        options: { timeout: 5000, signal: expect.any(AbortSignal) as unknown },
      },
    ]);
  });

  test('reads first what came with the reply, and gives what requests go out on', async () => {
    const inside = scriptedTransport([answer('hello')]);
    let first: Uint8Array | null = null;
    class Reading extends HTTPConnection {
      protected override async secure(tunnel: Transport): Promise<Transport> {
        first = await tunnel.read();
        return inside;
      }
    }
    const transport = scriptedTransport([`${OPEN}server first`]);
    const connection = new Reading('proxy.com', 3128, { connector: transport.connector });
    connection.setTunnel('destination.com');
    await connection.request('GET', '/');
    expect(first).toEqual(encodeLatin1('server first'));
    expect(connection.transport).toBe(inside);
    expect(await (await connection.getResponse()).text()).toBe('hello');
    expect(transport.writes).toHaveLength(1);
  });

  const bad = new Error('handshake failed');
  const legs: [what: string, secure: () => Promise<Transport>, expected: object][] = [
    ['rejects', () => Promise.reject(bad), bad],
    [
      'throws',
      () => {
        throw bad;
      },
      bad,
    ],
    ['never ends', () => new Promise(() => undefined), { code: 'ETIMEDOUT', phase: 'tls' }],
  ];
  test.each(legs)('closes the transport where it %s', async (_what, secure, expected) => {
    class Failing extends HTTPConnection {
      protected override secure(): Promise<Transport> {
        return secure();
      }
    }
    const transport = scriptedTransport([OPEN]);
    const connection = new Failing('proxy.com', 3128, { connector: transport.connector, timeout: 30 });
    connection.setTunnel('destination.com');
    const error = await connection.request('GET', '/').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ ...expected, delivery: 'unsent' });
    expect(transport.closed).toBe(true);
    expect(connection.state).toBe('Idle');
  });
});
