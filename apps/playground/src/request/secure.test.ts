import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';

import { generate } from 'selfsigned';
import { beforeAll, describe, expect, test } from 'vitest';

import { request, run, temporaryFolder, text } from '../testing/cli.js';
import { nowhere, serve, serveProxy, serveRaw, serveSecure } from '../testing/servers.js';

/** A self-signed certificate for 127.0.0.1. */
let identity: { cert: string; key: string };

beforeAll(async () => {
  const made = await generate([{ name: 'commonName', value: 'playground' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  identity = { cert: made.cert, key: made.private };
});

/** A folder that contains the certificate and its key. */
function files(): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'cert.pem'), identity.cert);
  writeFileSync(join(folder, 'key.pem'), identity.key);
  writeFileSync(join(folder, 'both.pem'), `${identity.cert}\n${identity.key}`);
  writeFileSync(join(folder, 'none.pem'), 'no certificate');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(join(folder, 'other.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return folder;
}

const hello: RequestListener = (message, response) => {
  response.end(`hello ${message.url ?? ''} ${message.headers.host ?? ''}`);
};
const origin = (): Promise<string> => serveSecure(identity, hello);
const answered = (url: string): string => `HTTP/1.1 200 OK\n\nhello /x ${url.replace(/^https?:\/\//, '')}`;
const withUser = (url: string, user: string): string => url.replace('//', `//${user}@`);

/** A user and a password that must be encoded, and their form in Basic. */
const USER = 'm%40e:s%3Aecr%2Fet';
const CREDENTIALS = Buffer.from('m@e:s:ecr/et').toString('base64');

describe('https://', () => {
  test.each([
    ['the certificate is trusted', ['--ca', 'cert.pem']],
    ['the certificate is not checked', ['--insecure']],
  ])('%s', async (_name, args) => {
    const url = await origin();
    const result = await run(request('GET', `${url}/x`, ...args), { cwd: files() });
    expect({ ...result, stdout: text(result) }).toEqual({ code: 0, stderr: '', stdout: answered(url) });
  });

  test('a name that is not in the certificate is rejected, except with --insecure', async () => {
    const url = (await origin()).replace('127.0.0.1', 'localhost');
    const cwd = files();
    const refused = await run(request('GET', `${url}/x`, '--ca', 'cert.pem'), { cwd });
    expect(refused.stderr).toMatch(/^http-client: Cannot trust .*: it is for another host .*--insecure.*\n$/);
    expect(refused.code).toBe(1);
    const taken = await run(request('GET', `${url}/x`, '--insecure'), { cwd });
    expect(text(taken)).toBe(answered(url));
  });

  test.each([
    ['its key in a separate file', ['--cert', 'cert.pem', '--key', 'key.pem']],
    ['its key in the same file', ['--cert', 'both.pem']],
  ])('the client certificate, %s', async (_name, args) => {
    const url = await serveSecure(
      { ...identity, ca: identity.cert, requestCert: true, rejectUnauthorized: false },
      ({ socket }, response) => {
        response.end(socket instanceof TLSSocket ? socket.getPeerCertificate().subject.CN : 'no TLS');
      },
    );
    const result = await run(request('GET', url, '--ca', 'cert.pem', ...args), { cwd: files() });
    expect({ stdout: text(result), stderr: result.stderr }).toEqual({
      stdout: 'HTTP/1.1 200 OK\n\nplayground',
      stderr: '',
    });
  });

  test('--debug prints what is sent and received within TLS', async () => {
    const result = await run(request('GET', `${await origin()}/x`, '--insecure', '--debug'));
    expect(text(result)).toMatch(/^send: 'GET \/x HTTP\/1\.1\\r\\nHost: 127\.0\.0\.1:/m);
    expect(text(result)).toMatch(/^reply: 'HTTP\/1\.1 200 OK\\r\\n'$/m);
  });
});

describe('--proxy', () => {
  test.each([
    ['https, no user', origin, undefined],
    ['https, a user', origin, CREDENTIALS],
    ['http, no user', () => serve(hello), undefined],
    ['http, a user', () => serve(hello), CREDENTIALS],
  ])('%s', async (_name, start, credentials) => {
    const url = await start();
    const proxy = await serveProxy(credentials);
    const via = credentials === undefined ? proxy.url : withUser(proxy.url, USER);
    const trust = url.startsWith('https:') ? ['--ca', 'cert.pem'] : [];
    const result = await run(request('GET', `${url}/x`, '--proxy', via, ...trust), { cwd: files() });
    expect({ ...result, stdout: text(result) }).toEqual({ code: 0, stderr: '', stdout: answered(url) });
    expect(proxy.asked).toHaveLength(1);
    expect(proxy.asked[0]).toContain(`CONNECT ${url.replace(/^https?:\/\//, '')} HTTP/1.1\r\n`);
    expect(proxy.asked[0]?.includes('Proxy-Authorization')).toBe(credentials !== undefined);
  });

  test.each([
    ['https, no user', origin, undefined, ['--ca', 'cert.pem']],
    ['https, a user', origin, CREDENTIALS, ['--insecure']],
    ['http, no user', () => serve(hello), undefined, []],
    ['http, a user', () => serve(hello), CREDENTIALS, []],
  ])('TLS to the proxy itself: %s', async (_name, start, credentials, args) => {
    const url = await start();
    const proxy = await serveProxy(credentials, {
      ...identity,
      ca: identity.cert,
      requestCert: true,
      rejectUnauthorized: true,
    });
    const via = credentials === undefined ? proxy.url : withUser(proxy.url, USER);
    const shown = ['--proxy-ca', 'cert.pem', '--proxy-cert', 'cert.pem', '--proxy-key', 'key.pem'];
    const result = await run(request('GET', `${url}/x`, '--proxy', via, ...shown, ...args), { cwd: files() });
    expect({ ...result, stdout: text(result) }).toEqual({ code: 0, stderr: '', stdout: answered(url) });
    expect(proxy.asked).toHaveLength(1);
    expect(proxy.asked[0]?.includes('Proxy-Authorization')).toBe(credentials !== undefined);
  });

  test('--debug prints the CONNECT, but no password', async () => {
    const url = await serve(hello);
    const open = await run(request('GET', url, '--debug', '--proxy', (await serveProxy()).url));
    expect(text(open)).toMatch(/^send: 'CONNECT 127\.0\.0\.1:/m);
    expect(text(open)).toMatch(/^send: 'GET \/ /m);

    const proxy = withUser((await serveProxy(CREDENTIALS)).url, USER);
    const closed = await run(request('GET', url, '--debug', '--proxy', proxy));
    expect(closed.code).toBe(0);
    expect(text(closed)).toMatch(/^send: 'CONNECT .*\\r\\nProxy-Authorization: \[hidden\]\\r\\n/m);
    expect(text(closed)).toMatch(/^send: 'GET \/ /m);
    expect(text(closed)).not.toContain(CREDENTIALS);
  });

  test.each([
    ['refuses', 'HTTP/1.1 403 No Way\r\nContent-Length: 0\r\n\r\n'],
    ['closes the tunnel at once', 'HTTP/1.1 200 OK\r\n\r\n'],
    ['says nothing', ''],
  ])('the password is never printed if the proxy %s', async (_name, answer) => {
    const proxy = withUser(await serveRaw((socket) => socket.end(answer)), USER);
    const { code, stdout, stderr } = await run(
      request('GET', 'http://origin.example/', '--debug', '--proxy', proxy),
    );
    expect(stderr).toMatch(/^http-client: .+\n$/);
    expect(stdout.toString() + stderr).not.toMatch(/ecr/i);
    expect(stdout.toString() + stderr).not.toContain(CREDENTIALS);
    expect(code).toBe(1);
  });
});

describe('errors: one line and exit code 1', () => {
  const anywhere = (): Promise<string> => Promise.resolve('https://origin.example');

  test.each<[string, () => Promise<string>, () => string[] | Promise<string[]>, RegExp]>([
    [
      'an untrusted certificate',
      origin,
      () => [],
      /^Cannot trust the certificate of 127\.0\.0\.1:\d+: .*\(DEPTH_ZERO_SELF_SIGNED_CERT\); use --ca FILE .*--insecure/,
    ],
    [
      'the same through a proxy',
      origin,
      async () => ['--proxy', (await serveProxy()).url],
      /^Cannot trust the certificate of 127\.0\.0\.1:\d+: .*--ca FILE .*--insecure/,
    ],
    [
      'a server of plain HTTP',
      async () => (await serve(hello)).replace('http:', 'https:'),
      () => [],
      /^Cannot use TLS with 127\.0\.0\.1:\d+: /,
    ],
    [
      'a proxy that requires a password',
      anywhere,
      async () => ['--proxy', (await serveProxy(CREDENTIALS)).url],
      /the proxy refused it with "407 Who Are You"/,
    ],
    [
      'a proxy that requires another password',
      anywhere,
      async () => ['--proxy', withUser((await serveProxy(CREDENTIALS)).url, 'me:wrong')],
      /^(?!.*wrong).*the proxy refused it with "407 Who Are You"/,
    ],
    [
      'no proxy',
      anywhere,
      async () => ['--proxy', await nowhere()],
      /^Cannot connect to the proxy 127\.0\.0\.1:\d+: nothing listens there/,
    ],
    [
      'an untrusted proxy over TLS, whatever the options for the server',
      origin,
      async () => ['--proxy', (await serveProxy(undefined, identity)).url, '--insecure'],
      /^Cannot trust the certificate of the proxy 127\.0\.0\.1:\d+: .*; use --proxy-ca FILE .*, or --proxy-insecure/,
    ],
    [
      'an untrusted server, whatever the options for the proxy',
      origin,
      async () => ['--proxy', (await serveProxy(undefined, identity)).url, '--proxy-insecure'],
      /^Cannot trust the certificate of 127\.0\.0\.1:\d+: .*; use --ca FILE .*, or --insecure/,
    ],
    [
      'a plain HTTP proxy in an https:// URL',
      anywhere,
      async () => ['--proxy', (await serve(hello)).replace('http:', 'https:')],
      /^Cannot use TLS with the proxy 127\.0\.0\.1:\d+: /,
    ],
    [
      'no proxy over TLS',
      anywhere,
      async () => ['--proxy', (await nowhere()).replace('http:', 'https:')],
      /^Cannot connect to the proxy 127\.0\.0\.1:\d+: nothing listens there/,
    ],
    [
      'TLS to a proxy that speaks none',
      anywhere,
      async () => ['--proxy', await nowhere(), '--proxy-ca', 'cert.pem'],
      /^Cannot use --proxy-ca for an http:\/\/ proxy: there is no TLS$/,
    ],
    [
      'TLS to no proxy',
      anywhere,
      () => ['--proxy-insecure'],
      /^Cannot use --proxy-insecure without --proxy: there is no TLS$/,
    ],
    [
      'an authority of the proxy that is not there',
      anywhere,
      () => ['--proxy', 'https://localhost:1', '--proxy-ca', 'nosuch.pem'],
      /^Cannot read "nosuch\.pem" as --proxy-ca: there is no such file or folder \(ENOENT\)$/,
    ],
    [
      'a key for the proxy alone',
      anywhere,
      () => ['--proxy', 'https://localhost:1', '--proxy-key', 'key.pem'],
      /^Cannot use --proxy-key without --proxy-cert/,
    ],
    [
      'a proxy URL that is none',
      anywhere,
      () => ['--proxy', 'me:secret@localhost'],
      /^(?!.*secret)Cannot use the URL of the proxy: it does not begin with http:/,
    ],
    [
      'an authority that is not there',
      anywhere,
      () => ['--ca', 'nosuch.pem'],
      /^Cannot read "nosuch\.pem" as --ca: there is no such file or folder \(ENOENT\)$/,
    ],
    [
      'an authority that is none',
      anywhere,
      () => ['--ca', 'none.pem'],
      /^Cannot use "none\.pem" as --ca: there is no certificate in it/,
    ],
    [
      'a certificate that is not there',
      anywhere,
      () => ['--cert', 'nosuch.pem'],
      /^Cannot read "nosuch\.pem" as --cert: there is no such file or folder \(ENOENT\)$/,
    ],
    [
      'a key that is not there',
      anywhere,
      () => ['--cert', 'cert.pem', '--key', 'nosuch.pem'],
      /^Cannot read "nosuch\.pem" as --key: there is no such file or folder \(ENOENT\)$/,
    ],
    [
      'a key that is none',
      anywhere,
      () => ['--cert', 'cert.pem', '--key', 'none.pem'],
      /^Cannot use "none\.pem" as --key: there is no key in it that can be read \(PEM\) \(ERR/,
    ],
    [
      'a key of another certificate',
      anywhere,
      () => ['--cert', 'cert.pem', '--key', 'other.pem'],
      /^Cannot use "cert\.pem" and "other\.pem" as certificate and key: the key is that of another certificate \(ERR/,
    ],
    [
      'a certificate that is none',
      anywhere,
      () => ['--cert', 'none.pem', '--key', 'key.pem'],
      /^Cannot use "none\.pem" as --cert: there is no certificate in it \(PEM\) \(ERR/,
    ],
    [
      'a certificate without its key',
      anywhere,
      () => ['--cert', 'cert.pem'],
      /^Cannot use "cert\.pem" without --key: there is no key in it that can be read \(PEM\) \(ERR/,
    ],
    ['a key alone', anywhere, () => ['--key', 'key.pem'], /^Cannot use --key without --cert/],
    [
      'TLS where none is spoken',
      () => Promise.resolve('http://origin.example'),
      () => ['--insecure'],
      /^Cannot use --insecure for an http:\/\/ URL/,
    ],
  ])('%s', async (_name, server, args, message) => {
    const { code, stdout, stderr } = await run(request('GET', await server(), ...(await args())), {
      cwd: files(),
    });
    expect(stderr).toMatch(/^http-client: .+\n$/);
    expect(stderr.slice('http-client: '.length, -1)).toMatch(message);
    expect(stderr.slice(0, -1)).not.toMatch(/\p{Cc}/u);
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 1, stdout: '' });
  });
});
