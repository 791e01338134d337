import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import { join } from 'node:path';

import { expect, onTestFinished, test, vi } from 'vitest';

import { Daemon } from './docker.js';
import { listen, run, start, temporaryFolder } from './testdata/stage.js';

const CONTAINERS = [
  { Id: '8dfafdbc3a40'.padEnd(64, '0'), Names: ['/web'], Image: 'nginx:latest', State: 'running' },
  { Id: '9cd87474be90'.padEnd(64, '0'), Names: ['/db', '/web/db'], Image: 'postgres', State: 'exited' },
];
const happened = (action: string): string =>
  `${JSON.stringify({ Type: 'container', Action: action, Actor: { ID: '8dfafdbc3a40' } })}\n`;

/** A stand-in for the daemon, with the part of Docker's API that is used here; and the requests that it received. */
async function daemon(
  events: RequestListener = () => undefined,
): Promise<{ address: string; asked: string[] }> {
  const path = join(temporaryFolder(), 'docker.sock');
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.host}`);
    response.setHeader('Api-Version', '1.47');
    if (request.url === '/_ping') response.end();
    else if (request.url === '/v1.47/containers/json?all=true') response.end(JSON.stringify(CONTAINERS));
    else if (request.url === '/v1.47/events') events(request, response);
    else response.writeHead(404).end('{"message":"page not found"}');
  });
  await listen(server, path);
  return { address: `unix://${path}`, asked };
}

test('lists the containers', async () => {
  const { address, asked } = await daemon();
  const { code, stdout, stderr } = await run('docker', [address]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(
    '"8dfafdbc3a40" "running" "nginx:latest" "/web"\n"9cd87474be90" "exited" "postgres" "/db /web/db"\n',
  );
  expect(asked).toEqual(['HEAD /_ping localhost', 'GET /v1.47/containers/json?all=true localhost']);
});

test('a call may be repeated after one that could not be sent', async () => {
  const path = join(temporaryFolder(), 'docker.sock');
  let connections = 0;
  // Had time passed since the response, the request would first look whether its connection is gone.
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const server = createSocketServer((socket) => {
    const restarts = ++connections === 1;
    socket.on('data', () => {
      // With the connection gone before the response is read, the next request cannot be written.
      socket.write('HTTP/1.1 200 OK\r\nApi-Version: 1.47\r\nContent-Length: 2\r\n\r\n');
      if (restarts) socket.destroy();
      else socket.write('[]');
    });
  });
  await listen(server, path);
  const patient = new Daemon(path);
  await expect(patient.containers()).rejects.toMatchObject({ code: 'EPIPE' });
  expect(await patient.containers()).toEqual([]);
  patient.close();
});

test.each(['in chunks', 'without a length'])(
  'follows events %s, however split, until Ctrl+C',
  async (how) => {
    let more!: (text: string) => void;
    const { address } = await daemon((_, response) => {
      response.useChunkedEncodingByDefault = how === 'in chunks';
      more = (text) => response.write(text);
      more(happened('create') + happened('start').slice(0, 20));
    });
    const { child, lines, ended } = start('docker', [address, '--follow']);
    expect(await lines.next()).toMatchObject({ value: '"container" "create" "8dfafdbc3a40"' });
    more(happened('start').slice(20));
    expect(await lines.next()).toMatchObject({ value: '"container" "start" "8dfafdbc3a40"' });
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
  },
);

test('quotes the message of a daemon that refuses', async () => {
  const { address } = await daemon((_, response) =>
    response.writeHead(500).end('{"message":"out of \x1b[31mluck"}'),
  );
  const { code, stderr } = await run('docker', [address, '--follow']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/500 "Internal Server Error": /);
  expect(stderr).not.toContain('\x1b');
});

test('fails when the daemon ends while events are followed', async () => {
  const { address } = await daemon((request, response) => {
    response.write(happened('die'), () => request.socket.destroy());
  });
  const { code, stdout } = await run('docker', [address, '--follow']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '"container" "die" "8dfafdbc3a40"\n' });
});

test('names another kind of server on the socket', async () => {
  const path = join(temporaryFolder(), 'other.sock');
  await listen(
    createServer((_, response) => response.end('hello')),
    path,
  );
  expect(await run('docker', [`unix://${path}`])).toMatchObject({
    code: 1,
    stderr: 'docker: not a Docker-compatible daemon: its Api-Version is ""\n',
  });
});

test('explains a path that is not a socket, or does not exist', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  const results = await Promise.all(
    [join(folder, 'file'), join(folder, 'nothing')].map((path) => run('docker', [`unix://${path}`])),
  );
  expect(results.map(({ code }) => code)).toEqual([1, 1]);
  expect(results[0]!.stderr).toMatch(/nothing is listening on the socket|the path is not a socket/);
  expect(results[1]!.stderr).toBe('docker: there is no such socket: is the daemon installed?\n');
});
