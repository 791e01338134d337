import { describe, expect, test } from 'vitest';

import type { HTTPConnectionOptions, HTTPResponse } from './index.js';
import { END, type ScriptStep } from './testing.js';
import { afterHead, listening } from './testdata/sockets.js';
import { answer, attempted, fetched, head, quiet, rejection, stage } from './testdata/stage.js';

describe('limits of a head', () => {
  const LINE = 65_536;
  const CHUNKED = head('Transfer-Encoding: chunked');
  const line = (length: number, end = '\r\n'): string => `A: ${'a'.repeat(length - 3 - end.length)}${end}`;
  const fields = (count: number): string => 'A: b\r\n'.repeat(count);
  const heads: [name: string, head: string, options: HTTPConnectionOptions, code?: string][] = [
    ['a status line of 65,536 bytes', `HTTP/1.1 200 ${'a'.repeat(LINE - 15)}\r\n\r\n`, {}],
    ['one of 65,537', `HTTP/1.1 200 ${'a'.repeat(LINE - 14)}\r\n\r\n`, {}, 'HTTP_LINE_TOO_LONG'],
    ['one without end', `HTTP/1.1 200 ${'a'.repeat(LINE)}`, {}, 'HTTP_LINE_TOO_LONG'],
    ['a field line of 65,536 bytes', `HTTP/1.1 204 \r\n${line(LINE)}\r\n`, {}],
    ['one of 65,536 with LF', `HTTP/1.1 204 \r\n${line(LINE, '\n')}\r\n`, {}],
    ['one of 65,537', `HTTP/1.1 204 \r\n${line(LINE + 1)}\r\n`, {}, 'HTTP_LINE_TOO_LONG'],
    ['one without end', `HTTP/1.1 204 \r\nA${'a'.repeat(LINE)}`, {}, 'HTTP_LINE_TOO_LONG'],
    ['100 fields', `HTTP/1.1 204 \r\n${fields(100)}\r\n`, {}],
    ['101 fields', `HTTP/1.1 204 \r\n${fields(101)}\r\n`, {}, 'HTTP_TOO_MANY_HEADERS'],
    [
      '100 fields, the last one folded',
      `HTTP/1.1 204 \r\n${fields(100)} c\r\n\r\n`,
      {},
      'HTTP_TOO_MANY_HEADERS',
    ],
    ['3 fields of 3 allowed', `HTTP/1.1 204 \r\n${fields(3)}\r\n`, { maxResponseHeaders: 3 }],
    [
      '4 fields of 3 allowed',
      `HTTP/1.1 204 \r\n${fields(4)}\r\n`,
      { maxResponseHeaders: 3 },
      'HTTP_TOO_MANY_HEADERS',
    ],
    ['1,000 fields of 1,000 allowed', `HTTP/1.1 204 \r\n${fields(1000)}\r\n`, { maxResponseHeaders: 1000 }],
    [
      'a field of none allowed',
      `HTTP/1.1 204 \r\n${fields(1)}\r\n`,
      { maxResponseHeaders: 0 },
      'HTTP_TOO_MANY_HEADERS',
    ],
    ['no field of none allowed', 'HTTP/1.1 204 \r\n\r\n', { maxResponseHeaders: 0 }],
  ];
  for (const strict of [true, false]) {
    test.each(heads)(`%s (strict: ${strict})`, async (_name, start, options, code) => {
      const { connection } = stage([start], { strict, ...options, play: { split: 10_000 } });
      await connection.request('GET', '/');
      const error = await attempted(() => connection.getResponse());
      expect((error as { code?: string } | undefined)?.code).toBe(code);
    });
  }

  test('with strict off, count lines that end in a bare CR', async () => {
    const lines = `${'a:\r'.repeat(20_000)}\r\n`.repeat(99);
    for (const start of [`HTTP/1.1 204 \r\n${lines}\r\n`, `${CHUNKED}0\r\n${lines}\r\n`]) {
      const { connection } = stage([start], { strict: false });
      await connection.request('GET', '/');
      const error = await attempted(async () => (await connection.getResponse()).read());
      expect(error).toMatchObject({ code: 'HTTP_TOO_MANY_HEADERS', limit: 100 });
    }
  });

  test('apply to each head separately', async () => {
    const interim = `HTTP/1.1 103 \r\n${fields(100)}\r\n`;
    const { response } = await fetched(interim.repeat(3) + answer('ok'));
    expect(response.informational).toHaveLength(3);
  });
});

