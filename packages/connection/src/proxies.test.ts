import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server as HTTPServer } from 'node:http';
import { createServer as createTCPServer, type AddressInfo, type Server } from 'node:net';

import type { TunnelError } from '@http-client/errors';
import { decodeLatin1 } from '@http-client/io';
import { openTunnel, type TunnelOptions } from '@http-client/tunnel';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';

import { freePorts, REQUIRED } from '../../../tests/support/programs.js';
import { PASSWORD, USER, type Authentication } from '../../../tests/support/squid.js';
import { connectTCP, HTTPConnection } from './index.js';
import { PROXIES, type ProxyProgram, type RunningProxy } from './testdata/proxies-programs.js';

// Proxies that share no code with this project, each in its own process, on the loopback interface.

/** Milliseconds: a wait that takes longer fails its test, however slow the machine. */
const TIMEOUT = 60_000;

const portOf = (server: Server | HTTPServer): number => (server.address() as AddressInfo).port;

/** Responds with what it was sent, and reports the Host that it got and any credentials. */
const echo = createServer((request, response) => {
  response.setHeader('X-Host', request.headers.host ?? '');
  response.setHeader('X-Proxy-Authorization', String('proxy-authorization' in request.headers));
  request.pipe(response);
});
/** Speaks first. */
const greeter = createTCPServer((socket) => {
  socket.on('error', () => undefined);
  socket.write('220 hello\r\n');
  socket.pipe(socket);
});
let closedPort: number;

beforeAll(async () => {
  for (const server of [echo, greeter]) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  [closedPort] = (await freePorts(1)) as [number];
});
afterAll(() => {
  echo.closeAllConnections();
  echo.close();
  greeter.close();
});

/** The tests of one proxy, which is started before them and stopped after them, whatever their outcome. */
function describeProxy(
  program: ProxyProgram,
  how: Authentication,
  tests: (port: () => number) => void,
): void {
  const absent = program.missing !== undefined && !REQUIRED;
  const title = `${program.name}, authentication ${how}`;
  describe.skipIf(absent)(absent ? `${title} (left out: ${program.missing})` : title, () => {
    let running: RunningProxy | undefined;
    beforeAll(async () => {
      running = await program.start(how, [portOf(echo), portOf(greeter), closedPort]);
    });
    afterAll(() => running?.close());
    tests(() => running!.port);
  });
}

/** A connection through the proxy, closed when the test ends. */
function through(proxy: number, port: number, options: TunnelOptions = {}): HTTPConnection {
  const connection = new HTTPConnection('127.0.0.1', proxy, { timeout: TIMEOUT });
  onTestFinished(() => {
    connection.close();
  });
  connection.setTunnel('127.0.0.1', port, options);
  return connection;
}

async function exchange(connection: HTTPConnection, size = 5): Promise<void> {
  const body = Buffer.alloc(size, 'parrot');
  const sent = connection.request('POST', '/', { body });
  const response = await connection.getResponse();
  expect(response.getHeader('X-Host')).toBe(`127.0.0.1:${portOf(echo)}`);
  expect(response.getHeader('X-Proxy-Authorization')).toBe('false');
  expect(body.equals(await response.read())).toBe(true);
  await sent;
}

