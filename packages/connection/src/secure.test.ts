import { encodeLatin1, type Transport } from '@http-client/io';
import { describe, expect, onTestFinished, test } from 'vitest';

import { HTTPConnection } from './index.js';
import { scriptedTransport } from './testing.js';
import { listening } from './testdata/sockets.js';
import { answer } from './testdata/stage.js';
import { OPEN } from './testdata/tunnel-stage.js';

describe('secure', () => {
  const heard: { transport: Transport; serverName: string; options: object }[] = [];

  class Secured extends HTTPConnection {
    protected override secure(
      transport: Transport,
      serverName: string,
      options: { port?: number; timeout?: number; signal?: AbortSignal },
    ): Promise<Transport> {
      heard.push({ transport, serverName, options });
      return Promise.resolve(transport);
    }
  }

  test.each([
    ['the host', 'proxy.com', undefined, 'proxy.com', 3128],
    ['the host in ASCII', 'δπθ.gr', undefined, 'xn--pxaix.gr', 3128],
    ['the far end', 'proxy.com', 'destination.com:8443', 'destination.com', 8443],
    ['the far end in ASCII', 'proxy.com', 'δπθ.gr', 'xn--pxaix.gr', 80],
    ['an address', 'proxy.com', '[::1]:8443', '::1', 8443],
  ])('is passed %s', async (_what, host, tunnel, expected, port) => {
    const transport = scriptedTransport([OPEN]);
    const connection = new Secured(host, 3128, { connector: transport.connector, timeout: 5000 });
    if (tunnel !== undefined) connection.setTunnel(tunnel);
    await connection.connect();
    expect(heard.splice(0)).toEqual([
      {
        transport,
        serverName: expected,
        options: { port, timeout: 5000, signal: expect.any(AbortSignal) as unknown },
      },
    ]);
  });

  test('is passed what the caller gave, whatever a connector makes of its target', async () => {
    const transport = scriptedTransport('');
    const connection = new Secured('www.example.org', 8443, {
      connector: (target) => {
        target.host = '192.0.2.1';
        target.port = 443;
        return Promise.resolve(transport);
      },
    });
    await connection.connect();
    expect(heard.splice(0)).toMatchObject([{ serverName: 'www.example.org', options: { port: 8443 } }]);
  });

  test('is passed a signal of the platform over TCP, too', async () => {
    const peer = await listening(() => undefined);
    const connection = new Secured('127.0.0.1', peer.port);
    onTestFinished(() => {
      connection.close();
    });
    await connection.connect();
    const options = { port: peer.port, signal: expect.any(AbortSignal) as unknown };
    expect(heard.splice(0)).toMatchObject([{ serverName: '127.0.0.1', options }]);
  });

  test('first reads the bytes after the reply, and returns the transport for requests', async () => {
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
  test.each(legs)('closes the transport if it %s', async (_what, secure, expected) => {
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
    await new Promise(setImmediate);
    expect(transport.closed).toBe(true);
    expect(connection.state).toBe('Idle');
  });
});

describe('secureProxy', () => {
  const signal = expect.any(AbortSignal) as unknown;

  test.each<[what: string, tunnel: string | undefined, expected: unknown[][]]>([
    ['the transport to the proxy', 'destination.com', [['xn--pxaix.gr', { port: 3128, signal }]]],
    ['nothing without a tunnel', undefined, []],
  ])('is given %s, and the tunnel is requested on the result', async (_what, tunnel, expected) => {
    const transport = scriptedTransport('');
    const inside = scriptedTransport(OPEN);
    const given: unknown[][] = [];
    class Secured extends HTTPConnection {
      protected override secureProxy(opened: Transport, ...others: unknown[]): Promise<Transport> {
        expect(opened).toBe(transport);
        given.push(others);
        return Promise.resolve(inside);
      }
    }
    const connection = new Secured('δπθ.gr', 3128, { connector: transport.connector, timeout: 5000 });
    if (tunnel !== undefined) connection.setTunnel(tunnel);
    await connection.connect();
    expect(given).toEqual(expected);
    expect(connection.transport).toBe(tunnel === undefined ? transport : inside);
    expect(transport.writtenText).toBe('');
  });

  test('closes the transport if it rejects', async () => {
    const bad = new Error('handshake failed');
    class Failing extends HTTPConnection {
      protected override secureProxy(): Promise<Transport> {
        return Promise.reject(bad);
      }
    }
    const transport = scriptedTransport('');
    const connection = new Failing('proxy.com', 3128, { connector: transport.connector });
    connection.setTunnel('destination.com');
    const error = await connection.request('GET', '/').catch((reason: unknown) => reason);
    expect(error).toBe(bad);
    expect(transport.closed).toBe(true);
    expect(connection.state).toBe('Idle');
  });
});
