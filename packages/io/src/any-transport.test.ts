import { runInNewContext } from 'node:vm';

import { describe, expect, test } from 'vitest';

import {
  checkTransport,
  closeTransport,
  decodeLatin1,
  encodeLatin1,
  joined,
  readFrom,
  transportError,
  writeTo,
} from './index.js';
import { blocksOf } from './testdata/calls.js';

const method = (): void => undefined;

describe('a transport', () => {
  test('has the three methods', () => {
    expect(() => {
      checkTransport({ read: method, write: method, close: method });
    }).not.toThrow();
  });

  test.each([
    [undefined, 'undefined', 'read'],
    [null, 'null', 'read'],
    ['text', 'a string', 'read'],
    [{}, 'an Object', 'read'],
    [{ read: method }, 'an Object', 'write'],
    [{ read: method, write: method }, 'an Object', 'close'],
    [{ read: method, write: method, close: true }, 'an Object', 'close'],
  ])('is not %o', (value, name, missing) => {
    expect(() => {
      checkTransport(value);
    }).toThrow(new TypeError(`Cannot use ${name} as a transport: it has no ${missing}()`));
  });

  const failure = new Error('of closing');
  test.each<[how: string, close: () => unknown]>([
    ['closes', method],
    [
      'throws',
      () => {
        throw failure;
      },
    ],
    ['rejects', () => Promise.reject(failure)],
  ])('is closed at once, and no error is passed on: it %s', (_how, close) => {
    let calls = 0;
    // An unhandled rejection would end the test run.
    closeTransport({
      close: () => {
        calls++;
        return close();
      },
    });
    expect(calls).toBe(1);
  });
});

describe('reading', () => {
  test.each([encodeLatin1('ab'), Buffer.from('ab'), null])('returns %o unchanged', async (block) => {
    expect(await readFrom({ read: () => Promise.resolve(block) })).toBe(block);
  });

  test.each([
    [undefined, 'undefined instead of a Uint8Array'],
    ['text', 'a string instead of a Uint8Array'],
    [new ArrayBuffer(1), 'an ArrayBuffer instead of a Uint8Array'],
    [new Uint8Array(0), 'an empty array'],
  ])('refuses %o', async (block, fault) => {
    await expect(readFrom({ read: () => Promise.resolve(block as never) })).rejects.toThrow(
      new TypeError(`Cannot read from the transport: it gave ${fault} (null is its end)`),
    );
  });
});

test.each([
  ['nothing', [], '', ''],
  ['one array', ['ab'], 'ab', 'ab'],
  ['several', ['ab', '', 'c', 'def'], 'abcdef', 'ab+-+c+def'],
])('%s is written in one write, by writev if there is one', async (_what, texts, whole, parts) => {
  const parted = blocksOf(texts);
  const writes: string[] = [];
  const transport = {
    read: () => Promise.resolve(null),
    write: (data: Uint8Array) => Promise.resolve(void writes.push(decodeLatin1(data))),
    close: method,
  };
  await writeTo(transport, parted);
  const writev = (blocks: readonly Uint8Array[]): Promise<void> =>
    Promise.resolve(void writes.push(blocks.map((block) => decodeLatin1(block) || '-').join('+')));
  await writeTo({ ...transport, writev }, parted);
  expect(writes).toEqual([whole, parts]);
  expect(decodeLatin1(joined(...parted))).toBe(whole);
});

test('a single array is written as it is, not copied', async () => {
  const [part = new Uint8Array(1)] = blocksOf('a');
  const writes: unknown[] = [];
  const write = (data: unknown): Promise<void> => Promise.resolve(void writes.push(data));
  await writeTo({ read: () => Promise.resolve(null), write, close: method }, [part]);
  expect(writes).toHaveLength(1);
  expect(writes[0]).toBe(part);
});

test.each(['reads', 'writes'])('an error thrown by a transport that %s is a rejection', async (what) => {
  const failure = new Error('why');
  const fail = (): never => {
    throw failure;
  };
  const transport = { read: fail, write: fail, close: method };
  const done = what === 'reads' ? readFrom(transport) : writeTo(transport, blocksOf('a'));
  await expect(done).rejects.toBe(failure);
});

test.each([new RangeError('why'), new DOMException('why', 'AbortError')])(
  'what a transport rejected with is an Error: %s',
  (failure) => {
    expect(transportError(failure)).toBe(failure);
  },
);

test.each<[reason: unknown, shown: string]>([
  ['text', 'text'],
  [undefined, 'undefined'],
  [null, 'null'],
  [5, 'a number'],
  [{ code: 5 }, 'an Object'],
  [Object.create(null), 'an object'],
  [{ toString: () => expect.unreachable() }, 'an Object'],
])('or the cause of one: %o', (reason, shown) => {
  const error = transportError(reason);
  expect(error.message).toBe(`The transport failed: ${shown}`);
  expect(error).toHaveProperty('cause', reason);
});

test('an Error may be of another realm, as Node’s own are in Jest', () => {
  const foreign: unknown = runInNewContext('new Error("why")');
  expect(foreign).not.toBeInstanceOf(Error);
  expect(transportError(foreign)).toBe(foreign);
});
