import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { createServer as createTCPServer, type Socket } from 'node:net';

import { describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';

import { listen, run } from './testdata/stage.js';
import { openWebSocket } from './websocket.js';

/** A server of the `ws` library's, which does what `serve` says, and the codes that it was closed with. */
async function stage(serve: (server: WebSocketServer) => void): Promise<{ url: string; closed: number[] }> {
  const http = createServer();
  // With an offer of compression, which is not taken up here.
  const server = new WebSocketServer({ server: http, perMessageDeflate: true });
  const closed: number[] = [];
  server.on('connection', (socket) => {
    socket.on('close', (code) => closed.push(code));
  });
  serve(server);
  return { url: `ws://127.0.0.1:${await listen(http)}/chat?room=1`, closed };
}

const echo = (server: WebSocketServer): void => {
  server.on('connection', (socket) => {
    socket.on('message', (data, binary) => {
      socket.send(data, { binary });
    });
  });
};

describe('with a server of the ws library', () => {
  test('messages are echoed, and both say goodbye', async () => {
    const { url, closed } = await stage(echo);
    const { code, stdout, stderr } = await run('websocket', [url, 'hello', 'größer', 'x'.repeat(200)]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`"hello"\n"größer"\n"${'x'.repeat(200)}"\n`);
    expect(closed).toEqual([1000]);
  });

  test('a server that speaks first loses nothing', async () => {
    const { url } = await stage((server) => {
      server.on('connection', (socket) => {
        socket.send('first');
        socket.send('second');
      });
    });
    const socket = await openWebSocket(new URL(url));
    expect([await socket.receive(), await socket.receive()]).toEqual(['first', 'second']);
    await socket.close();
  });

  test.each([0, 1, 125, 126, 65_535, 65_536, 1_000_000])(
    'a message of %d bytes comes back whole',
    async (length) => {
      const { url } = await stage(echo);
      const socket = await openWebSocket(new URL(url));
      await socket.send('y'.repeat(length));
      expect(await socket.receive()).toBe('y'.repeat(length));
      await socket.close();
    },
  );

  test('fragments are put together, and a ping between them is answered', async () => {
    const ponged: string[] = [];
    const { url } = await stage((server) => {
      server.on('connection', (socket) => {
        socket.on('pong', (data) => ponged.push(data.toString()));
        socket.send('one ', { fin: false });
        socket.ping('there?');
        socket.send('two', { fin: true });
        socket.on('message', () => {
          socket.close(4000);
        });
      });
    });
    const socket = await openWebSocket(new URL(url));
    expect(await socket.receive()).toBe('one two');
    await socket.send('go on');
    // The server says goodbye.
    expect(await socket.receive()).toBeUndefined();
    expect(ponged).toEqual(['there?']);
  });

  test('a message without a bound is not kept', async () => {
    const { url } = await stage((server) => {
      server.on('connection', (socket) => {
        socket.on('error', () => undefined);
        socket.send('z'.repeat(2_000_000));
      });
    });
    const socket = await openWebSocket(new URL(url));
    await expect(socket.receive()).rejects.toThrow('more than 1048576 bytes');
  });
});

const acceptOf = (key: string): string =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');

/** A server that answers the handshake with these fields. */
function answering(fields: (key: string) => string, behind = ''): Promise<number> {
  const server = createTCPServer((socket: Socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (head) => {
      const key = /Sec-WebSocket-Key: (.*)\r\n/.exec(head.toString('latin1'))?.[1] ?? '';
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${fields(key)}\r\n`, 'latin1');
      socket.end(behind, 'latin1');
    });
  });
  return listen(server);
}
const GOOD = 'Upgrade: websocket\r\nConnection: Upgrade\r\n';
const accepted = (key: string): string => `Sec-WebSocket-Accept: ${acceptOf(key)}\r\n`;

test.each<[string, (key: string) => string, RegExp]>([
  ['the answer to another key', () => `${GOOD}${accepted('another')}`, /Sec-WebSocket-Accept is/],
  ['no answer to the key', () => GOOD, /Sec-WebSocket-Accept is ""/],
  [
    'another protocol',
    (key) => `Upgrade: h2c\r\nConnection: Upgrade\r\n${accepted(key)}`,
    /switches to "h2c"/,
  ],
  ['no Connection', (key) => `Upgrade: websocket\r\n${accepted(key)}`, /Connection is ""/],
  [
    'an extension that nobody asked for',
    (key) => `${GOOD}${accepted(key)}Sec-WebSocket-Extensions: permessage-deflate\r\n`,
    /unasked/,
  ],
])('a server that gives %s is not talked to', async (_what, fields, said) => {
  const port = await answering(fields);
  const { code, stderr } = await run('websocket', [`ws://127.0.0.1:${port}/`, 'hello']);
  expect(code).toBe(1);
  expect(stderr).toMatch(said);
});

test.each([
  ['a masked frame', '\x81\x81\0\0\0\0a', /bits set/],
  ['a compressed one', '\xc1\x01a', /bits set/],
  ['a binary one', '\x82\x01a', /type 2/],
  ['a continuation of nothing', '\x80\x01a', /type 0/],
  ['half a frame', '\x81\x05ab', /ends without a close frame/],
  ['a length of 2^63', '\x81\x7f\x80\0\0\0\0\0\0\0', /more than 1048576 bytes/],
])('a server that sends %s is not read on', async (_what, frames, said) => {
  const port = await answering((key) => `${GOOD}${accepted(key)}`, frames);
  const { code, stderr } = await run('websocket', [`ws://127.0.0.1:${port}/`, 'hello']);
  expect(code).toBe(1);
  expect(stderr).toMatch(said);
});

test('a server without WebSockets is told of', async () => {
  const port = await listen(createServer((_, response) => response.writeHead(404).end()));
  const { code, stderr } = await run('websocket', [`ws://127.0.0.1:${port}/`, 'hello']);
  expect(code).toBe(1);
  expect(stderr).toContain('the server answers 404 "Not Found", and no 101');
});
