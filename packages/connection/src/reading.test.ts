import { describe, expect, onTestFinished, test, vi } from 'vitest';

import type { HTTPResponse } from './index.js';
import { afterWrite, END } from './testing.js';
import { FRAMINGS, framedScript, playOf, SPLITS } from './testdata/framed.js';
import { answer, bytes, fetched, head, outcome, quiet, rejection, text } from './testdata/stage.js';

const BODY = 'one\n\ntwo and a half\r\nlast';

/** Collects what a call returns, until it returns nothing. */
async function drained(call: () => Promise<Uint8Array>): Promise<string[]> {
  const parts: string[] = [];
  for (let part = text(await call()); part !== ''; part = text(await call())) parts.push(part);
  return parts;
}

async function collected(blocks: AsyncIterable<Uint8Array>): Promise<string[]> {
  const parts: string[] = [];
  for await (const block of blocks) parts.push(text(block));
  return parts;
}

async function filled(fill: (target: Uint8Array) => Promise<number>, size: number): Promise<Uint8Array> {
  const target = new Uint8Array(size);
  return target.subarray(0, await fill(target));
}

/** Every way to read a body to its end. If the parts do not depend on how the bytes arrive, they are listed. */
const ways: [name: string, read: (response: HTTPResponse) => Promise<string[]>, parts?: readonly string[]][] =
  [
    ['read()', async (response) => [text(await response.read())], [BODY]],
    ['read(1)', (response) => drained(() => response.read(1)), Array.from(BODY)],
    [
      'read(10)',
      (response) => drained(() => response.read(10)),
      [BODY.slice(0, 10), BODY.slice(10, 20), BODY.slice(20)],
    ],
    ['read(1000)', (response) => drained(() => response.read(1000)), [BODY]],
    ['read1()', (response) => drained(() => response.read1())],
    ['read1(4)', (response) => drained(() => response.read1(4))],
    [
      'readInto(10)',
      (response) => drained(() => filled((target) => response.readInto(target), 10)),
      [BODY.slice(0, 10), BODY.slice(10, 20), BODY.slice(20)],
    ],
    ['readInto1(10)', (response) => drained(() => filled((target) => response.readInto1(target), 10))],
    [
      'readLine()',
      (response) => drained(() => response.readLine()),
      ['one\n', '\n', 'two and a half\r\n', 'last'],
    ],
    [
      'readLine(7)',
      (response) => drained(() => response.readLine(7)),
      ['one\n', '\n', 'two and', ' a half', '\r\n', 'last'],
    ],
    ['lines()', (response) => collected(response.lines()), ['one\n', '\n', 'two and a half\r\n', 'last']],
    ['for await', collected],
    ['text()', async (response) => [await response.text()], [BODY]],
    ['bytes()', async (response) => [text(await response.bytes())], [BODY]],
    ['body', (response) => collected(response.body)],
    ['toWebResponse()', async (response) => [await response.toWebResponse().text()], [BODY]],
  ];

/** Those that the reference does not have. They must not end as if what was closed had been complete. */
const WHOLE = ['for await', 'text()', 'bytes()', 'body', 'toWebResponse()'];

/** A web stream can be consumed only once. */
const repeatable = ways.filter(([name]) => name !== 'body' && name !== 'toWebResponse()');