for (const program of PROXIES) {
  describeProxy(program, 'none', (proxy) => {
    test('requests, one after another, on one connection', async () => {
      const connection = through(proxy(), portOf(echo));
      await connection.connect();
      const { transport } = connection;
      for (const size of [5, 0, 10_000_000, 1]) await exchange(connection, size);
      expect(connection.transport).toBe(transport);
      expect(connection.getProxyResponseHeaders()).toBeDefined();
    });

    test('100 requests on one connection', async () => {
      const connection = through(proxy(), portOf(echo));
      for (let count = 0; count < 100; count++) await exchange(connection);
    });

    test('20 tunnels at once', async () => {
      const connections = Array.from({ length: 20 }, () => through(proxy(), portOf(echo)));
      await Promise.all(connections.map((connection) => exchange(connection, 100_000)));
    });

    test('after a server closes an idle connection, another tunnel reaches it', async () => {
      const connection = through(proxy(), portOf(echo));
      await exchange(connection);
      const { transport } = connection;
      echo.closeAllConnections();
      await vi.waitFor(
        () => {
          expect(connection.reusable).toBe(false);
        },
        { timeout: TIMEOUT, interval: 1 },
      );
      await exchange(connection);
      expect(connection.transport).not.toBe(transport);
    });

    test('a server that speaks first', async () => {
      const transport = await connectTCP({ host: '127.0.0.1', port: proxy() });
      const tunnel = await openTunnel(transport, { host: '127.0.0.1', port: portOf(greeter) });
      expect(tunnel.transport).toBe(transport);
      let text = '';
      while (text.length < 11) text += decodeLatin1((await transport.read())!);
      await transport.write(Buffer.from('HELO\r\n'));
      while (text.length < 17) text += decodeLatin1((await transport.read())!);
      expect(text).toBe('220 hello\r\nHELO\r\n');
      transport.close();
    });

    test.each([
      ['on which nobody listens', () => closedPort, program.unreachable],
      ['that is not allowed', () => 9, 403],
    ])('a port %s is refused, with the whole explanation of the proxy', async (_what, port, status) => {
      const connection = through(proxy(), port());
      const error = (await connection.request('GET', '/').catch((reason: unknown) => reason)) as TunnelError;
      expect(error).toMatchObject({ name: 'TunnelError', status, delivery: 'unsent' });
      expect(error).not.toHaveProperty('cause');
      expect(decodeLatin1(error.body)).toMatch(/<html>.*<\/html>\s*$/s);
      expect(error.headers.get('Content-Type')).toMatch(/^text\/html/);
      expect(connection.getProxyResponseHeaders()).toBe(error.headers);
      expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
    });

    test('through itself, by a connector', async () => {
      const looped = await program.start('none', [proxy()]);
      onTestFinished(() => looped.close());
      const connection = new HTTPConnection('127.0.0.1', proxy(), {
        timeout: TIMEOUT,
        connector: async ({ host, port, ...terms }) => {
          const outer = await connectTCP({ host: '127.0.0.1', port: looped.port, ...terms });
          return (await openTunnel(outer, { host, port }, terms)).transport;
        },
      });
      connection.setTunnel('127.0.0.1', portOf(echo));
      for (const size of [5, 1_000_000]) await exchange(connection, size);
      connection.close();
    });
  });

  for (const how of program.can.filter((each) => each !== 'none')) {
    describeProxy(program, how, (proxy) => {
      test('refuses a client without credentials', async () => {
        const connection = through(proxy(), portOf(echo));
        const error = (await connection.connect().catch((reason: unknown) => reason)) as TunnelError;
        expect(error).toMatchObject({ name: 'TunnelError', status: 407 });
        expect(error.headers.get('Proxy-Authenticate')).toMatch(new RegExp(`^${how}`, 'i'));
        expect(decodeLatin1(error.body)).toMatch(/<html>/);
      });

      test(`challenges, and is answered on ${program.keeps ? 'the same' : 'another'} connection`, async () => {
        let opened = 0;
        const connection = new HTTPConnection('127.0.0.1', proxy(), {
          timeout: TIMEOUT,
          connector: (target) => {
            opened++;
            return connectTCP(target);
          },
        });
        const refusals: number[] = [];
        connection.setTunnel('127.0.0.1', portOf(echo), {
          authenticate: (refusal) => {
            refusals.push(refusal.status);
            return credentials(how, refusal, PASSWORD);
          },
        });
        await exchange(connection);
        await exchange(connection, 1_000_000);
        expect(refusals).toEqual([407]);
        expect(opened).toBe(program.keeps ? 1 : 2);
        expect(connection.getProxyResponseHeaders()?.get('Proxy-Authenticate')).toBeUndefined();
        connection.close();
      });

      test('challenges again if the password is wrong, until the client gives up', async () => {
        const passwords = ['shrubbery', 'ni'];
        const connection = through(proxy(), portOf(echo), {
          authenticate: (refusal) => {
            const password = passwords.shift();
            return password === undefined ? undefined : credentials(how, refusal, password);
          },
        });
        const status = program.mistaken;
        await expect(connection.connect()).rejects.toMatchObject({ name: 'TunnelError', status });
        // A 401 is not a challenge from a proxy, so `authenticate` is not called.
        expect(passwords).toEqual(status === 407 ? [] : ['ni']);
      });
    });
  }

  if (program.can.includes('basic')) {
    describeProxy(program, 'basic', (proxy) => {
      test('accepts credentials that are sent at once', async () => {
        const connection = through(proxy(), portOf(echo), { headers: basic(PASSWORD) });
        for (const size of [5, 5]) await exchange(connection, size);
      });
    });
  }
}

function basic(password: string): Record<string, string> {
  return { 'Proxy-Authorization': `Basic ${btoa(`${USER}:${password}`)}` };
}

/** The response to a challenge (RFC 7617; RFC 7616, section 3.4, with MD5, which is what squid supports). */
function credentials(how: Authentication, refusal: TunnelError, password: string): Record<string, string> {
  if (how === 'basic') return basic(password);
  const challenge = refusal.headers.get('Proxy-Authenticate') ?? '';
  const { realm = '', nonce = '' } = Object.fromEntries(
    Array.from(challenge.matchAll(/(\w+)="([^"]*)"/g), ([, name, value]) => [name, value]),
  ) as Record<string, string>;
  const md5 = (...parts: string[]): string => createHash('md5').update(parts.join(':')).digest('hex');
  const uri = `127.0.0.1:${portOf(echo)}`;
  const [cnonce, nc] = ['0a4f113b', '00000001'];
  const response = md5(md5(USER, realm, password), nonce, nc, cnonce, 'auth', md5('CONNECT', uri));
  const fields = { username: USER, realm, nonce, uri, cnonce, response };
  const quoted = Object.entries(fields).map(([name, value]) => `${name}="${value}"`);
  return { 'Proxy-Authorization': `Digest ${[...quoted, `nc=${nc}`, 'qop=auth'].join(', ')}` };
}
