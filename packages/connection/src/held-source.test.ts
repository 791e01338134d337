import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';

import { expect, onTestFinished, test } from 'vitest';

import { connectTCP, HTTPConnection } from './index.js';
import { scriptedConnector, scriptedTransport } from './testing.js';
import { rejection } from './testdata/stage.js';

// A Node stream that something else sets flowing before its first block is sent: what it dropped would be missing.

test.each(['connection', '100'])(
  'the output of a child process that exits while the %s is awaited is sent whole',
  async (awaited) => {
    const server = createServer((request, response) => request.pipe(response));
    onTestFinished(() => void server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const child = spawn(process.execPath, ['-e', 'console.log("all of it")'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit').then(() => new Promise(setImmediate)); // Node resumes its output meanwhile
    server.on('checkContinue', (request, response) => {
      void exited.then(() => {
        response.writeContinue();
        request.pipe(response);
      });
    });
    const connection = new HTTPConnection('127.0.0.1', (server.address() as AddressInfo).port, {
      continueTimeout: 60_000,
      connector: async (target) => {
        if (awaited === 'connection') await exited;
        return connectTCP(target);
      },
    });
    onTestFinished(() => {
      connection.close();
    });
    const headers = awaited === '100' ? { Expect: '100-continue' } : {};
    await connection.request('POST', '/', { body: child.stdout, headers });
    expect(await (await connection.getResponse()).text()).toBe('all of it\n');
  },
);

test.each<[by: string, fail: (connection: HTTPConnection, body: PassThrough) => Promise<unknown>]>([
  ['request', (connection, body) => connection.request('POST', '/', { body })],
  [
    'send',
    async (connection, body) => {
      connection.putRequest('POST', '/');
      const begun = rejection(connection.endHeaders());
      const sent = connection.send(body);
      await begun;
      await sent;
    },
  ],
])('a stream that %s could not send is let go: it can be piped elsewhere', async (_by, fail) => {
  const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', syscall: 'connect' });
  const connection = new HTTPConnection('a.example', 80, { connector: scriptedConnector([refused]) });
  const body = new PassThrough();
  body.end('all of it');
  expect(await rejection(fail(connection, body))).toMatchObject({ delivery: 'unsent' });
  expect(body.listenerCount('resume')).toBe(0);
  expect(await text(body.pipe(new PassThrough()))).toBe('all of it');
});

test.each<
  [by: string, name: string, refuse: (connection: HTTPConnection, body: PassThrough) => Promise<unknown>]
>([
  [
    'a request that a generator of the fields has made',
    'CannotSendRequest',
    (connection, body) => {
      const headers = function* (): Generator<[string, string]> {
        void connection.request('GET', '/');
        yield ['A', 'b'];
      };
      return connection.request('POST', '/', { body, headers: headers() });
    },
  ],
  [
    'a getter that closes the connection',
    'CannotSendHeader',
    (connection, body) => {
      connection.putRequest('POST', '/');
      return connection.endHeaders(body, {
        get encodeChunked() {
          connection.close();
          return true;
        },
      });
    },
  ],
])('so is one that is refused because of %s', async (_by, name, refuse) => {
  const connection = new HTTPConnection('a.example', 80, {
    connector: scriptedConnector([scriptedTransport([])]),
  });
  const body = new PassThrough();
  body.end('all of it');
  expect(await rejection(refuse(connection, body))).toMatchObject({ name });
  expect(body.listenerCount('resume')).toBe(0);
  expect(await text(body.pipe(new PassThrough()))).toBe('all of it');
  connection.close();
});
