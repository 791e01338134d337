import { HTTPException, ImproperConnectionState, NotConnected } from '@http-client/errors';
import type { Transport } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import type { RequestBody, RequestOptions } from './index.js';
import { afterRequest, afterWrite, END, type ScriptStep } from './testing.js';
import { afterHead, afterText, listening } from './testdata/sockets.js';
import { answer, bytes, outcome, quiet, rejection, stage, text } from './testdata/stage.js';

const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: raw\r\nConnection: Upgrade\r\n\r\n';
const upgrade = { headers: { Upgrade: 'raw', Connection: 'Upgrade' } };

/** The two ways out of HTTP, followed by the same bytes. */
const ways: [name: string, method: string, target: string, options: RequestOptions, head: string][] = [
  ['a 101', 'GET', '/', upgrade, SWITCHING],
  [
    'a 101 with fields that would frame a body',
    'GET',
    '/',
    upgrade,
    SWITCHING.replace('\r\n\r\n', '\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n'),
  ],
  [
    'a 2xx to CONNECT',
    'CONNECT',
    'example.com:443',
    {},
    'HTTP/1.1 299 Connected\r\nContent-Length: 5\r\n\r\n',
  ],
];

/** Everything that a transport still has, after what was read already. */
async function drained(head: Uint8Array, transport: Transport): Promise<string> {
  let whole = text(head);
  for (let block = await transport.read(); block !== null; block = await transport.read())
    whole += text(block);
  return whole;
}

describe.each(ways)('after %s', (_name, method, target, options, start) => {
  test('detach() returns the transport with every byte, wherever the stream is split', async () => {
    const stream = `HTTP/1.1 102 \r\n\r\n${start}raw bytes`;
    for (let cut = 0; cut <= stream.length; cut++) {
      for (const late of [false, true]) {
        const { connection, transports } = stage([[stream, END]], { play: { split: [cut] } });
        await connection.request(method, target, options);
        const response = await connection.getResponse();
        if (late) await quiet();
        expect(response.closed).toBe(true);
        expect(response.willClose).toBe(false);
        expect(response.length).toBe(0);
        expect(await response.read()).toHaveLength(0);
        expect(connection).toMatchObject({ state: 'Idle', reusable: false, transport: transports[0] });
        const { transport, head } = connection.detach();
        expect(await drained(head, transport)).toBe('raw bytes');
        expect(connection).toMatchObject({ state: 'Idle', reusable: false, transport: undefined });
        expect(transports[0]!.closed).toBe(false);
      }
    }
  });

  test('the connection continues with another transport, which it keeps', async () => {
    const { connection, transports } = stage([
      [start],
      [afterRequest(), answer('one'), afterRequest(), answer('two')],
    ]);
    await connection.request(method, target, options);
    await connection.getResponse();
    connection.detach();
    await connection.connect();
    expect(connection.reusable).toBe(true);
    for (const body of ['one', 'two']) {
      await connection.request('GET', '/');
      expect(await (await connection.getResponse()).text()).toBe(body);
      expect(connection).toMatchObject({ reusable: true, transport: transports[1] });
    }
  });

  test('byte by byte, each read returns the next bytes', async () => {
    const { connection } = stage([[start, afterWrite(4), 'pong', END]], { play: { split: 'bytes' } });
    await connection.request(method, target, options);
    await connection.getResponse();
    const { transport, head } = connection.detach();
    expect(head).toHaveLength(0);
    const reading = drained(head, transport);
    await transport.write(bytes('ping'));
    expect(await reading).toBe('pong');
  });

  test('the transport belongs to the caller: it writes, also several parts at once, and closes', async () => {
    const { connection, transports } = stage([[start]]);
    await connection.request(method, target, options);
    await connection.getResponse();
    const { transport } = connection.detach();
    await transport.write(bytes('one'));
    await transport.writev?.([bytes('two'), bytes('three')]);
    expect(transports[0]!.writtenText).toMatch(/\r\n\r\nonetwothree$/);
    expect(transport.fileno).toBe(-1);
    connection.close();
    expect(transports[0]!.closed).toBe(false);
    transport.close();
    expect(transports[0]!.closed).toBe(true);
  });

  test('detach() is possible once', async () => {
    const { connection } = stage([[start]]);
    await connection.request(method, target, options);
    await connection.getResponse();
    connection.detach();
    expect(() => connection.detach()).toThrow(ImproperConnectionState);
  });

  test.each([
    ['the next request', false],
    ['connect()', true],
  ])('%s opens another connection, and closes one that nobody detached', async (_which, connects) => {
    for (const detach of [false, true]) {
      const { connection, transports } = stage([[start, 'raw'], answer('next')]);
      await connection.request(method, target, options);
      await connection.getResponse();
      await quiet();
      if (detach) connection.detach();
      if (connects) await connection.connect();
      else await connection.request('GET', '/');
      expect(transports[0]!.closed).toBe(!detach);
      expect(connection.reusable).toBe(true);
      if (connects) await connection.request('GET', '/');
      expect(() => connection.detach()).toThrow(ImproperConnectionState);
      const response = await connection.getResponse();
      expect(await response.text()).toBe('next');
      expect(() => connection.detach()).toThrow(ImproperConnectionState);
    }
  });

  test('so does connect(), without which there is no next request with autoOpen off', async () => {
    const { connection, transports } = stage([[start, 'raw'], answer('next')], { autoOpen: false });
    await connection.connect();
    await connection.request(method, target, options);
    await connection.getResponse();
    expect(await rejection(connection.request('GET', '/'))).toBeInstanceOf(NotConnected);
    expect(transports[0]!.closed).toBe(false);
    await connection.connect();
    expect(transports[0]!.closed).toBe(true);
    await connection.request('GET', '/');
    expect(await (await connection.getResponse()).text()).toBe('next');
  });

  test('close() closes a connection that nobody detached', async () => {
    const { connection, transports } = stage([[start], '']);
    await connection.request(method, target, options);
    await connection.getResponse();
    connection.close();
    expect(transports[0]!.closed).toBe(true);
    expect(() => connection.detach()).toThrow(ImproperConnectionState);
    await connection.connect();
    expect(connection.reusable).toBe(true);
  });

  test('bytes that nobody takes are not read indefinitely', async () => {
    const endless = function* (): Generator<ScriptStep> {
      yield start;
      for (;;) yield new Uint8Array(1024);
    };
    const { connection, transports } = stage([endless()]);
    await connection.request(method, target, options);
    await connection.getResponse();
    for (let turn = 0; turn < 20; turn++) await quiet();
    expect(transports[0]!.reads).toBeLessThan(70);
    const { head } = connection.detach();
    expect(head.length).toBeLessThanOrEqual(65_536);
  });

  test('over TCP, what the peer sends before and after is not lost', async () => {
    const peer = await listening((socket) => {
      afterHead(socket, () => {
        socket.write(`${start}first `);
        afterText(
          socket,
          (text) => text === 'ping',
          () => socket.end('last'),
        );
      });
    });
    const connection = peer.connection();
    await connection.request(method, target, options);
    await connection.getResponse();
    const { transport, head } = connection.detach();
    await transport.write(bytes('ping'));
    expect(await drained(head, transport)).toBe('first last');
    transport.close();
  });
});

