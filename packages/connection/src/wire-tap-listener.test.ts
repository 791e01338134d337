import { decodeLatin1, encodeLatin1 } from '@http-client/io';
import { describe, expect, onTestFinished, test } from 'vitest';

import type { WireEvent } from './index.js';
import type { Peer } from './testdata/tcp-peer.js';
import { bytesOf, chunk, LAST, ok, type Pieces } from './testdata/wire-pieces.js';
import { exchange } from './testdata/wire-stage.js';

describe('the listener', () => {
  const CHUNKED: Pieces = [...ok('Transfer-Encoding: chunked'), ...chunk('5', 'hello'), ...LAST];
  const serve = async (peer: Peer): Promise<void> => {
    await peer.request();
    peer.send(bytesOf(CHUNKED));
  };

  let read = (): Promise<string> => expect.unreachable();

  test('may throw: nothing breaks, and the error is an uncaught exception of the process', async () => {
    const others = process.listeners('uncaughtException');
    const uncaught: unknown[] = [];
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => uncaught.push(error));
    onTestFinished(() => {
      process.removeAllListeners('uncaughtException');
      for (const listener of others) process.on('uncaughtException', listener);
    });
    let calls = 0;
    let text = '';
    const { peer } = await exchange(
      serve,
      async (connection) => {
        await connection.request('PUT', '/', { body: ['a', 'b'] });
        text = await (await connection.getResponse()).text();
        expect(connection.reusable).toBe(true);
      },
      {
        onWire: () => {
          throw new RangeError(`listener ${++calls}`);
        },
      },
    );
    expect(text).toBe('hello');
    expect(peer.receivedText).toMatch(/1\r\na\r\n1\r\nb\r\n0\r\n\r\n$/);
    expect(uncaught.map(String)).toEqual(
      Array.from({ length: calls }, (_, n) => `RangeError: listener ${n + 1}`),
    );
    expect(calls).toBeGreaterThan(10);
  });

  test('may read the body that it observes: its call is served after the one in progress', async () => {
    let text: Promise<string> | undefined;
    let part = '';
    await exchange(
      serve,
      async (connection) => {
        await connection.request('GET', '/');
        const response = await connection.getResponse();
        read = () => response.text();
        part = decodeLatin1(await response.read(2));
      },
      {
        onWire: ({ part }) => {
          if (part === 'chunk-data') text ??= read();
        },
      },
    );
    expect([part, await text]).toEqual(['he', 'llo']);
  });

  test('receives copies, which it may modify and keep', async () => {
    const body = encodeLatin1('payload');
    const kept: WireEvent[] = [];
    let text = '';
    const { peer } = await exchange(
      serve,
      async (connection) => {
        await connection.request('PUT', '/', { body });
        text = await (await connection.getResponse()).text();
      },
      {
        onWire: (event) => {
          event.data.fill(0x21);
          kept.push(event);
        },
      },
    );
    expect(text).toBe('hello');
    expect(decodeLatin1(body)).toBe('payload');
    expect(peer.receivedText).toMatch(/\r\n\r\npayload$/);
    expect(new Set(kept.map(({ direction }) => direction))).toEqual(new Set(['sent', 'received']));
    for (const { data } of kept) {
      expect(decodeLatin1(data)).toMatch(/^!+$/);
      // A copied range does not keep a larger buffer alive.
      expect(data.buffer.byteLength).toBe(data.length);
    }
  });

  test('is told the time: that of performance.now(), never running backwards', async () => {
    const before = performance.now();
    const { events } = await exchange(serve, async (connection) => {
      await connection.request('PUT', '/', { body: ['a', 'b'] });
      await (await connection.getResponse()).text();
    });
    expect(events.length).toBeGreaterThan(10);
    const times = [before, ...events.map(({ time }) => time), performance.now()];
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('is called with complete lines in heads', async () => {
    const { events } = await exchange(
      async (peer) => {
        await peer.request();
        await peer.sendIn(1, bytesOf(CHUNKED));
      },
      async (connection) => {
        await connection.request('GET', '/');
        await (await connection.getResponse()).text();
      },
    );
    const heads = events.slice(
      0,
      events.findIndex(({ part }) => part === 'chunk-size'),
    );
    const lines = heads.map(({ data }) => decodeLatin1(data));
    expect(lines.length).toBeGreaterThan(4);
    expect(lines.every((line) => /^[^\n]*\r\n$/.test(line))).toBe(true);
  });
});