describe.each(FRAMINGS)('a body framed by %s', (framing) => {
  for (const split of SPLITS) {
    test.each(ways)(`is read by %s (split: ${split})`, async (_name, read, parts) => {
      const { response, transport } = await fetched(framedScript(framing, BODY), playOf(split));
      expect(response).toMatchObject({ chunked: framing === 'chunked', willClose: framing === 'close' });
      expect(response.length).toBe(framing === 'length' ? BODY.length : undefined);
      const got = await read(response);
      expect(got.join('')).toBe(BODY);
      if (parts !== undefined) expect(got).toEqual(parts);
      expect(response.closed).toBe(true);
      expect(response.isClosed()).toBe(true);
      expect(response.length).toBe(framing === 'length' ? 0 : undefined);
      await quiet();
      expect(transport.closed).toBe(true);
    });
  }

  test('may be split anywhere', async () => {
    const script = framedScript(framing, BODY);
    const length = script.reduce<number>(
      (sum, step) => sum + (step as { length?: number }).length! || sum,
      0,
    );
    for (let cut = 1; cut < length; cut++) {
      const { response } = await fetched(script, { play: { split: [cut] } });
      expect(text(await response.read(7)) + (await response.text())).toBe(BODY);
    }
  });

  test('returns nothing after its end, with any call', async () => {
    const { response } = await fetched(framedScript(framing, ''));
    for (let time = 0; time < 2; time++) {
      for (const [, read] of repeatable) expect((await read(response)).join('')).toBe('');
      expect(await response.peek()).toHaveLength(0);
      expect(response.closed).toBe(true);
    }
  });

  test('is not waited for if no bytes are requested', async () => {
    const { response } = await fetched(framedScript(framing, BODY).slice(0, 1));
    const empty = new Uint8Array(0);
    for (const call of ['read', 'read1', 'peek', 'readLine'] as const)
      expect(await response[call](0)).toHaveLength(0);
    for (const call of ['readInto', 'readInto1'] as const) expect(await response[call](empty)).toBe(0);
    expect(response.closed).toBe(false);
  });

  test('belongs to the caller, in every part', async () => {
    const { response } = await fetched(framedScript(framing, BODY));
    const parts: Uint8Array[] = [];
    for (const part of [
      await response.peek(),
      await response.readLine(),
      await response.peek(3),
      await response.read1(2),
    ]) {
      parts.push(part);
      part.fill(0);
    }
    const rest = await response.read();
    expect(text(rest)).toBe(BODY.slice(6));
    for (const part of [...parts, rest]) {
      expect(part.buffer.byteLength).toBeLessThanOrEqual(Math.max(2 * part.length, 16));
    }
  });

  test('is closed early by close(), which discards the rest', async () => {
    const { response, connection, transport } = await fetched(framedScript(framing, BODY).slice(0, 2));
    expect(text(await response.read(3))).toBe('one');
    response.close();
    response.close();
    expect(response.closed).toBe(true);
    expect(transport.closed).toBe(true);
    expect(connection).toMatchObject({ state: 'Idle', reusable: false, transport: undefined });
    for (const [name, read] of repeatable) {
      if (!WHOLE.includes(name)) expect((await read(response)).join(''), name).toBe('');
    }
  });

  test.each(ways.filter(([name]) => WHOLE.includes(name)))(
    'is not taken for complete after close(): %s',
    async (_name, read) => {
      const { response } = await fetched(framedScript(framing, BODY).slice(0, 2));
      expect(text(await response.read(3))).toBe('one');
      response.close();
      expect((await rejection(read(response))).message).toContain('Cannot read the response body');
    },
  );

  test('still counts, after close(), what was seen and not read', async () => {
    const { response } = await fetched(framedScript(framing, BODY));
    await response.read(3);
    await response.peek();
    const { length } = response;
    response.close();
    expect(length).toBe(framing === 'length' ? BODY.length - 3 : undefined);
    expect(response.length).toBe(length);
  });

  test('is closed by await using', async () => {
    const { response, transport } = await fetched(framedScript(framing, BODY));
    await response[Symbol.asyncDispose]();
    expect(response.closed).toBe(true);
    expect(transport.closed).toBe(true);
  });
});

describe('chunks that have arrived together are read together', () => {
  const calls: [name: string, call: (response: HTTPResponse) => Promise<Uint8Array>][] = [
    ['read1()', (response) => response.read1()],
    ['read1(7)', (response) => response.read1(7)],
    ['readInto1(7)', (response) => filled((target) => response.readInto1(target), 7)],
    ['peek()', (response) => response.peek()],
    ['peek(7)', (response) => response.peek(7)],
  ];
  test.each(calls)('%s', async (_name, call) => {
    const { response } = await fetched([head('Transfer-Encoding: chunked'), '3\r\none\r\n4\r\n two\r\n']);
    await quiet();
    expect(text(await call(response))).toBe('one two');
  });
});

