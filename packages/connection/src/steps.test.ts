import { describe, expect, test } from 'vitest';

import { generated, wire } from './testdata/sent.js';
import { afterHead, afterText, listening } from './testdata/sockets.js';
import { answer, bytes, quiet, stage, text } from './testdata/stage.js';

describe('step by step', () => {
  test('each call adds to the head, and endHeaders sends it', async () => {
    const { connection, transports } = stage(['']);
    await connection.connect();
    connection.putRequest('PUT', '/x', { skipAcceptEncoding: true });
    connection.putHeader('cOnTeNt-LeNgTh', 9);
    connection.putHeader('A', 'b', 3, bytes('\xff'));
    await quiet();
    expect(transports[0]!.writes).toHaveLength(0);
    await connection.endHeaders();
    await connection.send('onetwo');
    await connection.send(['t', 'h', 'r']);
    expect(transports[0]!.writes.map((write) => text(write))).toEqual([
      'PUT /x HTTP/1.1\r\nHost: example.org\r\ncOnTeNt-LeNgTh: 9\r\nA: b\r\n\t3\r\n\t\xff\r\n\r\n',
      'onetwo',
      't',
      'h',
      'r',
    ]);
  });

  test('data is sent in the order of the calls, whether they are awaited or not', async () => {
    const { sent } = await wire(async (connection) => {
      connection.putRequest('POST', '/', { skipHost: true, skipAcceptEncoding: true });
      const sends = [
        connection.endHeaders(),
        connection.send(generated('a', 'b')),
        connection.send('c'),
        connection.send(generated('d')),
        connection.send('e'),
      ];
      await Promise.all(sends);
    });
    expect(sent).toBe('POST / HTTP/1.1\r\n\r\nabcde');
  });

  test('a body may be chunk-encoded by endHeaders', async () => {
    const { sent } = await wire((connection) => {
      connection.putRequest('POST', '/', { skipHost: true, skipAcceptEncoding: true });
      connection.putHeader('Transfer-Encoding', 'chunked');
      return connection.endHeaders(['hel', 'lo'], { encodeChunked: true });
    });
    expect(sent).toBe(
      'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n',
    );
  });
});

describe('one write', () => {
  test.each([
    ['without a body', undefined],
    ['a string', 'hello'],
    ['64 KiB', new Uint8Array(65_536)],
    ['1 MiB', new Uint8Array(2 ** 20)],
  ])('for the head and a body in memory: %s', async (_name, body) => {
    for (const writev of [true, false]) {
      const { writes } = await wire((connection) => connection.request('POST', '/', { body: body ?? null }), {
        writev,
      });
      expect(writes).toBe(1);
    }
  });

  test.each([0, 1, 16_384, 16_385, 300_000])('over TCP, all of it arrives: %i bytes', async (size) => {
    const peer = await listening((socket) => {
      const all = (text: string): boolean =>
        text.length >= text.indexOf('\r\n\r\n') + 4 + size && text.includes('\r\n\r\n');
      afterText(socket, all, (request) => {
        socket.write(answer(String(request.length - request.indexOf('\r\n\r\n') - 4)));
      });
    });
    const connection = peer.connection();
    await connection.request('POST', '/', { body: new Uint8Array(size).fill(0x61) });
    const response = await connection.getResponse();
    expect(await response.text()).toBe(String(size));
  });

  test('over TCP, the head and a small body arrive in one packet', async () => {
    const packets: number[] = [];
    const peer = await listening((socket) => {
      socket.on('data', (data) => packets.push(data.length));
      afterHead(socket, () => socket.write(answer('ok')));
    });
    const connection = peer.connection();
    await connection.request('POST', '/', { body: 'hello' });
    await connection.getResponse();
    expect(packets).toHaveLength(1);
  });
});
