import type { IncomingMessage, RequestListener } from 'node:http';
import { TLSSocket } from 'node:tls';

import { HTTPConnection, type TunnelOptions } from '@http-client/connection';
import type { TunnelError } from '@http-client/errors';
import { decodeLatin1, encodeLatin1, type Transport } from '@http-client/io';
import { openTunnel } from '@http-client/tunnel';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';

import { freePort } from '../../../tests/support/programs.js';
import { PASSWORD, USER } from '../../../tests/support/squid.js';
import {
  connectTLS,
  startTLS,
  type HTTPSConnection,
  type HTTPSConnectionOptions,
  type TLSContext,
} from './index.js';
import { httpServer, httpsServer } from './testdata/peers.js';
import { describeWith } from './testdata/programs.js';
import { SECURE_PROXIES, type RunningProxy, type SecureProxy } from './testdata/proxy-programs.js';
import { get, NATIVE, open, rejection, TIMEOUT, trusting, until } from './testdata/stage.js';

// Proxies that speak TLS themselves, and share no code with this project: TLS to the proxy, and TLS within it.

const basic = (password: string): Record<string, string> => ({
  'Proxy-Authorization': `Basic ${btoa(`${USER}:${password}`)}`,
});
const KNOWN: TunnelOptions = { headers: basic(PASSWORD) };

/** For TLS to the proxy: client certificate and trusted authority, both of one authority. */
const proxyContext = (more: TLSContext = {}): TLSContext =>
  trusting({ ...inject('certificates').client, ...more });

/** For TLS to the server: both of another authority, which the proxy does not trust. */
const serverContext = (): TLSContext => ({
  ca: inject('certificates').stranger.cert,
  ...inject('certificates').strangeClient,
});

/** Echoes the body, and reports whom the request came from. */
const echo: RequestListener = (request, response) => {
  response.setHeader('X-Client', clientOf(request));
  response.setHeader('X-Host', String(request.headers.host));
  response.setHeader(
    'X-Proxy',
    Object.keys(request.headers)
      .filter((name) => name.startsWith('proxy'))
      .join(),
  );
  request.pipe(response);
};

function clientOf({ socket }: IncomingMessage): string {
  return socket instanceof TLSSocket ? String(socket.getPeerCertificate().subject.CN) : 'no TLS';
}

/** A TLS server of the other authority, which accepts only its own clients. */
const secureOrigin = (): ReturnType<typeof httpsServer> => {
  const { unknownAuthority, stranger } = inject('certificates');
  return httpsServer(echo, {
    ...unknownAuthority,
    ca: stranger.cert,
    requestCert: true,
    rejectUnauthorized: true,
  });
};

async function exchange(connection: HTTPConnection, port: number, client: string, size = 5): Promise<void> {
  const body = Buffer.alloc(size, 'parrot');
  const sent = connection.request('POST', '/', { body });
  const response = await connection.getResponse();
  const told = ['X-Client', 'X-Host', 'X-Proxy'].map((name) => response.getHeader(name, 'absent'));
  expect(told).toEqual([client, `127.0.0.1:${port}`, '']);
  expect(body.equals(await response.read())).toBe(true);
  await sent;
}

for (const program of SECURE_PROXIES) {
  describeWith(program.name, program.programs, () => {
    testProxy(program);
  });
}