describe('a call waits', () => {
  const calls: [name: string, call: (response: HTTPResponse) => Promise<unknown>, waits: boolean][] = [
    ['read()', (response) => response.read(), true],
    ['read(4)', (response) => response.read(4), true],
    ['read(3)', (response) => response.read(3), false],
    ['read(0)', (response) => response.read(0), false],
    ['read1()', (response) => response.read1(), false],
    ['read1(9)', (response) => response.read1(9), false],
    ['readInto(4)', (response) => response.readInto(new Uint8Array(4)), true],
    ['readInto(0)', (response) => response.readInto(new Uint8Array(0)), false],
    ['readInto1(4)', (response) => response.readInto1(new Uint8Array(4)), false],
    ['readInto1(0)', (response) => response.readInto1(new Uint8Array(0)), false],
    ['peek(4)', (response) => response.peek(4), false],
    ['readLine()', (response) => response.readLine(), true],
    ['readLine(3)', (response) => response.readLine(3), false],
    ['next()', (response) => response[Symbol.asyncIterator]().next(), false],
  ];
  test.each(calls)('for no more than it needs: %s, with 3 bytes available', async (_name, call, waits) => {
    const { response } = await fetched([head('Content-Length: 10'), 'abc']);
    await quiet();
    const { pending } = await outcome(call(response));
    expect(pending).toBe(waits ? true : undefined);
    response.close();
    await quiet();
  });

  test.each(calls.filter(([name]) => !name.includes('(0)')))(
    'for something: %s, with nothing available',
    async (_name, call) => {
      const { response } = await fetched([head('Content-Length: 10')]);
      const waiting = call(response);
      expect(await outcome(waiting)).toEqual({ pending: true });
      response.close();
      await expect(waiting).rejects.toThrow(/was closed/);
    },
  );

  test.each(calls.filter(([name]) => name.includes('(0)')))('for nothing: %s', async (_name, call) => {
    const { response } = await fetched([head('Content-Length: 10')]);
    expect(await outcome(call(response))).not.toHaveProperty('pending');
  });
});

test.each(FRAMINGS)('a body framed by %s that stalls times out, in phase body', async (framing) => {
  const [start, body] = framedScript(framing, BODY, { cut: 5 });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const { response, connection, transport } = await fetched([start!, body!], { timeout: 25 });
  const reading = rejection(response.read());
  await quiet();
  vi.advanceTimersByTime(24);
  expect(await outcome(reading)).toEqual({ pending: true });
  vi.advanceTimersByTime(1);
  expect(await reading).toMatchObject({
    name: 'TimeoutError',
    code: 'ETIMEDOUT',
    phase: 'body',
    delivery: 'answered',
  });
  expect(response.closed).toBe(true);
  expect(transport.closed).toBe(true);
  expect(connection).toMatchObject({ state: 'Idle', reusable: false });
});

test.each(['to reads that begin afterwards', 'to a pending one once more has arrived'])(
  'a timeout that is set later applies %s',
  async (applies) => {
    const [start, body] = framedScript('length', BODY, { cut: 5 });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const { response, connection } = await fetched([start!, body!], { timeout: 1000 });
    const pending = applies.includes('pending') ? rejection(response.read()) : undefined;
    connection.timeout = 25;
    const reading = pending ?? rejection(response.read());
    await quiet();
    vi.advanceTimersByTime(25);
    expect(await reading).toMatchObject({ name: 'TimeoutError', phase: 'body' });
  },
);

describe('wrong arguments', () => {
  const amounts: [value: unknown, error: typeof Error][] = [
    [-1, RangeError],
    [1.5, RangeError],
    [NaN, RangeError],
    [Infinity, RangeError],
    [2 ** 53, RangeError],
    ['3', TypeError],
    [null, TypeError],
    [3n, TypeError],
  ];
  test.each(amounts)('an amount of %s is rejected, and nothing is read', async (value, error) => {
    const { response } = await fetched(answer('body'));
    for (const call of ['read', 'read1', 'peek', 'readLine'] as const) {
      const thrown = await rejection(response[call](value as number));
      expect(thrown).toBeInstanceOf(error);
      expect(thrown.message).toMatch(/^Cannot /);
    }
    expect(await response.text()).toBe('body');
  });

  test.each([[undefined], ['text'], [[1, 2]], [new ArrayBuffer(4)]])(
    'a target of %o is rejected',
    async (target) => {
      const { response } = await fetched(answer('body'));
      for (const call of ['readInto', 'readInto1'] as const) {
        expect(await rejection(response[call](target as never))).toBeInstanceOf(TypeError);
      }
      expect(await response.text()).toBe('body');
    },
  );
});

