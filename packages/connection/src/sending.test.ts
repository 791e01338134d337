import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { describe, expect, onTestFinished, test } from 'vitest';

import { temporaryFolder } from '../../../tests/support/folders.js';
import type { HTTPConnectionOptions, RequestBody, RequestOptions } from './index.js';
import { afterWrite } from './testing.js';
import { generated, wire } from './testdata/sent.js';
import { answer, bytes, rejection, stage } from './testdata/stage.js';

const START = 'POST / HTTP/1.1\r\nHost: example.org\r\nAccept-Encoding: identity\r\n';
const LENGTH = `${START}Content-Length: 5\r\n\r\nhello`;
const CHUNKED = `${START}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`;
const TWO_CHUNKS = `${START}Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n`;
const NO_CHUNKS = `${START}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`;

async function fileHandle(content: string): Promise<RequestBody> {
  const path = join(temporaryFolder(), 'body');
  writeFileSync(path, content, 'latin1');
  const handle = await open(path);
  onTestFinished(() => handle.close());
  return handle;
}

/** A file object that records the sizes of its reads. */
function fileLike(content: string): { read(size: number): Uint8Array; readonly sizes: number[] } {
  let at = 0;
  const sizes: number[] = [];
  return {
    sizes,
    read(size) {
      sizes.push(size);
      const part = bytes(content.slice(at, at + Math.min(size, 3)));
      at += part.length;
      return part;
    },
  };
}

describe('a body, and how it is framed', () => {
  const view = new Uint8Array(bytes('>>hello<<'));
  const rows: [
    name: string,
    body: () => RequestBody | null | undefined | Promise<RequestBody>,
    expected: string,
  ][] = [
    ['none', () => undefined, `${START}Content-Length: 0\r\n\r\n`],
    ['null', () => null, `${START}Content-Length: 0\r\n\r\n`],
    ['an empty string', () => '', `${START}Content-Length: 0\r\n\r\n`],
    ['a string', () => 'hello', LENGTH],
    ['text in ISO-8859-1', () => '\xe9\xff', `${START}Content-Length: 2\r\n\r\n\xe9\xff`],
    ['bytes', () => bytes('hello'), LENGTH],
    ['a view of bytes', () => view.subarray(2, 7), LENGTH],
    ['a Buffer', () => Buffer.from('hello'), LENGTH],
    ['an ArrayBuffer', () => view.buffer.slice(2, 7), LENGTH],
    ['a DataView', () => new DataView(view.buffer, 2, 5), LENGTH],
    ['16-bit numbers', () => new Uint16Array([0x6968]), `${START}Content-Length: 2\r\n\r\nhi`],
    ['a Blob', () => new Blob(['hel', 'lo']), LENGTH],
    ['an empty Blob', () => new Blob([]), `${START}Content-Length: 0\r\n\r\n`],
    [
      'URLSearchParams',
      () => new URLSearchParams({ q: 'é &' }),
      `${START}Content-Length: 12\r\n\r\nq=%C3%A9+%26`,
    ],
    ['an iterable', () => ['hel', bytes('lo')], TWO_CHUNKS],
    ['an iterable with empty blocks', () => ['', 'hel', new Uint8Array(0), 'lo', ''], TWO_CHUNKS],
    ['an empty iterable', () => [], NO_CHUNKS],
    ['a Set', () => new Set(['hel', 'lo']), TWO_CHUNKS],
    ['an async generator', () => generated('hel', '', bytes('lo')), TWO_CHUNKS],
    ['an async generator of nothing', () => generated(''), NO_CHUNKS],
    ['a web stream', () => new Blob(['hello']).stream(), CHUNKED],
    ['a Node stream', () => Readable.from([Buffer.from('hel'), Buffer.from('lo')]), TWO_CHUNKS],
    ['a FileHandle', () => fileHandle('hello'), CHUNKED],
    ['an empty FileHandle', () => fileHandle(''), NO_CHUNKS],
    ['a file object', () => fileLike('hello'), TWO_CHUNKS],
    ['a file object of strings', () => ({ read: texts(['hel', 'lo', '']) }), TWO_CHUNKS],
    ['a file object that ends with null', () => ({ read: texts(['hello', null]) }), CHUNKED],
  ];
  test.each(rows)('%s', async (_name, body, expected) => {
    for (const writev of [true, false]) {
      const given = await body();
      const options = given === undefined ? {} : { body: given };
      const { sent } = await wire((connection) => connection.request('POST', '/', options), { writev });
      expect(sent).toBe(expected);
    }
  });

  function texts(parts: (string | null)[]): () => string | null {
    let at = 0;
    return () => parts[at++] ?? null;
  }
});

