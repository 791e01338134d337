import { createServer } from 'node:http';
import { createServer as createHTTPSServer } from 'node:https';
import { connect, createServer as createTCPServer } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { generate } from 'selfsigned';
import { describe, expect, onTestFinished, test } from 'vitest';

import { PROXIES } from '../../packages/connection/src/testdata/proxies-programs.js';
import { REQUIRED } from '../../tests/support/programs.js';
import { PASSWORD, USER } from '../../tests/support/squid.js';
import { listen, run, temporaryFolder } from './testdata/stage.js';
import { throughProxy } from './tunnel.js';

/** A server that responds with the target, and with the proxy's password if it received one. */
const server = (): ReturnType<typeof createServer> =>
  createServer((request, response) =>
    response.end(`${request.url} ${request.headers['proxy-authorization'] ?? 'no password'}`),
  );

describe.each(PROXIES)('$name', (program) => {
  test.skipIf(program.missing !== undefined && !REQUIRED)(
    'opens a tunnel after asking for the password',
    async () => {
      const port = await listen(server());
      const proxy = await program.start('basic', [port]);
      onTestFinished(() => proxy.close());
      const at = (user: string): string => `http://${user}127.0.0.1:${proxy.port}`;
      const target = `http://127.0.0.1:${port}/words?a=b`;
      expect(await run('tunnel', [at(`${USER}:${PASSWORD}@`), target])).toEqual({
        code: 0,
        stdout: '200 "OK"\n"/words?a=b no password"\n',
        stderr: '',
      });
      const wrong = await run('tunnel', [at(`${USER}:swallow@`), target]);
      expect(wrong).toMatchObject({ code: 1, stdout: '' });
      const without = await run('tunnel', [at(''), target]);
      expect(without).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringContaining('the proxy requires authentication') as string,
      });
    },
  );
});

/** A proxy that requires `credentials` if there are any; and what it received before it opened a tunnel. */
async function embedded(
  credentials?: string,
  scheme = 'Basic realm="x"',
): Promise<{ port: number; heads: string[] }> {
  const heads: string[] = [];
  const proxy = createTCPServer((near) => {
    near.on('error', () => undefined);
    const onHead = (data: Buffer): void => {
      const head = data.toString('latin1');
      heads.push(head);
      if (
        credentials !== undefined &&
        !head.includes(`\r\nProxy-Authorization: Basic ${btoa(credentials)}\r\n`)
      ) {
        near.write(`HTTP/1.1 407 Who\r\nProxy-Authenticate: ${scheme}\r\nContent-Length: 0\r\n\r\n`);
        return;
      }
      near.off('data', onHead);
      const [, host = '', port = ''] = /^CONNECT (.*):(\d+) HTTP/.exec(head) ?? [];
      const far = connect(Number(port), host, () => {
        near.write('HTTP/1.1 200 Connection established\r\n\r\n');
        near.pipe(far).pipe(near);
      });
      far.on('error', () => near.destroy());
    };
    near.on('data', onHead);
  });
  return { port: await listen(proxy), heads };
}

test('sends the password only to the proxy, once it asks, and does not try it twice', async () => {
  const port = await listen(server());
  const { port: proxy, heads } = await embedded('arthur:holy grail');
  const target = `http://127.0.0.1:${port}/`;
  expect(await run('tunnel', [`http://arthur:holy%20grail@127.0.0.1:${proxy}`, target])).toMatchObject({
    code: 0,
    stdout: '200 "OK"\n"/ no password"\n',
  });
  expect(heads.map((head) => head.includes('Proxy-Authorization'))).toEqual([false, true]);
  heads.length = 0;
  expect(await run('tunnel', [`http://arthur:wrong@127.0.0.1:${proxy}`, target])).toMatchObject({ code: 1 });
  expect(heads).toHaveLength(2);
});

test('sends the password again on each new connection', async () => {
  const port = await listen(server());
  const { port: proxy, heads } = await embedded('a:b');
  const connection = throughProxy(
    new URL(`http://a:b@127.0.0.1:${proxy}`),
    new URL(`http://127.0.0.1:${port}`),
  );
  for (let round = 0; round < 2; round++) {
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    expect(await response.text()).toBe('/ no password');
    connection.close();
  }
  expect(heads).toHaveLength(4);
});

test('does not send the password for an unsupported scheme', async () => {
  const { port, heads } = await embedded('a:b', 'Negotiate, Digest realm="basic", nonce="1"');
  const { code, stderr } = await run('tunnel', [`http://a:b@127.0.0.1:${port}`, 'http://127.0.0.1:1/']);
  expect(code).toBe(1);
  expect(stderr).toContain('the proxy requires authentication and rejected the credentials');
  expect(heads).toHaveLength(1);
});

test('ends after the beginning of a response that has no end', async () => {
  const endless = createServer((_, response) => {
    response.writeHead(200, { Connection: 'close' }).write('x'.repeat(70_000));
  });
  const { port: proxy } = await embedded();
  const target = `http://127.0.0.1:${await listen(endless)}/`;
  expect(await run('tunnel', [`http://127.0.0.1:${proxy}`, target])).toMatchObject({ code: 0, stderr: '' });
});

test('with https the proxy cannot read the exchange', async () => {
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  const file = join(temporaryFolder(), 'ca.pem');
  writeFileSync(file, made.cert);
  const secret = createHTTPSServer({ cert: made.cert, key: made.private }, (_, response) =>
    response.end('secret'),
  );
  const port = await listen(secret);
  const { port: proxy, heads } = await embedded();
  expect(
    await run('tunnel', [`http://127.0.0.1:${proxy}`, `https://127.0.0.1:${port}/path`], {
      NODE_EXTRA_CA_CERTS: file,
    }),
  ).toEqual({ code: 0, stdout: '200 "OK"\n"secret"\n', stderr: '' });
  expect(heads.join('')).toMatch(new RegExp(`^CONNECT 127\\.0\\.0\\.1:${port} `));
  expect(heads.join('')).not.toContain('/path');
});
