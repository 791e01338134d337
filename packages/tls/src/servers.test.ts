import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { IncompleteRead } from '@http-client/errors';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';

import { found, freePort } from '../../../tests/support/programs.js';
import { describeWith, start, type Program } from './testdata/programs.js';
import { CARRIERS, get, open, rejection, trusting } from './testdata/stage.js';

// TLS implementations other than Node's, each in its own process, on the loopback interface.

const openssl = found('version', 'openssl');
const nginx = found('-v', 'nginx');

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

describeWith('openssl', { openssl }, () => {
  const run = async (args: readonly string[], stdout?: 'pipe'): ReturnType<typeof start> => {
    const files = ['-cert', 'cert.pem', '-key', 'key.pem', '-CAfile', 'root.pem'];
    const listening = (free: number): string[] => ['s_server', '-accept', `127.0.0.1:${free}`];
    const server = await start(openssl, folder, (free) => [...listening(free), ...files, ...args], stdout);
    onTestFinished(() => server.close());
    return server;
  };
  const serve = async (...args: readonly string[]): Promise<number> => (await run(args)).port;

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

  // KeyUpdate (RFC 8446, section 4.6.3): a command on its console, which also shows the messages.
  describe.each(Object.entries(CARRIERS))('over %s', (_name, connector) => {
    test.each([
      ['', 'k', false],
      [', and asks for one in return', 'K', true],
    ])('the server takes another key at any time%s', async (_what, command, asked) => {
      const { port, child } = await run(['-tls1_3', '-msg'], 'pipe');
      const stdin = child.stdin!;
      const stdout = child.stdout!.setEncoding('latin1');
      let shown = '';
      stdout.on('data', (text: string) => (shown += text));
      const count = (kind: RegExp): number => Array.from(shown.matchAll(kind)).length;
      const messages = async (kind: RegExp, wanted: number): Promise<void> => {
        while (count(kind) < wanted) await once(stdout, 'data');
      };
      let updates = 0;
      const update = async (): Promise<void> => {
        stdin.write(`${command}\n`);
        await messages(/>>> .*, KeyUpdate/g, ++updates);
      };

      let informed!: () => void;
      const interim = new Promise<void>((resolve) => (informed = resolve));
      const connection = open(port, { connector, onInformational: informed });
      await connection.connect();
      await messages(/<<< .*, Finished/g, 1);
      await update();
      await connection.request('GET', '/');
      await update();
      const answered = connection.getResponse();
      stdin.write('HTTP/1.1 103 Early Hints\n\n');
      await interim;
      await update();
      stdin.write('HTTP/1.1 200 OK\nContent-Length: 12\n\nhello\n');
      const response = await answered;
      expect(Buffer.from(await response.read(6)).toString()).toBe('hello\n');
      await update();
      stdin.write('again\n');
      expect(await response.text()).toBe('again\n');
      await update();
      expect(connection.reusable).toBe(true);
      await connection.request('GET', '/');
      stdin.write('HTTP/1.1 200 OK\nContent-Length: 6\n\nhello\n');
      expect(await (await connection.getResponse()).text()).toBe('hello\n');
      // An answer is due before the client's next bytes; one may answer several requests that were read together.
      await messages(/^GET \/ /gm, 2);
      const answers = count(/<<< .*, KeyUpdate/g);
      if (asked) expect(answers).toBeGreaterThanOrEqual(1);
      expect(answers).toBeLessThanOrEqual(asked ? updates : 0);
    });
  });

  test('another protocol by ALPN', async () => {
    const port = await serve('-www', '-alpn', 'h2');
    const error = await rejection(
      get(open(port, { context: trusting({ ALPNProtocols: ['h2', 'http/1.1'] }) })),
    );
    expect(error.message).toContain('"h2"');
  });
});

describeWith('nginx', { nginx }, () => {
  let running: Program | undefined;
  let plain: number;
  let mutual: number;

  const configuration = (): string => `
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
`;

  beforeAll(async () => {
    const file = join(folder, 'nginx.conf');
    plain = await freePort();
    running = await start(nginx, folder, (port) => {
      mutual = port;
      writeFileSync(file, configuration());
      return ['-p', folder, '-e', 'stderr', '-c', file];
    });
  });
  afterAll(() => running?.close());

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

  test('a response before the body has been sent', async () => {
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