describe('methods without a body', () => {
  test.each([
    ['GET', ''],
    ['HEAD', ''],
    ['DELETE', ''],
    ['OPTIONS', ''],
    ['post', 'Content-Length: 0\r\n'],
    ['PUT', 'Content-Length: 0\r\n'],
    ['PATCH', 'Content-Length: 0\r\n'],
  ])('%s', async (method, field) => {
    const { sent, writes } = await wire((connection) => connection.request(method, '/'));
    expect(sent).toBe(START.replace('POST', method) + field + '\r\n');
    expect(writes).toBe(1);
  });
});

describe('the caller’s own framing', () => {
  const own = (field: string): string => `${START}${field}\r\n\r\n`;
  const rows: [name: string, options: RequestOptions, expected: string][] = [
    [
      'a Content-Length, kept',
      { body: ['hel', 'lo'], headers: { 'content-length': '5' } },
      `${own('content-length: 5')}hello`,
    ],
    ['a Content-Length without a body', { headers: { 'Content-Length': 9 } }, own('Content-Length: 9')],
    [
      'a Transfer-Encoding, as is',
      { body: '1\r\na\r\n0\r\n\r\n', headers: { 'Transfer-Encoding': 'chunked' } },
      `${own('Transfer-Encoding: chunked')}1\r\na\r\n0\r\n\r\n`,
    ],
    [
      'the same for a stream',
      { body: ['a', 'b'], headers: { 'Transfer-Encoding': 'gzip' } },
      `${own('Transfer-Encoding: gzip')}ab`,
    ],
    [
      'a Transfer-Encoding, to be encoded',
      { body: 'hello', headers: { 'Transfer-Encoding': 'gzip, chunked' }, encodeChunked: true },
      `${own('Transfer-Encoding: gzip, chunked')}5\r\nhello\r\n0\r\n\r\n`,
    ],
    [
      'the same without a body',
      { headers: { 'Transfer-Encoding': 'chunked' }, encodeChunked: true },
      `${own('Transfer-Encoding: chunked')}0\r\n\r\n`,
    ],
    [
      'both, to be encoded',
      {
        body: 'hello',
        headers: { 'Content-Length': 5, 'Transfer-Encoding': 'chunked' },
        encodeChunked: true,
      },
      `${own('Content-Length: 5\r\nTransfer-Encoding: chunked')}5\r\nhello\r\n0\r\n\r\n`,
    ],
    [
      'both, to be encoded: a stream, with trailers',
      {
        body: ['hel', 'lo'],
        headers: { 'Transfer-Encoding': 'chunked', 'Content-Length': 9 },
        trailers: () => ({ A: '1' }),
        encodeChunked: true,
      },
      `${own('Transfer-Encoding: chunked\r\nContent-Length: 9')}3\r\nhel\r\n2\r\nlo\r\n0\r\nA: 1\r\n\r\n`,
    ],
    [
      'both, as is',
      {
        body: '1\r\na\r\n0\r\n\r\n',
        headers: { 'Content-Length': 5, 'Transfer-Encoding': 'chunked' },
      },
      `${own('Content-Length: 5\r\nTransfer-Encoding: chunked')}1\r\na\r\n0\r\n\r\n`,
    ],
    ['encodeChunked without Transfer-Encoding', { body: 'hello', encodeChunked: true }, LENGTH],
    [
      'encodeChunked with a Content-Length',
      { body: 'hello', encodeChunked: true, headers: { 'Content-Length': 5 } },
      `${own('Content-Length: 5')}hello`,
    ],
  ];
  test.each(rows)('%s', async (_name, options, expected) => {
    expect((await wire((connection) => connection.request('POST', '/', options))).sent).toBe(expected);
  });
});

describe('trailers', () => {
  const chunks = `${START}Transfer-Encoding: chunked\r\n\r\n`;
  const rows: [name: string, options: RequestOptions, expected: string][] = [
    [
      'after a stream',
      { body: ['hello'], trailers: () => ({ A: '1', b: ['2', '3'] }) },
      '5\r\nhello\r\n0\r\nA: 1\r\nb: 2\r\nb: 3\r\n\r\n',
    ],
    [
      'after a string, which is chunked for them',
      { body: 'hello', trailers: () => [['A', 1]] },
      '5\r\nhello\r\n0\r\nA: 1\r\n\r\n',
    ],
    ['without a body', { trailers: () => ({ A: '1' }) }, '0\r\nA: 1\r\n\r\n'],
    ['a function that returns none', { body: 'hello', trailers: () => undefined }, '5\r\nhello\r\n0\r\n\r\n'],
  ];
  test.each(rows)('%s', async (_name, options, expected) => {
    expect((await wire((connection) => connection.request('POST', '/', options))).sent).toBe(
      chunks + expected,
    );
  });

  test('are requested when the body has been read', async () => {
    const order: string[] = [];
    const body = (function* () {
      order.push('body');
      yield 'hello';
      order.push('end');
    })();
    await wire((connection) =>
      connection.request('POST', '/', {
        body,
        trailers: () => {
          order.push('trailers');
          return {};
        },
      }),
    );
    expect(order).toEqual(['body', 'end', 'trailers']);
  });

  test.each(['Content-Length', 'Host', 'Authorization', 'a b'])('%s is rejected as one', async (name) => {
    for (const body of ['hello', ['hello']]) {
      const { connection } = stage(['']);
      const request = connection.request('POST', '/', { body, trailers: () => ({ [name]: '1' }) });
      const error = await rejection(request);
      expect(error).toBeInstanceOf(TypeError);
      // The trailers of a body in memory are known before anything is sent, others once all but the last chunk has been.
      expect(error.delivery).toBe(typeof body === 'string' ? undefined : 'partial');
      expect(connection.state).toBe('Idle');
    }
  });
});

