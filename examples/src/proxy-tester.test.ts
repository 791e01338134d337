import { createServer } from 'node:http';
import { createServer as createTCPServer } from 'node:net';

import { expect, test } from 'vitest';

import { REQUESTS } from './proxy-tester.js';
import { nginxAbsent, startNginx } from './testdata/nginx.js';
import { listen, run } from './testdata/stage.js';

test('detects a server that accepts everything, and sends each request as described', async () => {
  const received: { text: string }[] = [];
  // Responds with 200 to anything that looks like a head, and takes the rest for a body.
  const server = createTCPServer((socket) => {
    const request = { text: '' };
    received.push(request);
    let answered = false;
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      request.text += data.toString('latin1');
      if (!request.text.includes('\r\n\r\n') || answered) return;
      answered = true;
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
  });
  const port = await listen(server);
  const { code, stdout } = await run('proxy-tester', [`http://127.0.0.1:${port}/`]);
  expect(code).toBe(1);
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(REQUESTS.length + 1);
  // It closes after each response, which is allowed for one of the requests.
  expect(lines.filter((line) => line.startsWith('right'))).toEqual([
    expect.stringContaining('a length beside chunked'),
  ]);
  const heads = received.map(({ text }) => text.replaceAll('\r', '<CR>').replaceAll('\n', '<LF>'));
  for (const sent of [
    'G(T / HTTP/1.1<CR><LF>',
    'GET /a b HTTP/1.1<CR><LF>',
    'GET /a<CR>b HTTP/1.1<CR><LF>',
    'GET / HTTP/3.0<CR><LF>',
    `GET / HTTP/1.1<CR><LF>Host: other.example<CR><LF>Host: 127.0.0.1:${port}<CR><LF>`,
    'GET / HTTP/1.1<CR><LF>X-Padded : 1<CR><LF>',
    'GET / HTTP/1.1<CR><LF>X-Null: a\0b<CR><LF>',
    'Content-Length: 5<CR><LF>Content-Length: 6<CR><LF>',
  ]) {
    expect(heads).toContainEqual(expect.stringContaining(sent));
  }
  // Every first request has a Host field, except the one that tests its absence.
  const first = heads.map((text) => text.split('<CR><LF><CR><LF>')[0]);
  expect(first.filter((head) => head?.includes('Host: ') === false)).toEqual(['GET / HTTP/1.1']);
});

/** What both servers below refuse; each of them accepts some of the others. */
const REFUSED = [
  'no Host',
  'whitespace before the colon',
  'two lengths',
  'a length with a sign',
  'a length beside chunked',
];

async function judged(port: number): Promise<string[]> {
  const { stdout } = await run('proxy-tester', [`http://127.0.0.1:${port}/`]);
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(REQUESTS.length + 1);
  expect(lines.at(-1)).toMatch(
    /^(all \d+ malformed requests were|\d+ of \d+ malformed requests were not) refused$/,
  );
  return lines;
}

test("Node's http", async () => {
  const server = createServer((request, response) => request.resume().on('end', () => response.end()));
  const lines = await judged(await listen(server));
  for (const name of REFUSED) expect(lines).toContainEqual(expect.stringMatching(`^right ${name} .*: 400$`));
});

test.skipIf(nginxAbsent)('nginx', async () => {
  const { port } = await startNginx();
  const lines = await judged(port);
  for (const name of REFUSED) expect(lines).toContainEqual(expect.stringMatching(`^right ${name} .*: 400$`));
});

test('a server that refuses everything proves nothing', async () => {
  // The program ends, although this response does not.
  const port = await listen(
    createServer((_, response) => response.writeHead(400, { Connection: 'close' }).write('no')),
  );
  const { code, stdout, stderr } = await run('proxy-tester', [`http://127.0.0.1:${port}/`]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('refuses a proper request, too');
});

test('an unreachable server proves nothing', async () => {
  const { code, stdout, stderr } = await run('proxy-tester', ['http://127.0.0.1:1/']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('ECONNREFUSED');
});
