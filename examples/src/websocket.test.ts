import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { createServer as createTCPServer, type Socket } from 'node:net';

import { describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';

import { listen, run } from './testdata/stage.js';
import { openWebSocket } from './websocket.js';

/** A server of the `ws` library, set up by `serve`; and the close code that it received first. */
async function stage(
  serve: (server: WebSocketServer) => void,
): Promise<{ url: string; closed: Promise<number> }> {
  const http = createServer();
  // It supports compression, which this client does not offer.
  const server = new WebSocketServer({ server: http, perMessageDeflate: true });
  const closed = new Promise<number>((resolve) => {
    server.on('connection', (socket) => {
      socket.on('close', resolve);
    });
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
  test('messages are echoed, and both sides send a close frame', async () => {
    const { url, closed } = await stage(echo);
    const { code, stdout, stderr } = await run('websocket', [url, 'hello', 'größer', 'x'.repeat(200)]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`"hello"\n"größer"\n"${'x'.repeat(200)}"\n`);
    expect(await closed).toBe(1000);
  });

  test('messages of a server that sends first are not lost', async () => {
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

  test('joins fragments, and answers a ping between them', async () => {
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
    // The server closes.
    expect(await socket.receive()).toBeUndefined();
    expect(ponged).toEqual(['there?']);
  });

  test('refuses a message that is too long', async () => {
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

/** A server that answers the handshake with these fields, and then sends `behind`. */
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
  ['the accept value of another key', () => `${GOOD}${accepted('another')}`, /Sec-WebSocket-Accept is/],
  ['no accept value', () => GOOD, /Sec-WebSocket-Accept is ""/],
  [
    'another protocol',
    (key) => `Upgrade: h2c\r\nConnection: Upgrade\r\n${accepted(key)}`,
    /switches to "h2c"/,
  ],
  ['no Connection', (key) => `Upgrade: websocket\r\n${accepted(key)}`, /Connection is ""/],
  [
    'an extension that was not offered',
    (key) => `${GOOD}${accepted(key)}Sec-WebSocket-Extensions: permessage-deflate\r\n`,
    /which was not offered/,
  ],
])('refuses a handshake with %s', async (_what, fields, said) => {
  const port = await answering(fields);
  const { code, stderr } = await run('websocket', [`ws://127.0.0.1:${port}/`, 'hello']);
  expect(code).toBe(1);
  expect(stderr).toMatch(said);
});

test.each([
  ['a masked frame', '\x81\x81\0\0\0\0a', /mask bit set/],
  ['a compressed frame', '\xc1\x01a', /reserved bit/],
  ['a binary frame', '\x82\x01a', /type 2/],
  ['a continuation of nothing', '\x80\x01a', /type 0/],
  ['text that is not UTF-8', '\x81\x01\xff', /not UTF-8/],
  ['half a frame', '\x81\x05ab', /ends without a close frame/],
  ['a length of 2^63', '\x81\x7f\x80\0\0\0\0\0\0\0', /more than 1048576 bytes/],
])('fails if the server sends %s', async (_what, frames, said) => {
  const port = await answering((key) => `${GOOD}${accepted(key)}`, frames);
  const { code, stderr } = await run('websocket', [`ws://127.0.0.1:${port}/`, 'hello']);
  expect(code).toBe(1);
  expect(stderr).toMatch(said);
});

test('reports a server without WebSockets', async () => {
  // The program ends, although this response does not.
  const port = await listen(
    createServer((_, response) => response.writeHead(404, { Connection: 'close' }).write('and so on')),
  );
  const { code, stderr } = await run('websocket', [`ws://127.0.0.1:${port}/`, 'hello']);
  expect(code).toBe(1);
  expect(stderr).toContain('the server responds 404 "Not Found", not 101');
});