test('a file object is asked for blockSize bytes at a time', async () => {
  const { connection } = stage([''], { blockSize: 100 });
  const file = fileLike('hello');
  await connection.request('POST', '/', { body: file });
  expect(new Set(file.sizes)).toEqual(new Set([100]));
  const another = fileLike('');
  const second = stage(['']);
  second.connection.blockSize = 7;
  await second.connection.request('POST', '/', { body: another });
  expect(another.sizes).toEqual([7]);
});

/** Memory that can be resized, as the types of 2023 do not know it. */
interface Resizable extends ArrayBuffer {
  resize(length: number): void;
}
const resizable = (length: number): Resizable =>
  Reflect.construct(ArrayBuffer, [length, { maxByteLength: 100 }]) as Resizable;

describe('a body in memory that has another length by the time it is sent', () => {
  // Its memory may be resized, or be transferred to another thread.
  const rows: [what: string, change: (memory: Resizable) => unknown][] = [
    ['nothing', (memory) => structuredClone(memory, { transfer: [memory] })],
    [
      'less',
      (memory) => {
        memory.resize(3);
      },
    ],
    [
      'more',
      (memory) => {
        memory.resize(9);
      },
    ],
  ];
  test.each(rows)('%s: a RangeError once connected, and nothing is sent', async (_what, change) => {
    const { connection, transports } = stage(['', answer('again')]);
    const memory = resizable(5);
    const request = connection.request('POST', '/', { body: new Uint8Array(memory) });
    change(memory);
    const error = await rejection(request);
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ delivery: 'unsent' });
    expect(error.message).toContain('promises 5 bytes');
    expect(transports[0]).toMatchObject({ writtenText: '', closed: true });
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    expect(await response.text()).toBe('again');
  });

  test.each(rows)('%s: a RangeError after a 100, and closed', async (_what, change) => {
    const { connection, transports } = stage([[afterWrite(1), 'HTTP/1.1 100 Continue\r\n\r\n']]);
    const memory = resizable(5);
    await connection.connect();
    const headers = { Expect: '100-continue' };
    const request = connection.request('POST', '/', { headers, body: new Uint8Array(memory) });
    change(memory);
    const error = await rejection(request);
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ delivery: 'answered' });
    expect(transports[0]!.writtenText).toMatch(/\r\n\r\n$/);
    expect(transports[0]!.closed).toBe(true);
  });
});

describe('in the middle of a body, its signal may be aborted: nothing more is sent', () => {
  type Ended = RequestOptions & HTTPConnectionOptions;
  const ends: [by: string, sent: string, make: (abort: () => void) => Ended][] = [
    [
      'by an observer',
      '',
      (abort) => ({
        body: ['one', 'two'],
        onWire: ({ part }) => {
          if (part === 'chunk-data') abort();
        },
      }),
    ],
    [
      'by its source',
      '3\r\none\r\n',
      (abort) => {
        function* body(): Generator<string, void> {
          yield 'one';
          abort();
          yield 'two';
        }
        return { body: body() };
      },
    ],
    [
      'by its asynchronous source',
      '3\r\none\r\n',
      (abort) => {
        async function* body(): AsyncGenerator<string, void> {
          yield 'one';
          await Promise.resolve();
          abort();
          yield 'two';
        }
        return { body: body() };
      },
    ],
  ];
  test.each(ends)('%s', async (_by, sent, make) => {
    const controller = new AbortController();
    const { signal } = controller;
    const { body, onWire } = make(() => {
      controller.abort('enough');
    });
    const { connection, transports } = stage([''], { onWire });
    await expect(connection.request('POST', '/', { body, signal })).rejects.toBe('enough');
    expect(transports[0]!.writtenText).toBe(`${START}Transfer-Encoding: chunked\r\n\r\n${sent}`);
  });
});
