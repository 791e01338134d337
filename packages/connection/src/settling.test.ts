import type { Transport } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { HTTPConnection, type RequestOptions } from './index.js';
import { settled, quiet } from './testdata/stage.js';

/** A transport whose writes complete only when told to, and which returns only what it is given. */
class Slow implements Transport {
  #taken: (() => void)[] = [];
  #reader: ((block: Uint8Array | null) => void) | undefined;

  read(): Promise<Uint8Array | null> {
    return new Promise((resolve) => (this.#reader = resolve));
  }

  write(): Promise<void> {
    return new Promise((resolve) => this.#taken.push(resolve));
  }

  close(): void {
    this.#reader?.(null);
  }

  take(): void {
    this.#taken.shift()?.();
  }

  say(text: string): void {
    this.#reader?.(Buffer.from(text));
  }
}

async function* keptBack(): AsyncGenerator<string, void, void> {
  yield 'one';
  await new Promise(() => undefined);
}

const expectation = { headers: { Expect: '100-continue' } };
const uploads: [name: string, make: () => RequestOptions][] = [
  ['no body', () => ({})],
  ['a body in memory', () => ({ body: 'body' })],
  ['an iterable', () => ({ body: ['one', 'two', 'three'] })],
  ['a source that delays a block', () => ({ body: keptBack() })],
  ['a body that waits for a 100', () => ({ body: 'body', ...expectation })],
  ['a source that waits for a 100', () => ({ body: keptBack(), ...expectation })],
];

/** What may end a request, at an arbitrary moment. */
const ends: [name: string, end: (connection: HTTPConnection, controller: AbortController) => void][] = [
  [
    'close()',
    (connection) => {
      connection.close();
    },
  ],
  [
    'its signal',
    (_connection, controller) => {
      controller.abort(new Error('enough'));
    },
  ],
];

describe.each(ends)('a request that is ended by %s', (_name, end) => {
  test.each(uploads)('settles whenever that happens: %s', async (_name, make) => {
    for (let writes = 0; writes < 4; writes++) {
      for (let microtasks = 0; microtasks < 12; microtasks++) {
        const transport = new Slow();
        const connection = new HTTPConnection('example.org', 80, {
          connector: () => Promise.resolve(transport),
          continueTimeout: 1e6,
        });
        const controller = new AbortController();
        const requesting = settled(connection.request('POST', '/', { ...make(), signal: controller.signal }));
        const getting = settled(connection.getResponse());
        for (let write = 0; write < writes; write++) {
          await quiet();
          transport.take();
          if (write === 1) transport.say('HTTP/1.1 100 \r\n\r\n');
        }
        for (let microtask = 0; microtask < microtasks; microtask++) await Promise.resolve();
        end(connection, controller);
        // The signal belongs to the request alone: if that has been sent, the response is still waited for.
        const { error } = await requesting;
        if (error === undefined) connection.close();
        expect(await getting).toHaveProperty('error');
        expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
      }
    }
  });
});
