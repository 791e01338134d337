import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createHTTPSServer } from 'node:https';
import { createServer as createTCPServer } from 'node:net';
import { join } from 'node:path';

import { generate } from 'selfsigned';
import { expect, test } from 'vitest';

import { check } from './health.js';
import { listen, listenAndDawdle, run, temporaryFolder } from './testdata/stage.js';

/** A server that sends this text on every connection, and keeps it open. */
const saying = (text: string): Promise<number> =>
  listen(
    createTCPServer((socket) => {
      socket.on('error', () => undefined);
      socket.write(text);
    }),
  );

test('checks each server independently, without waiting for slow ones', async () => {
  const connections: (string | undefined)[] = [];
  const well = await listen(
    createServer((request, response) => {
      connections.push(request.headers.connection);
      response.end('fine');
    }),
  );
  const ill = await listen(createServer((_, response) => response.writeHead(503).end()));
  const silent = await saying('');
  const broken = await listen(
    createServer((_, response) => {
      response.writeHead(200, { 'Content-Length': 10 });
      response.write('half', () => response.destroy());
    }),
  );
  const other = await saying('220 mail.example ESMTP\r\n');
  const url = (port: number): string => `http://127.0.0.1:${port}/`;
  const args = [silent, well, ill, broken, other, well, 1].map(url);
  const { code, stdout } = await run('health', [...args, '--within', '4000']);
  expect(code).toBe(1);
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(7);
  const about = (port: number): string => lines.find((line) => line.includes(`:${port}/ `)) ?? '';
  expect(about(well)).toMatch(/^healthy {3}.* \d+ ms: 200 "OK"$/);
  expect(about(ill)).toMatch(/^UNHEALTHY .*: 503 "Service Unavailable"$/);
  expect(about(broken)).toMatch(/^UNHEALTHY .*: the stream ended 6 bytes before the body's end/);
  expect(about(other)).toMatch(/^UNHEALTHY .*"220 mail\.example ESMTP"/);
  expect(about(1)).toMatch(/^UNHEALTHY .*ECONNREFUSED/);
  // The silent server is the first argument, and the last to be known.
  expect(lines.at(-1)).toMatch(new RegExp(`^UNHEALTHY .*:${silent}/ .*: not done within 4000 ms$`));
  // The same server twice: two connections, each for one request.
  expect(connections).toEqual(['close', 'close']);
});

test.each([
  ['its head', 'HTTP/1.1 200 OK\r\n'],
  ['its body', 'HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n'],
])('a server that sends %s very slowly gets no more time than a silent one', async (_, head) => {
  const port = await listenAndDawdle(head);
  const { well, said } = await check(new URL(`http://127.0.0.1:${port}/`), 500);
  expect({ well, said }).toEqual({ well: false, said: 'not done within 500 ms' });
});

test('the caller can end a check', async () => {
  const port = await saying('');
  const controller = new AbortController();
  const checked = check(new URL(`http://127.0.0.1:${port}/`), 60_000, controller.signal);
  controller.abort(new Error('shutting down'));
  expect(await checked).toMatchObject({ well: false });
});

test('a server with an untrusted certificate is unhealthy', async () => {
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  const server = createHTTPSServer({ cert: made.cert, key: made.private }, (_, response) => response.end());
  const url = `https://127.0.0.1:${await listen(server)}/`;
  expect(await run('health', [url])).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('self-signed') as string,
  });
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'ca.pem'), made.cert);
  const trusting = await run('health', [url], { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') });
  expect(trusting).toMatchObject({ code: 0, stderr: '' });
});

test('an invalid URL is reported before anything is checked', async () => {
  const { code, stdout, stderr } = await run('health', ['http://127.0.0.1:1/', 'nonsense']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^health: Cannot use "nonsense" as a URL: /);
});