describe('memory', () => {
  const MiB = 2 ** 20;

  /** How much the memory of buffers grows, while the result is held. */
  async function growth(run: () => Promise<unknown>): Promise<number> {
    const before = process.memoryUsage().arrayBuffers;
    const held = await run();
    const grown = process.memoryUsage().arrayBuffers - before;
    expect(held).toBeDefined();
    return grown;
  }

  const huge = String(Number.MAX_SAFE_INTEGER);
  const promised: [name: string, script: ScriptStep[]][] = [
    ['Content-Length: 2^53-1', [head(`Content-Length: ${huge}`), 'ten bytes.', END]],
    ['a chunk of 2^53-1 bytes', [head('Transfer-Encoding: chunked'), '1fffffffffffff\r\nten bytes.', END]],
  ];
  test.each(promised)('is not allocated for an announced length alone: %s', async (_name, script) => {
    for (const call of ['read', 'bytes', 'readLine', 'peek', 'read1'] as const) {
      const { response } = await fetched(script);
      const grown = await growth(async () => {
        if (call === 'peek' || call === 'read1') return response[call](2 ** 52);
        const error = await rejection(response[call]());
        expect(error).toMatchObject({ code: 'HTTP_INCOMPLETE_READ', expected: Number(huge) - 10 });
        return error;
      });
      expect(grown).toBeLessThan(MiB);
      response.close();
    }
    const { response } = await fetched(script);
    expect(await growth(() => rejection(response.read(2 ** 52)))).toBeLessThan(MiB);
  });

  /** An endless body, in blocks of 1 KiB. */
  function* endless(): Generator<ScriptStep> {
    yield head();
    for (;;) yield new Uint8Array(1024);
  }

  test('a transport of the caller’s own is left unread once 64 KiB are buffered', async () => {
    const { response, transport } = await fetched(endless());
    // The block of the head, then those of the body; at most one more read is in progress.
    const reads = (): number => transport.reads - 1;
    for (let turn = 0; turn < 20; turn++) await quiet();
    expect(reads()).toBeGreaterThanOrEqual(63);
    expect(reads()).toBeLessThanOrEqual(65);
    await response.read(10 * 1024);
    for (let turn = 0; turn < 20; turn++) await quiet();
    expect(reads()).toBeLessThanOrEqual(75);
    await response.read(300 * 1024);
    for (let turn = 0; turn < 20; turn++) await quiet();
    expect(reads()).toBeLessThanOrEqual(375);
    response.close();
  });

  test.each([
    ['readLine', (response: HTTPResponse) => response.readLine(1)],
    ['peek', (response: HTTPResponse) => response.peek(1)],
  ])('what %s has buffered counts, too', async (_name, call) => {
    const large = function* (): Generator<ScriptStep> {
      yield head();
      for (;;) yield new Uint8Array(60_000);
    };
    const { response, transport } = await fetched(large());
    expect(await call(response)).toHaveLength(1);
    for (let turn = 0; turn < 20; turn++) await quiet();
    // The head, and one block.
    expect(transport.reads).toBe(2);
    expect(await response.read(150_000)).toHaveLength(150_000);
    response.close();
  });

  test('so is one whose response nobody waits for', async () => {
    const { connection, transports } = stage([endless()]);
    await connection.request('GET', '/');
    for (let turn = 0; turn < 20; turn++) await quiet();
    expect(transports[0]!.reads).toBeLessThanOrEqual(66);
    connection.close();
  });

  test('a TCP connection is left unread once 64 KiB are buffered, and the rest stays with the peer', async () => {
    let taken = 0;
    const block = new Uint8Array(65_536);
    const peer = await listening((socket) => {
      const more = (): void => {
        while (socket.writable && socket.write(block, () => (taken += block.length)));
      };
      afterHead(socket, () => {
        socket.write(head());
        socket.on('drain', more);
        more();
      });
    });
    const connection = peer.connection();
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    // Until the kernel's buffers are full: nothing has been taken for some turns.
    for (let last = -1; last !== taken;) {
      last = taken;
      for (let turn = 0; turn < 20; turn++) await quiet();
    }
    const full = taken;
    expect(await growth(() => quiet().then(() => 0))).toBeLessThan(MiB);
    // What can be read at once is what was read ahead: no more than 64 KiB.
    const ahead = await response.read1();
    expect(ahead.length).toBeGreaterThan(0);
    expect(ahead.length).toBeLessThanOrEqual(65_536);
    await response.read(16 * MiB);
    expect(taken).toBeGreaterThan(full);
    response.close();
  });

  test('small blocks of a large body are joined in linear time', async () => {
    const script = function* (): Generator<ScriptStep> {
      yield head(`Content-Length: ${MiB}`);
      for (let block = 0; block < 1024; block++) yield new Uint8Array(1024);
    };
    const { response } = await fetched(script());
    const grown = await growth(() => response.read());
    expect(response.closed).toBe(true);
    // Whether the scripted blocks have been collected yet is not certain.
    expect(grown).toBeLessThan(16 * MiB);
  });
});
