import { HTTPMessage } from '@http-client/headers';
import { decodeLatin1, encodeLatin1 } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { encodeBody } from './encode.js';
import { blocksOf, iteratorOf, stream, wrong } from './testdata/bodies.js';

describe('bodies that are read', () => {
  const mixed = [
    'a',
    '',
    encodeLatin1('bc'),
    new Uint8Array(0),
    new DataView(encodeLatin1('xdex').buffer, 1, 2),
    '\xff',
  ];
  const read = ['a', 'bc', 'de', '\xff'];
  test.each<[string, () => unknown]>([
    ['an array', () => mixed],
    ['a Set', () => new Set(mixed)],
    [
      'a generator',
      function* () {
        yield* mixed;
      },
    ],
    [
      'an async generator',
      async function* () {
        await Promise.resolve();
        yield* mixed;
      },
    ],
    ['a web stream', () => stream([...mixed])],
  ])('%s, of text and views in any mixture; empty blocks are omitted', async (_, make) => {
    expect(await blocksOf(wrong(make()))).toEqual(read);
  });

  test('a promise is not a block', async () => {
    const body = { [Symbol.asyncIterator]: () => [Promise.resolve('a')].values() };
    await expect(blocksOf(wrong(body))).rejects.toThrow(/block 0 of the body: a Promise is neither/);
  });

  test.each([undefined, 1, 3, 8192])('a file object, asked for %s bytes at a time', async (blockSize) => {
    const asked: number[] = [];
    const results = ['abc', encodeLatin1('de'), Promise.resolve('f'), Promise.resolve(null), 'never'];
    const file = {
      results,
      read(size: number) {
        asked.push(size);
        return this.results.shift()!;
      },
    };
    expect(await blocksOf(file, blockSize === undefined ? {} : { blockSize })).toEqual(['abc', 'de', 'f']);
    expect(asked).toEqual(Array.from({ length: 4 }, () => blockSize ?? 8192));
  });

  test.each([[null], [undefined], [''], [new Uint8Array(0)]])('a file object ends with %j', async (end) => {
    const results = ['a', end, 'b'];
    expect(await blocksOf({ read: () => results.shift() })).toEqual(['a']);
  });

  test.each([0, -1, 1.5, NaN, Infinity, 2 ** 53])('a block size of %d is refused', (blockSize) => {
    expect(() => encodeBody('x', { blockSize })).toThrow(RangeError);
  });
});

describe('errors of the source are passed on unchanged', () => {
  const failure = new Error('of the source');
  const fail = (): never => {
    throw failure;
  };
  test.each<[string, unknown]>([
    [
      'a generator',
      (function* () {
        yield 'a';
        fail();
      })(),
    ],
    [
      'an async generator',
      (async function* () {
        yield 'a';
        await Promise.reject(failure);
      })(),
    ],
    ['a file object', { read: () => Promise.reject(failure) }],
    ['a file object that throws', { read: fail }],
    ['a FileHandle', { fd: 3, read: () => Promise.reject(failure) }],
    ['a web stream', new ReadableStream({ pull: fail })],
    ['an iterable that returns no iterator', { [Symbol.asyncIterator]: fail }],
  ])('%s', async (_, body) => {
    const blocks = encodeBody(wrong(body)) as AsyncIterable<Uint8Array>;
    const iterate = async (): Promise<void> => {
      for await (const block of blocks) expect(decodeLatin1(block)).toBe('a');
    };
    expect(await iterate().catch((error: unknown) => error)).toBe(failure);
  });

  test('a locked web stream is refused at the call, before anything is sent', () => {
    const web = stream(['a']);
    web.getReader();
    expect(() => encodeBody(web)).toThrow(
      new TypeError('Cannot send a ReadableStream as a body: it is locked to another reader'),
    );
  });

  /** Each with whether it can be read only once, and a way to create it. */
  const repeated: [what: string, once: boolean, make: () => unknown][] = [
    ['a web stream', true, () => stream(['a'])],
    [
      'a generator',
      true,
      function* () {
        yield 'a';
      },
    ],
    [
      'an async generator',
      true,
      async function* () {
        yield await Promise.resolve('a');
      },
    ],
    ['an array', false, () => ['a']],
    ['a Blob', false, () => new Blob(['a'])],
    // It is its own iterator, but begins again.
    [
      'an iterator that can be rewound',
      false,
      () => {
        let index = 0;
        return {
          [Symbol.iterator]() {
            index = 0;
            return this;
          },
          next: () => ({ done: index > 0, value: ['a'][index++] }),
        };
      },
    ],
  ];
  test.each(repeated)('%s that was sent is no empty body; read only once: %s', async (_what, once, make) => {
    const body = wrong(make());
    // Nothing has been requested from it yet, for example because the connection could not be opened.
    encodeBody(body);
    expect(await blocksOf(body)).toEqual(['a']);
    if (once) expect(() => encodeBody(body)).toThrow(/ as a body: it has been read already$/);
    else expect(await blocksOf(body)).toEqual(['a']);
  });

  const form = new FormData();
  form.append('a', 'b');

  test.each<[what: string, body: object]>([
    ['a FormData', form],
    ['a Headers', new Headers({ a: 'b' })],
    ['a HTTPMessage', new HTTPMessage({ a: 'b' })],
    ['a Map', new Map([['a', 'b']])],
  ])('%s is refused at the call, with what to use instead', async (what, body) => {
    expect(() => encodeBody(wrong(body))).toThrow(
      new TypeError(
        `Cannot send ${what} as a body: it consists of pairs (for a FormData, give the body of a Response made of it, ` +
          'and its Content-Type)',
      ),
    );
    expect((await blocksOf(new Response(form).body!)).join('')).toContain('name="a"\r\n\r\nb\r\n');
  });

  test('after an error, as after the end, there is nothing more', async () => {
    const iterator = iteratorOf({ read: () => Promise.reject(failure) });
    await expect(iterator.next()).rejects.toBe(failure);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
  });
});

