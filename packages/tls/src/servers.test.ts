import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { IncompleteRead } from '@http-client/errors';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest';

import { get, open, rejection, TIMEOUT, trusting, until } from './testdata/stage.js';

// TLS by others than Node, each in a process of its own, on the loopback interface.

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** Set where a server that is not there is a failure, and no reason to leave its tests out. */
const REQUIRED = process.env['HTTP_CLIENT_REQUIRE_SERVERS'] === '1';

/** The first of these commands that can be run, if there is one. */
function found(arg: string, ...commands: readonly string[]): string | undefined {
  return commands.find((command) => spawnSync(command, [arg]).status === 0);
}

const openssl = found('version', 'openssl');
// The folder of Debian's is not on everybody's path.
const nginx = found('-v', 'nginx', '/usr/sbin/nginx');

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tls-servers-'));
  const { root, valid } = inject('certificates');
  for (const [name, text] of Object.entries({
    'root.pem': root.cert,
    'cert.pem': valid.cert,
    'key.pem': valid.key,
  })) {
    writeFileSync(join(folder, name), text);
  }
  writeFileSync(join(folder, 'hello.txt'), 'hello');
  writeFileSync(join(folder, 'large.bin'), Buffer.alloc(20_000_000, 'abcdefghij'));
  mkdirSync(join(folder, 'upload'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Runs a server until the test, or the file, is over. */
async function run(command: string, args: readonly string[], port: number): Promise<ChildProcess> {
  const child = spawn(command, args, { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdout.resume();
  const deadline = performance.now() + TIMEOUT;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || performance.now() > deadline) throw new Error(`${command} does not run`);
  }
  return child;
}

function describeServer(name: string, command: string | undefined, tests: (command: string) => void): void {
  const absent = command === undefined && !REQUIRED;
  describe.skipIf(absent)(absent ? `${name} (left out: it is not there)` : name, () => {
    tests(command ?? name);
  });
}

describeServer('openssl', openssl, (command) => {
  const serve = async (...args: readonly string[]): Promise<number> => {
    const port = await freePort();
    const files = ['-cert', 'cert.pem', '-key', 'key.pem', '-CAfile', 'root.pem'];
    const child = await run(command, ['s_server', '-accept', `127.0.0.1:${port}`, ...files, ...args], port);
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    return port;
  };

  test.each(['-tls1_2', '-tls1_3'])('a file, to the end of the stream, %s', async (version) => {
    const port = await serve('-WWW', version);
    expect(await get(open(port), '/hello.txt')).toBe('hello');
    expect(await get(open(port), '/large.bin')).toHaveLength(20_000_000);
  });

  test.each(['-tls1_2', '-tls1_3'])('a session is resumed, %s', async (version) => {
    const port = await serve('-www', version);
    const context = trusting();
    expect(await get(open(port, { context }))).toMatch(/^New, /m);
    expect(await get(open(port, { context }))).toMatch(/^Reused, /m);
  });

  test.each(['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305'])('%s', async (cipher) => {
    const port = await serve('-www', '-tls1_2', '-cipher', cipher);
    expect(await get(open(port))).toContain(`Cipher    : ${cipher}`);
  });

  test.each(['-tls1_2', '-tls1_3'])('a client certificate, %s', async (version) => {
    const port = await serve('-www', version, '-Verify', '1', '-verify_return_error');
    const { client } = inject('certificates');
    expect(await get(open(port, { context: trusting(client) }))).toContain('CN=a client');
    const error = await rejection(get(open(port)));
    expect(error['code']).toMatch(/^(ERR_SSL_.*|ECONNRESET|EPIPE)$/);
  });

  test('another protocol by ALPN', async () => {
    const port = await serve('-www', '-alpn', 'h2');
    const error = await rejection(
      get(open(port, { context: trusting({ ALPNProtocols: ['h2', 'http/1.1'] }) })),
    );
    expect(error.message).toContain('"h2"');
  });
});

describeServer('nginx', nginx, (command) => {
  let child: ChildProcess;
  let plain: number;
  let mutual: number;

  beforeAll(async () => {
    [plain, mutual] = [await freePort(), await freePort()];
    writeFileSync(
      join(folder, 'nginx.conf'),
      `
daemon off;
master_process off;
pid nginx.pid;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  client_max_body_size 0;
  keepalive_requests 100000;
  root "${folder}";
  ssl_certificate cert.pem;
  ssl_certificate_key key.pem;
  ssl_session_cache shared:all:1m;
  add_header X-Reused $ssl_session_reused always;
  add_header X-Requests $connection_requests always;
  server {
    listen 127.0.0.1:${plain} ssl;
    location /close/ { alias "${folder}/"; keepalive_timeout 0; }
    location /chunked/ { alias "${folder}/"; ssi on; ssi_types *; }
    location /refused/ { client_max_body_size 1k; }
    location /upload/ { dav_methods PUT; }
  }
  server {
    listen 127.0.0.1:${mutual} ssl;
    ssl_client_certificate root.pem;
    ssl_verify_client on;
    add_header X-Client $ssl_client_s_dn always;
  }
}
`,
    );
    child = await run(command, ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')], mutual);
    await until(() => child.exitCode === null);
  });

  afterAll(() => {
    child.kill('SIGKILL');
  });

  test('200 requests on one connection, with a length and in chunks', async () => {
    const connection = open(plain);
    for (let count = 1; count <= 200; count++) {
      await connection.request('GET', count % 2 === 0 ? '/hello.txt' : '/chunked/hello.txt');
      const response = await connection.getResponse();
      expect(response.getHeader('X-Requests')).toBe(String(count));
      expect(await response.text()).toBe('hello');
    }
  });

  test.each(['/large.bin', '/chunked/large.bin', '/close/large.bin'])('20 MB: %s', async (path) => {
    expect(await get(open(plain), path)).toBe('abcdefghij'.repeat(2_000_000));
  });

  test('20 MB up', async () => {
    const connection = open(plain);
    await connection.request('PUT', '/upload/1', { body: Buffer.alloc(20_000_000, 'spam') });
    const response = await connection.getResponse();
    expect([response.status, await response.text()]).toEqual([201, '']);
    expect(await get(connection, '/upload/1')).toBe('spam'.repeat(5_000_000));
  });

  test('an answer before the body has been sent', async () => {
    const connection = open(plain);
    const sending = connection.request('PUT', '/refused/', { body: Buffer.alloc(20_000_000) });
    const sent = sending.catch((error: unknown) => error);
    expect((await connection.getResponse()).status).toBe(413);
    connection.close();
    await sent;
  });

  test('a session is resumed', async () => {
    const context = trusting();
    for (const reused of ['.', 'r']) {
      const connection = open(plain, { context });
      await connection.request('GET', '/hello.txt');
      const response = await connection.getResponse();
      expect(response.getHeader('X-Reused')).toBe(reused);
      await response.read();
    }
  });

  test('client certificates', async () => {
    const { client, strangeClient } = inject('certificates');
    for (const [identity, status, name] of [
      [client, 200, 'CN=a client'],
      [strangeClient, 400, 'CN=a stranger'],
      [{}, 400, undefined],
    ] as const) {
      const connection = open(mutual, { context: trusting(identity) });
      await connection.request('GET', '/hello.txt');
      const response = await connection.getResponse();
      expect(response.status).toBe(status);
      if (status === 200) expect(response.getHeader('X-Client')).toBe(name);
      await response.read().catch((error: unknown) => {
        expect(error).toBeInstanceOf(IncompleteRead);
      });
    }
  });
});
