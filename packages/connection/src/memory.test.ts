import { Readable } from 'node:stream';

import { decodeLatin1 } from '@http-client/io';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { HTTPConnection, type RequestBody } from './index.js';
import { afterWrite, reset, type ScriptOptions, type ScriptStep } from './testing.js';
import { Child } from './testdata/faults-child.js';
import type { Held } from './testdata/faults-memory.js';
import { FaultyServer } from './testdata/faults-server.js';
import { startSlowServer } from './testdata/faults-slow-server.js';
import { answer, head, quiet, stage } from './testdata/stage.js';

const MIB = 2 ** 20;
/** How much is transferred. More would make no difference, which is what is tested. */
const SIZE = Number(process.env.HTTP_CLIENT_MEMORY_MIB ?? 256);
/** How much of it may be held, whatever its size. */
const BOUND = 32 * MIB;

describe(`of ${SIZE} MiB`, () => {
  let server: Awaited<ReturnType<typeof startSlowServer>>;
  beforeAll(async () => {
    server = await startSlowServer();
  });
  afterAll(() => server.stop());

  test.each([
    'an iterable with Content-Length',
    'an async iterable in chunks',
    'readInto',
    'iteration',
    ...(SIZE > 256 ? ['an iterable in chunks', 'an async iterable with Content-Length'] : []),
  ])('%s: a separate process holds less than 32 MiB', async (way) => {
    const child = await Child.start('faults-memory.ts', String(server.port), way, String(SIZE));
    onTestFinished(() => child.stop());
    const held = await child.message<Held>();
    if (process.env.HTTP_CLIENT_MEMORY_MIB !== undefined) console.log(way, held);
    expect(held.moved).toBe(SIZE * MIB);
    expect(held.rss).toBeLessThan(BOUND);
    // `readInto` fills the caller's own array, so nothing is allocated for the data. V8 counts array buffers exactly,
    // while the process also grows by compiled code and by garbage that has not been collected yet.
    expect(held.arrayBuffers).toBeLessThan(way === 'readInto' ? MIB : BOUND);
  });
});

/** Waits until a count has stopped growing. Both sides run in this event loop. */
async function still(count: () => number): Promise<void> {
  for (let last = -1; last < count();) {
    last = count();
    for (let turn = 0; turn < 10; turn++) await quiet();
  }
}

describe('nobody reads', () => {
  test('the server is held up, and continues when somebody does', async () => {
    const block = 'x'.repeat(65_536);
    let accepted = 0;
    const server = await FaultyServer.start(async (peer) => {
      await peer.receive();
      await peer.send(head('Content-Length: 1000000000'));
      while (await peer.send(block)) accepted += block.length;
    });
    const connection = new HTTPConnection('127.0.0.1', server.port);
    onTestFinished(async () => {
      connection.close();
      await server.stop();
    });
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    await still(() => accepted);
    const { arrayBuffers } = process.memoryUsage();
    const before = accepted;
    // The system's buffers are full, and they have no more room than this.
    expect(before).toBeLessThan(64 * MIB);
    expect(arrayBuffers).toBeLessThan(64 * MIB);
    const target = new Uint8Array(MIB);
    for (let read = 0; read <= before; read += target.length) {
      expect(await response.readInto(target)).toBe(target.length);
    }
    expect(accepted).toBeGreaterThan(before);
  });
});

describe('the server does not read', () => {
  const block = new Uint8Array(65_536);
  function* blocks(asked: () => void): Generator<Uint8Array, void, void> {
    for (;;) {
      asked();
      yield block;
    }
  }
  async function* slowBlocks(asked: () => void): AsyncGenerator<Uint8Array, void, void> {
    for (const next of blocks(asked)) {
      await Promise.resolve();
      yield next;
    }
  }

  test.each([
    ['an iterable', blocks],
    ['an async iterable', slowBlocks],
  ])(
    '%s is asked for no more than there is room for, and continues when the server does',
    async (_name, source) => {
      let goOn!: () => void;
      let going!: () => void;
      const asked = new Promise<void>((resolve) => (goOn = resolve));
      const gone = new Promise<void>((resolve) => (going = resolve));
      const server = await FaultyServer.start(async (peer) => {
        await peer.receive();
        peer.stall();
        going();
        await asked;
        peer.go();
      });
      const connection = new HTTPConnection('127.0.0.1', server.port);
      onTestFinished(async () => {
        connection.close();
        await server.stop();
      });
      let count = 0;
      const requesting = connection
        .request('PUT', '/', { body: source(() => count++) })
        .catch(() => undefined);
      await gone;
      await still(() => count);
      const before = count;
      expect(before * block.length).toBeLessThan(64 * MIB);
      goOn();
      while (count < before + 100) await quiet();
      connection.close();
      await requesting;
    },
  );
});

