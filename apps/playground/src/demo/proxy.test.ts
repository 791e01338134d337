import { once } from 'node:events';
import { request } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import type { Listening } from '../listen.js';
import { startProxy } from './proxy.js';

/** A proxy that leads to an echo server. */
async function proxy(): Promise<Listening> {
  const echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  await once(echo.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void echo.close());
  const { port } = echo.address() as AddressInfo;
  return startProxy('far.example:443', { host: '127.0.0.1', port });
}

// With another client than the project's own.
function ask({ host, port }: Listening, method: string, path: string): ReturnType<typeof request> {
  const asked = request({ host, port, method, path, agent: false });
  asked.on('error', () => undefined).end();
  return asked;
}

test('opens tunnels to one authority only', async () => {
  const started = await proxy();
  onTestFinished(() => started.close());
  for (const [authority, status] of [
    ['far.example:443', 200],
    ['far.example:80', 403],
    ['127.0.0.1:443', 403],
  ] as const) {
    const [response, socket] = (await once(ask(started, 'CONNECT', authority), 'connect')) as [
      { statusCode: number },
      Socket,
    ];
    expect(response.statusCode).toBe(status);
    if (status === 200) {
      socket.write('spam');
      expect(String((await once(socket, 'data'))[0])).toBe('spam');
    }
    socket.destroy();
  }
  const [response] = (await once(ask(started, 'GET', 'http://far.example/'), 'response')) as [
    { statusCode: number },
  ];
  expect(response.statusCode).toBe(405);
});

test('ends with every tunnel through it', async () => {
  const started = await proxy();
  const [, socket] = (await once(ask(started, 'CONNECT', 'far.example:443'), 'connect')) as [unknown, Socket];
  const closed = once(socket.on('error', () => undefined).resume(), 'close');
  await started.close();
  await closed;
  const late = connect(started.port, started.host);
  const [error] = (await once(late, 'error')) as [{ code: string }];
  expect(error.code).toBe('ECONNREFUSED');
});
