import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { expect, test } from 'vitest';

import { mayRepeat, poll } from './poll.js';
import { listen, listenAndDawdle, run, start } from './testdata/stage.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that answers each request with the next of these, the last one repeatedly; and the connection of each. */
async function stage(...answers: Answer[]): Promise<{ url: string; connections: number[] }> {
  const connections: number[] = [];
  const numbers = new Map<unknown, number>();
  const server = createServer((request, response) => {
    if (!numbers.has(request.socket)) numbers.set(request.socket, numbers.size + 1);
    connections.push(numbers.get(request.socket)!);
    const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
    answer(request, response);
  });
  return { url: `http://127.0.0.1:${await listen(server)}/`, connections };
}

const say =
  (text: string): Answer =>
  (_, response) =>
    response.end(text);
/** Reads the request, and closes the connection. */
const vanish: Answer = (request) => request.socket.destroy();

test('uses one connection for all requests', async () => {
  const { url, connections } = await stage(say('steady'));
  const { code, stdout } = await run('poll', [url, '--every', '1', '--count', '5']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '200 "steady"\n'.repeat(5) });
  expect(connections).toEqual([1, 1, 1, 1, 1]);
});

test('an unchanged body is not transferred again', async () => {
  const { url } = await stage((request, response) => {
    if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end();
    else response.setHeader('ETag', '"1"').end('long');
  });
  const { stdout } = await run('poll', [url, '--every', '1', '--count', '3']);
  expect(stdout).toBe('200 "long"\n304 unchanged\n304 unchanged\n');
});

test('a connection closed between two requests is reopened without an error', async () => {
  const { url, connections } = await stage(
    (_, response) => response.setHeader('Connection', 'close').end('1'),
    say('2'),
    say('3'),
  );
  const { code, stdout, stderr } = await run('poll', [url, '--every', '1', '--count', '3']);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '200 "1"\n200 "2"\n200 "3"\n', stderr: '' });
  expect(connections).toEqual([1, 2, 2]);
});

test('a GET without a response is repeated, a POST is not', async () => {
  const { url, connections } = await stage(say('1'), vanish, say('2'));
  const { code, stdout, stderr } = await run('poll', [url, '--every', '1', '--count', '2']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '200 "1"\n200 "2"\n' });
  expect(stderr).toMatch(/^poll: retrying after .*closed.*\n$/);
  expect(connections).toEqual([1, 1, 2]);

  const other = await stage(vanish, say('acted twice'));
  const result = await run('poll', [other.url, '--every', '1', '--count', '1', '--method', 'POST']);
  expect(result).toMatchObject({ code: 1, stdout: '' });
  expect(other.connections).toHaveLength(1);
});

test('an unreachable server is tried four times', async () => {
  const { code, stderr } = await run('poll', ['http://127.0.0.1:1/', '--count', '1']);
  expect(code).toBe(1);
  expect(stderr.match(/^poll: retrying after/gm)).toHaveLength(3);
  expect(stderr).toMatch(/\npoll: connect ECONNREFUSED/);
});

test('fails for a body that is too large', async () => {
  const { url } = await stage(say('x'.repeat(2_000_000)));
  const { code, stderr } = await run('poll', [url, '--count', '1']);
  expect(code).toBe(1);
  expect(stderr).toContain('more than 1048576 bytes');
});

test('waits as long as Retry-After asks', async () => {
  const times: number[] = [];
  const { url } = await stage(
    (_, response) => {
      times.push(performance.now());
      response.writeHead(503, { 'Retry-After': '1' }).end('busy');
    },
    (_, response) => {
      times.push(performance.now());
      response.end('back');
    },
  );
  const { stdout } = await run('poll', [url, '--every', '1', '--count', '2']);
  expect(stdout).toBe('503 "busy"\n200 "back"\n');
  // A timer may be up to a millisecond early.
  expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(990);
});

test('Ctrl+C ends it between two requests', async () => {
  const { url } = await stage(say('on'));
  const { child, lines, ended } = start('poll', [url, '--every', '3600000']);
  expect(await lines.next()).toMatchObject({ value: '200 "on"' });
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 0, stderr: '' });
});

test('a signal ends it while a body without a length arrives', async () => {
  const url = new URL(`http://127.0.0.1:${await listenAndDawdle('HTTP/1.1 200 OK\r\n\r\n')}/`);
  const answers = poll(url, { every: 1, signal: AbortSignal.timeout(500) });
  await expect(answers.next()).rejects.toMatchObject({ name: 'TimeoutError' });
});

test.each([
  ['unsent', 'POST', true],
  ['partial', 'POST', false],
  ['sent', 'POST', false],
  ['answered', 'PATCH', false],
  ['partial', 'PUT', true],
  ['sent', 'GET', true],
  ['answered', 'DELETE', true],
  [undefined, 'GET', false],
])('an error with delivery %s of a %s may be repeated: %s', (delivery, method, expected) => {
  expect(mayRepeat(Object.assign(new Error('x'), delivery === undefined ? {} : { delivery }), method)).toBe(
    expected,
  );
});