describe('the source of an upload that ends early', () => {
  /** Endless sources, each of which reports when it is closed. */
  const sources: Readonly<Record<string, (closed: () => void) => RequestBody>> = {
    'an iterator': (closed) => ({
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: 'block' }),
        return: () => {
          closed();
          return { done: true, value: undefined };
        },
      }),
    }),
    'an async iterator': (closed) => ({
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: false, value: 'block' }),
        return: () => {
          closed();
          return Promise.resolve({ done: true, value: undefined });
        },
      }),
    }),
    'an async iterator that keeps its block back': (closed) => {
      let count = 0;
      return {
        [Symbol.asyncIterator]: () => ({
          next: () =>
            count++ < 1 ? Promise.resolve({ done: false, value: 'block' }) : new Promise(() => undefined),
          return: () => {
            closed();
            return Promise.resolve({ done: true, value: undefined });
          },
        }),
      };
    },
    'a ReadableStream': (closed) =>
      new ReadableStream<string>({
        pull: (controller) => {
          controller.enqueue('block');
        },
        cancel: closed,
      }),
    'a Node stream': (closed) =>
      new Readable({
        read() {
          this.push('block');
        },
        destroy(error, callback) {
          closed();
          callback(error);
        },
      }),
    'a Node stream that keeps its block back': (closed) =>
      new Readable({
        read: () => undefined,
        destroy(error, callback) {
          closed();
          callback(error);
        },
      }),
  };
  interface Ending {
    readonly play?: ScriptOptions;
    readonly script?: readonly ScriptStep[];
    readonly expects?: true;
    readonly end?: (connection: HTTPConnection, controller: AbortController) => Promise<void> | void;
  }
  const asked = afterWrite((sent) => sent.includes('\r\n\r\n'));
  const endings: Readonly<Record<string, Ending>> = {
    'close()': {
      play: { stallWritesAfter: 200 },
      end: (connection) => {
        connection.close();
      },
    },
    'its signal': {
      play: { stallWritesAfter: 200 },
      end: (_connection, controller) => {
        controller.abort('enough');
      },
    },
    'a reset': { script: [asked, reset()], play: { stallWritesAfter: 200 } },
    'a response that closes': {
      script: [asked, answer('no', 'Connection: close')],
      play: { stallWritesAfter: 200 },
      end: async (connection) => {
        const response = await connection.getResponse();
        expect(decodeLatin1(await response.read())).toBe('no');
      },
    },
    'a refusal instead of a 100': { script: [asked, answer('no')], expects: true },
  };
  const rows = Object.entries(sources).flatMap(([source, make]) =>
    Object.entries(endings).map(([name, ending]) => ({ source, make, name, ending })),
  );
  test.each(rows)('$source, ended by $name, is closed once', async ({ make, ending }) => {
    let closed = 0;
    const { script = [], play = {}, expects, end } = ending;
    const { connection } = stage([script], { play, continueTimeout: 60_000 });
    const controller = new AbortController();
    const body = make(() => closed++);
    const headers: Record<string, string> = expects ? { Expect: '100-continue' } : {};
    const requesting = connection
      .request('POST', '/', { body, headers, signal: controller.signal })
      .catch(() => undefined);
    await quiet();
    await end?.(connection, controller);
    await requesting;
    await quiet();
    expect(closed).toBe(1);
    connection.close();
  });

  test.each(Object.entries(sources))(
    '%s, if the connection cannot be opened: it is left untouched, and can be sent again',
    async (_source, make) => {
      let closed = 0;
      const body = make(() => closed++);
      const { connection } = stage([]);
      await expect(connection.request('POST', '/', { body })).rejects.toMatchObject({
        code: 'ECONNREFUSED',
        delivery: 'unsent',
      });
      await quiet();
      expect(closed).toBe(0);
      const next = stage([''], { play: { stallWritesAfter: 200 } });
      const requesting = next.connection.request('POST', '/', { body }).catch(() => undefined);
      await quiet();
      next.connection.close();
      await requesting;
      await quiet();
      expect(closed).toBe(1);
    },
  );
});