function testProxy(program: SecureProxy): void {
  const { asksClient, keeps, mistaken, unreachable } = program;
  let running: RunningProxy | undefined;
  beforeAll(async () => {
    running = await program.start();
  });
  afterAll(() => running?.close());

  /** A connection that speaks TLS to the proxy, and TLS within it. */
  function secure(port: number, options: HTTPSConnectionOptions = {}, tunnel = KNOWN): HTTPSConnection {
    const contexts = { proxyContext: proxyContext(), context: serverContext() };
    const connection = open(running!.port, { ...contexts, ...options });
    connection.setTunnel('127.0.0.1', port, tunnel);
    return connection;
  }

  test('TLS within TLS, each hop with its own context and client certificate', async () => {
    const { port } = await secureOrigin();
    const connection = secure(port);
    await connection.connect();
    const { transport } = connection;
    for (const size of [5, 0, 10_000_000, 1]) await exchange(connection, port, 'a stranger', size);
    expect(connection.transport).toBe(transport);
    expect(connection.getProxyResponseHeaders()).toBeDefined();
  });

  test('plain HTTP in the tunnel', async () => {
    const { port } = await httpServer(echo);
    const connection = new HTTPConnection('localhost', running!.port, {
      timeout: TIMEOUT,
      connector: connectTLS(proxyContext(), NATIVE),
    });
    onTestFinished(() => {
      connection.close();
    });
    connection.setTunnel('127.0.0.1', port, KNOWN);
    for (const size of [5, 0, 10_000_000, 1]) await exchange(connection, port, 'no TLS', size);
  });

  test('without a connection: connectTLS, openTunnel, startTLS', async () => {
    const { port, open: sockets } = await secureOrigin();
    const target = { host: '127.0.0.1', port, ...KNOWN };
    const proxy = await connectTLS(proxyContext(), NATIVE)({ host: 'localhost', port: running!.port });
    const tunnel = await openTunnel(proxy, target);
    const transport = await startTLS(tunnel.transport, '127.0.0.1', { context: serverContext() });
    await transport.write(encodeLatin1('GET / HTTP/1.0\r\n\r\n'));
    expect(await readAll(transport)).toMatch(/^HTTP\/1\.1 200 OK\r\nX-Client: a stranger\r\n/);
    transport.close();
    await until(() => sockets.size === 0);
  });

  test('20 at once', async () => {
    const { port } = await secureOrigin();
    const contexts = { proxyContext: proxyContext(), context: serverContext() };
    const connections = Array.from({ length: 20 }, () => secure(port, contexts));
    await Promise.all(connections.map((each) => exchange(each, port, 'a stranger', 100_000)));
  });

  test('after a server closes an idle connection, another tunnel reaches it, with both sessions resumed', async () => {
    const origin = await secureOrigin();
    const resumed: boolean[] = [];
    origin.server.on('secureConnection', (socket) => resumed.push(socket.isSessionReused()));
    const before = running!.handshakes();
    const connection = secure(origin.port);
    for (let round = 1; round <= 2; round++) {
      await exchange(connection, origin.port, 'a stranger');
      origin.server.closeAllConnections();
      await until(() => !connection.reusable);
    }
    expect(resumed).toEqual([false, true]);
    if (before !== undefined) expect(running!.handshakes()!.slice(before.length)).toEqual([false, true]);
  });

  test(`a challenge is answered on ${keeps ? 'the same' : 'another'} connection`, async () => {
    const { port } = await secureOrigin();
    const refusals: number[] = [];
    let opened = 0;
    const connection = secure(
      port,
      {
        connector: (target) => {
          opened++;
          return NATIVE(target);
        },
      },
      {
        authenticate: ({ status }) => {
          refusals.push(status);
          return basic(PASSWORD);
        },
      },
    );
    await exchange(connection, port, 'a stranger');
    expect(refusals).toEqual([407]);
    expect(opened).toBe(keeps ? 1 : 2);
  });

  test.each<[string, () => Promise<number>, TunnelOptions, () => number]>([
    ['a client without credentials', freePort, {}, () => 407],
    ['a wrong password', freePort, { headers: basic('shrubbery') }, () => mistaken],
    ['a port where nobody listens', freePort, KNOWN, () => unreachable],
  ])('refuses %s, with its whole explanation', async (_what, port, tunnel, status) => {
    const connection = secure(await port(), {}, tunnel);
    const error = (await rejection(get(connection))) as unknown as TunnelError;
    expect(error).toMatchObject({ name: 'TunnelError', status: status(), delivery: 'unsent' });
    expect(error).not.toHaveProperty('cause');
    expect(decodeLatin1(error.body)).toMatch(/<html>.*<\/html>\s*$/s);
    expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
  });

  /**
   * OpenSSL's error, or a reset that overtakes it: with TLS 1.3 a client certificate is verified after the handshake.
   */
  const shutOut = /^(ERR_SSL_.*|ECONNRESET|EPIPE)$/;
  /** With the authority's certificate in the chain, or without. */
  const untrusted = /^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE)$/;
  const wrong: [what: string, options: () => HTTPSConnectionOptions, code: RegExp][] = [
    ['a proxy of an authority that nobody trusts', () => ({ proxyContext: {} }), untrusted],
    [
      'a proxy whose authority is trusted for the server only',
      () => ({ proxyContext: serverContext() }),
      untrusted,
    ],
    [
      'a proxy of another name',
      () => ({ proxyContext: proxyContext({ servername: 'other.example' }) }),
      /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    ],
    [
      'a server whose authority is trusted for the proxy only',
      () => ({ context: proxyContext() }),
      untrusted,
    ],
    [
      'a server that does not trust the client’s certificate',
      () => ({ context: { ...serverContext(), ...inject('certificates').client } }),
      shutOut,
    ],
  ];
  if (asksClient) {
    wrong.push(
      ['a proxy that is shown no certificate', () => ({ proxyContext: trusting() }), shutOut],
      [
        'a proxy that is shown the certificate for the server',
        () => ({ proxyContext: proxyContext(inject('certificates').strangeClient) }),
        shutOut,
      ],
    );
  }
  test.each(wrong)('%s gets no request', async (_what, options, code) => {
    let requests = 0;
    const origin = await secureOrigin();
    origin.server.on('request', () => requests++);
    const connection = secure(origin.port, options());
    expect((await rejection(get(connection)))['code']).toMatch(code);
    expect(connection.transport).toBeUndefined();
    await until(() => origin.open.size === 0);
    expect(requests).toBe(0);
  });
}

async function readAll(transport: Transport): Promise<string> {
  let text = '';
  for (let block = await transport.read(); block !== null; block = await transport.read()) {
    text += decodeLatin1(block);
  }
  return text;
}