describe('targets', () => {
  test.each([
    ['a Buffer', (buffer: ArrayBuffer) => Buffer.from(buffer, 2, 4)],
    ['a DataView', (buffer: ArrayBuffer) => new DataView(buffer, 2, 4)],
    ['16-bit numbers', (buffer: ArrayBuffer) => new Uint16Array(buffer, 2, 2)],
  ])('%s, filled as bytes, within its bounds', async (_name, viewOf) => {
    for (const call of ['readInto', 'readInto1'] as const) {
      const { response } = await fetched(answer('abcdefgh'));
      const buffer = new ArrayBuffer(8);
      expect(await response[call](viewOf(buffer))).toBe(4);
      expect(text(new Uint8Array(buffer))).toBe('\0\0abcd\0\0');
    }
  });

  // As when WebAssembly's memory grows: 0 bytes, or fewer than the target had room for, would be the end of the body.
  test.each(
    (['length', 'chunked'] as const).flatMap((framing) => [
      [framing, 'readInto', 0] as const,
      [framing, 'readInto', 6] as const,
      [framing, 'readInto1', 0] as const,
    ]),
  )(
    'whose memory is transferred before a body framed by %s arrives: %s, %i bytes',
    async (framing, call, cut) => {
      const [start, body] = framedScript(framing, BODY) as [Uint8Array, Uint8Array];
      const { response, connection, transport } = await fetched([
        start,
        body.subarray(0, cut),
        afterWrite(1),
        body.subarray(cut),
      ]);
      const target = new Uint8Array(10);
      const reading = rejection(response[call](target));
      await quiet();
      structuredClone(target.buffer, { transfer: [target.buffer] });
      await connection.request('GET', '/2');
      expect((await reading).name).toMatch(/^(Type|Range)Error$/);
      expect(response.closed).toBe(true);
      expect(transport.closed).toBe(true);
    },
  );
});

test('a body remains readable after the next request has been sent', async () => {
  const { response, connection } = await fetched([answer('one'), afterWrite(1), answer('two'), END]);
  await connection.request('GET', '/2');
  expect(await response.text()).toBe('one');
  const second = await connection.getResponse();
  expect(await second.bytes()).toEqual(bytes('two'));
});

test.each<[call: string, line: string, reader: (response: HTTPResponse) => () => Promise<unknown>]>([
  ['readLine(10)', '1234567890', (response) => async () => text(await response.readLine(10))],
  [
    'lines()',
    '123456789\n',
    (response) => {
      const lines = response.lines()[Symbol.asyncIterator]();
      return async () => text((await lines.next()).value as Uint8Array);
    },
  ],
])('%s of a large block takes linear work', async (_call, line, reader) => {
  const count = 300_000;
  // So much is behind the lines that copying or searching it for each of them would exceed the time limit of a test.
  const { response } = await fetched([head(), line.repeat(count) + 'x'.repeat(2 ** 25), END]);
  const next = reader(response);
  const lines = new Set<unknown>();
  for (let read = 0; read < count; read++) lines.add(await next());
  expect(lines).toEqual(new Set([line]));
  response.close();
});

test('a response that has ended returns nothing of the next one', async () => {
  const { response, connection } = await fetched([answer('one'), afterWrite(1), answer('two\nthree')]);
  await connection.request('GET', '/2');
  await response.read();
  const second = await connection.getResponse();
  expect(text(await second.peek())).toBe('two\nthree');
  for (const [name, read] of repeatable) expect([name, (await read(response)).join('')]).toEqual([name, '']);
  expect(await response.peek()).toHaveLength(0);
  expect(await second.text()).toBe('two\nthree');
});