describe('stopping early', () => {
  test('closes an iterator', async () => {
    let closed = 0;
    const sync = function* (): Generator<string> {
      try {
        yield 'a';
        yield 'b';
      } finally {
        closed++;
      }
    };
    const later = async function* (): AsyncGenerator<string> {
      await Promise.resolve();
      yield* sync();
    };
    for (const body of [sync(), later()]) {
      for await (const block of encodeBody(body)) {
        expect(decodeLatin1(block)).toBe('a');
        break;
      }
    }
    expect(closed).toBe(2);
  });

  test('opens and closes an iterator before its first block', async () => {
    for (const key of [Symbol.iterator, Symbol.asyncIterator]) {
      const calls: string[] = [];
      const body = {
        [key]: () => {
          calls.push('opened');
          return { next: () => calls.push('asked'), return: () => calls.push('closed') };
        },
      };
      const blocks = encodeBody(wrong(body));
      const iterator = Symbol.iterator in blocks ? blocks[Symbol.iterator]() : blocks[Symbol.asyncIterator]();
      expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
      expect(calls).toEqual(['opened', 'closed']);
    }
  });

  test('at a block that cannot be sent keeps that error, even if closing fails', async () => {
    for (const key of [Symbol.iterator, Symbol.asyncIterator]) {
      let closed = 0;
      const body = {
        [key]: () => ({
          next: () => ({ done: false, value: 5 }),
          return: () => {
            closed++;
            throw new Error('of closing');
          },
        }),
      };
      await expect(blocksOf(wrong(body))).rejects.toThrow('Cannot send block 0 of the body: a number');
      expect(closed).toBe(1);
    }
  });

  test('a source is left alone after its end, its error, or its closing', async () => {
    for (const key of [Symbol.iterator, Symbol.asyncIterator]) {
      for (const last of ['end', 'error', 'closing']) {
        const calls: string[] = [];
        const body = {
          [key]: () => {
            calls.push('opened');
            return {
              next: () => {
                calls.push('asked');
                if (last === 'error') throw new Error('of the source');
                return { done: last === 'end', value: 'a' };
              },
              return: () => {
                calls.push('closed');
                return {};
              },
            };
          },
        };
        const blocks = encodeBody(wrong(body));
        const iterator =
          Symbol.iterator in blocks ? blocks[Symbol.iterator]() : blocks[Symbol.asyncIterator]();
        const once = async (): Promise<unknown> => iterator.next();
        await once().catch(() => undefined);
        if (last === 'closing') await iterator.return?.();
        expect(await iterator.next()).toEqual({ done: true, value: undefined });
        expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
        expect(calls).toEqual(['opened', 'asked', ...(last === 'closing' ? ['closed'] : [])]);
      }
    }
  });

  test('cancels a web stream and releases its lock', async () => {
    const web = stream(['a', 'b']);
    for await (const block of encodeBody(web)) {
      expect(decodeLatin1(block)).toBe('a');
      break;
    }
    expect(web.cancelled).toEqual([undefined]);
    expect(web.locked).toBe(false);
  });

  test('releases the lock of a web stream also at its end, and at its error', async () => {
    const whole = stream(['a']);
    await blocksOf(whole);
    expect(whole.locked).toBe(false);
    const broken = new ReadableStream({ pull: () => Promise.reject(new Error('x')) });
    await expect(blocksOf(broken)).rejects.toThrow('x');
    expect(broken.locked).toBe(false);
  });

  test('cancels a web stream before its first block', async () => {
    const web = stream(['a']);
    const iterator = iteratorOf(web);
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(web.cancelled).toEqual([undefined]);
    expect(web.locked).toBe(false);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  test('cancels a web stream while a block is pending', async () => {
    const cancelled: unknown[] = [];
    const web = new ReadableStream({
      pull: () => new Promise(() => {}),
      cancel: (reason) => void cancelled.push(reason),
    });
    const iterator = iteratorOf(web);
    const pending = iterator.next();
    await iterator.return?.();
    expect(cancelled).toEqual([undefined]);
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(web.locked).toBe(false);
  });

  test('releases the lock of a web stream even if it cannot be cancelled', async () => {
    const failure = new Error('of cancelling');
    const web = new ReadableStream({
      pull: (controller) => {
        controller.enqueue('a');
      },
      cancel: () => Promise.reject(failure),
    });
    const iterator = iteratorOf(web);
    await iterator.next();
    await expect(iterator.return?.()).rejects.toBe(failure);
    expect(web.locked).toBe(false);
  });

  test('leaves a FileHandle and a file object as they are', async () => {
    for (const body of [{ fd: 3, read: () => Promise.resolve({ bytesRead: 1 }) }, { read: () => 'a' }]) {
      for await (const block of encodeBody(wrong(body))) {
        expect(block).toHaveLength(1);
        break;
      }
      expect(Object.keys(body)).toContain('read');
    }
  });

  test('ends an iterator that has no return()', async () => {
    const endless = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: false, value: 'a' }) }),
    };
    const iterator = iteratorOf(endless);
    await iterator.next();
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    const blocks = (encodeBody(['a', 'b']) as Iterable<Uint8Array>)[Symbol.iterator]();
    blocks.next();
    expect(blocks.return?.()).toEqual({ done: true, value: undefined });
    const wrongBlock = encodeBody(wrong([5])) as Iterable<Uint8Array>;
    expect(() => Array.from(wrongBlock)).toThrow('Cannot send block 0 of the body: a number');
  });

  test.each([
    ['before the first block', [], ['destroy']],
    ['between blocks', ['a'], ['finally']],
    ['while a block is pending', ['a', undefined], ['destroy']],
  ])('ends an iterable that can be destroyed %s', async (_when, asked, ended) => {
    const calls: string[] = [];
    const body = {
      destroy: () => calls.push('destroy'),
      async *[Symbol.asyncIterator]() {
        try {
          yield 'a';
          await new Promise(() => undefined);
        } finally {
          calls.push('finally');
        }
      },
    };
    const iterator = iteratorOf(body);
    for (const block of asked) {
      const next = iterator.next();
      if (block !== undefined) await next;
    }
    await iterator.return?.();
    expect(calls).toEqual(ended);
  });

  test('a block that arrives afterwards is dropped', async () => {
    let give: (result: { done: boolean; value: string }) => void = () => undefined;
    const late = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<{ done: boolean; value: string }>((done) => (give = done)),
      }),
    };
    for (const done of [true, false]) {
      const iterator = iteratorOf(late);
      const pending = iterator.next();
      await iterator.return?.();
      give({ done, value: 'late' });
      expect(await pending).toEqual({ done: true, value: undefined });
    }
  });
});