test('an upload in progress ends when the transport is detached', async () => {
  const bodies: RequestBody[] = ['a body in memory', Array<string>(9).fill('block'), kept()];
  async function* kept(): AsyncGenerator<string, void, void> {
    yield 'one';
    await new Promise(() => undefined);
  }
  for (const body of bodies) {
    const { connection } = stage([[afterWrite(50), SWITCHING, 'raw']], { play: { stallWritesAfter: 60 } });
    const requesting = rejection(connection.request('POST', '/', { ...upgrade, body }));
    await connection.getResponse();
    const { transport } = connection.detach();
    expect(await requesting).toMatchObject({ code: 'HTTP_EXCEPTION', delivery: 'answered' });
    expect(text((await transport.read())!)).toBe('raw');
  }
});

describe('what is not a switch', () => {
  test('a 101 that was not asked for is an HTTPException, and closes', async () => {
    const { connection, transports } = stage([SWITCHING]);
    await connection.request('GET', '/');
    const error = await rejection(connection.getResponse());
    expect(error).toBeInstanceOf(HTTPException);
    expect(error.message).toContain('no Upgrade');
    expect(transports[0]!.closed).toBe(true);
    expect(() => connection.detach()).toThrow(ImproperConnectionState);
  });

  const others: [name: string, method: string, target: string, options: RequestOptions, answer: string][] = [
    ['a 2xx to another method', 'GET', '/', {}, answer('body')],
    ['an upgrade that the server ignores', 'GET', '/', upgrade, answer('body', 'Upgrade: raw')],
    ['a refused CONNECT', 'CONNECT', 'example.com:443', {}, answer('body').replace('200 OK', '407 No')],
    [
      'a CONNECT sent elsewhere',
      'CONNECT',
      'example.com:443',
      {},
      answer('body').replace('200 OK', '300 No'),
    ],
  ];
  test.each(others)('%s has a body, and nothing to detach', async (_name, method, target, options, reply) => {
    const { connection } = stage([reply]);
    await connection.request(method, target, options);
    const response = await connection.getResponse();
    expect(() => connection.detach()).toThrow(ImproperConnectionState);
    expect(await response.text()).toBe('body');
    expect(() => connection.detach()).toThrow(ImproperConnectionState);
    expect(connection.reusable).toBe(true);
  });

  test('with strict off, a 103 to CONNECT is handed out, and does not switch either', async () => {
    const { connection } = stage([['HTTP/1.1 103 Early Hints\r\n\r\n', END]], { strict: false });
    await connection.request('CONNECT', 'example.com:443');
    expect(await connection.getResponse()).toMatchObject({ status: 103 });
    expect(() => connection.detach()).toThrow(ImproperConnectionState);
  });

  test('with strict off, a 101 to Upgrade switches as well', async () => {
    const { connection } = stage([[afterRequest(), SWITCHING, 'raw', END]], { strict: false });
    await connection.request('GET', '/', upgrade);
    const response = await connection.getResponse();
    expect(response.status).toBe(101);
    const { transport, head } = connection.detach();
    expect(await drained(head, transport)).toBe('raw');
  });
});

test('a read that was pending when the transport was detached belongs to the new owner', async () => {
  const { connection, transports } = stage([[SWITCHING, afterWrite(1), 'reply']]);
  await connection.request('GET', '/', upgrade);
  await connection.getResponse();
  await quiet();
  const pending = transports[0]!.reads;
  const { transport } = connection.detach();
  const reading = transport.read();
  expect(await outcome(reading)).toEqual({ pending: true });
  expect(transports[0]!.reads).toBe(pending);
  await transport.write(bytes('x'));
  expect(text((await reading)!)).toBe('reply');
});
