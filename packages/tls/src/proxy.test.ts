import { connect, type Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';

import { TimeoutError } from '@http-client/errors';
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest';

import { HTTPSConnection } from './index.js';
import { httpsServer, proxy, tcpServer } from './testdata/peers.js';
import { get, open, rejection, trusting, until } from './testdata/stage.js';

describe('through a proxy', () => {
  test.each<[string, TlsOptions | undefined, { proxyContext?: true }]>([
    ['plain', undefined, {}],
    ['over TLS', {}, { proxyContext: true }],
  ])('%s: TLS is spoken to the tunnel’s target', async (_what, options, { proxyContext }) => {
    const { otherName, root, client } = inject('certificates');
    const { port } = await httpsServer((request, response) => response.end(request.headers.host), otherName);
    // The proxy, too, asks for a client certificate.
    const through = await proxy(options && { requestCert: true, ca: root.cert });
    const connection = open(through.port, {
      ...(proxyContext === undefined ? {} : { proxyContext: trusting(client) }),
    });
    connection.setTunnel('other.example', port);
    expect(await get(connection)).toBe(`other.example:${port}`);
    expect(await get(connection)).toBe(`other.example:${port}`);
    expect(through.asked).toEqual([`other.example:${port}`]);
    connection.close();

    // The next connection resumes the session; a name that is not in the certificate is rejected.
    const wrong = open(through.port, {
      ...(proxyContext === undefined ? {} : { proxyContext: trusting(client) }),
    });
    wrong.setTunnel(`localhost:${port}`);
    expect(await rejection(get(wrong))).toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
      delivery: 'unsent',
      message: expect.stringMatching(` \\(TLS with localhost:${port}\\)$`) as unknown,
    });
  });

  test('that shows a certificate for another name, or stalls', async () => {
    const through = await proxy(inject('certificates').otherName);
    const connection = open(through.port, { proxyContext: trusting() });
    connection.setTunnel('localhost', 1);
    expect(await rejection(get(connection))).toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
      delivery: 'unsent',
      message: expect.stringMatching(` \\(TLS with localhost:${through.port}\\)$`) as unknown,
    });
    expect(through.asked).toEqual([]);

    const silent = await tcpServer(() => undefined);
    const waiting = open(silent.port, { proxyContext: trusting(), timeout: 20 });
    waiting.setTunnel('localhost', 1);
    expect(await rejection(get(waiting))).toBeInstanceOf(TimeoutError);
    await until(() => silent.open.size === 0);
  });

  test('proxyContext without a tunnel: there is no proxy', async () => {
    const { port } = await httpsServer((_request, response) => response.end('hello'));
    expect(await get(open(port, { proxyContext: trusting() }))).toBe('hello');
  });

  test('proxyContext over the default connectors', async () => {
    const { port } = await httpsServer((_request, response) => response.end('hello'));
    const connection = new HTTPSConnection('127.0.0.1', port, {
      context: trusting(),
      proxyContext: trusting(),
    });
    expect(await get(connection)).toBe('hello');
    connection.close();
    const none = new HTTPSConnection('localhost', 1, {
      socketPath: '/nowhere/at/all',
      proxyContext: trusting(),
    });
    expect(await rejection(none.request('GET', '/'))).toMatchObject({ code: 'ENOENT', delivery: 'unsent' });
  });

  test('20 MB through TLS within TLS', async () => {
    const large = Buffer.alloc(20_000_000, 'abcdefghij');
    const { port } = await httpsServer((request, response) => request.pipe(response));
    const through = await proxy({});
    const connection = open(through.port, { proxyContext: trusting() });
    connection.setTunnel('localhost', port);
    const request = connection.request('PUT', '/', { body: large });
    const response = await connection.getResponse();
    expect(large.equals(await response.read())).toBe(true);
    await request;
  });

  test('a large write through TLS within TLS, of which the proxy takes some at a time, does not time out', async () => {
    const large = Buffer.alloc(40_000_000);
    const { port } = await httpsServer((request, response) => {
      request.resume().on('end', () => response.end('done'));
    });
    const secure = await proxy({});
    // In front of the proxy, and takes no more for it than it may.
    let taken = 0;
    let limit = Infinity;
    let gate!: Socket;
    const { port: front } = await tcpServer((socket) => {
      const far = connect(secure.port, '127.0.0.1').on('error', () => undefined);
      far.on('data', (data) => socket.write(data));
      socket.on('close', () => far.destroy());
      gate = socket.on('data', (data) => {
        far.write(data);
        taken += data.length;
        if (taken >= limit) socket.pause();
      });
    });
    const connection = open(front, { proxyContext: trusting() });
    connection.setTunnel('localhost', port);
    await connection.connect();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    connection.timeout = 160;
    limit = taken;
    let failure: unknown;
    const sending = connection.request('PUT', '/', { body: large }).catch((error: unknown) => {
      failure = error;
    });
    for (let part = 0; part < 3; part++) {
      vi.advanceTimersByTime(150);
      // More than the system buffers: it has taken some, too.
      limit = taken + 12_000_000;
      gate.resume();
      await until(() => taken >= limit || failure !== undefined);
      expect(failure).toBeUndefined();
    }
    limit = Infinity;
    gate.resume();
    await sending;
    expect(await (await connection.getResponse()).text()).toBe('done');
  });
});
