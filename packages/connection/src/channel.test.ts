import type { Transport } from '@http-client/io';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { HTTPConnection, type HTTPConnectionOptions, type HTTPResponse } from './index.js';
import { WIRES, type Wire, type WireReceiver } from './wire.js';
import { answer, bytes, head, outcome, quiet, rejection, settled, text } from './testdata/stage.js';

/** A transport with a wire, like this project's own: it pushes what it receives, and reports events at once. */
class Pushed implements Transport, Wire {
  readonly fileno = 3;
  readonly lag = 0;
  unsent = 0;
  takes = true;
  /** The error of the next write, which the system refuses at once. */
  broken: Error | undefined;
  closed = false;
  resumed = 0;
  #receiver: WireReceiver | undefined;

  constructor() {
    WIRES.set(this, this);
  }

  start(receiver: WireReceiver): void {
    this.#receiver = receiver;
  }

  resume(): void {
    this.resumed++;
  }

  write(): Promise<void> {
    return Promise.resolve();
  }

  send(): boolean {
    if (this.broken !== undefined) this.tells.writeFailed(this.broken);
    return this.takes && this.broken === undefined;
  }

  release(): Transport {
    return this;
  }

  read(): Promise<Uint8Array | null> {
    return Promise.resolve(null);
  }

  close(): void {
    this.closed = true;
  }

  /** The receiver that the wire reports to, even after the wire should have stopped. */
  get tells(): WireReceiver {
    return this.#receiver!;
  }

  says(text: string, owned = true): boolean {
    const block = bytes(text);
    const more = this.tells.received(block, block.length, owned);
    // The owner of a block may overwrite it as soon as `received` returns.
    if (!owned) block.fill(0x21);
    return more;
  }
}

async function asked(
  options: HTTPConnectionOptions = {},
): Promise<{ wire: Pushed; connection: HTTPConnection }> {
  const wire = new Pushed();
  const connection = new HTTPConnection('example.org', 80, {
    ...options,
    connector: () => Promise.resolve(wire),
  });
  await connection.request('GET', '/');
  return { wire, connection };
}

describe('a channel', () => {
  test('reads what it receives at once, and keeps no block that it does not own', async () => {
    const { wire, connection } = await asked();
    const getting = connection.getResponse();
    for (const part of [head('Content-Length: 9').slice(0, 10), head('Content-Length: 9').slice(10), 'one']) {
      wire.says(part, false);
    }
    const response = await getting;
    wire.says('two', false);
    const reading = response.text();
    wire.says('end', false);
    expect(await reading).toBe('onetwoend');
    expect(response.fileno()).toBe(3);
  });

  const waits: [call: string, read: (response: HTTPResponse) => Promise<Uint8Array>][] = [
    ['read(3)', (response) => response.read(3)],
    ['read1()', (response) => response.read1()],
    ['peek()', (response) => response.peek()],
    ['readLine()', (response) => response.readLine()],
    ['an iterator', async (response) => (await response[Symbol.asyncIterator]().next()).value!],
  ];
  test.each(
    waits.flatMap(([call, read]) => [
      [call, 'by its length', 'Content-Length: 9', 'on\n', read] as const,
      [call, 'in chunks', 'Transfer-Encoding: chunked', '3\r\non\n\r\n', read] as const,
    ]),
  )('%s, of a body %s, returns no block that it does not own', async (_call, _how, field, sent, read) => {
    const { wire, connection } = await asked();
    const getting = connection.getResponse();
    wire.says(head(field), false);
    const reading = read(await getting);
    wire.says(sent, false);
    expect(text(await reading)).toBe('on\n');
  });

  test('reports when it has buffered enough, and resumes when somebody reads', async () => {
    const { wire, connection } = await asked();
    const getting = connection.getResponse();
    wire.says(head());
    const response = await getting;
    expect(wire.says('a'.repeat(65_535))).toBe(true);
    expect(wire.tells.room()).toBe(1);
    expect(wire.says('b')).toBe(false);
    const { resumed } = wire;
    const reading = response.read(70_000);
    expect(wire.resumed).toBeGreaterThan(resumed);
    expect(wire.says('c'.repeat(10_000))).toBe(true);
    expect(await reading).toHaveLength(70_000);
  });

  test('does not treat an error as truncation if the peer had already ended the stream', async () => {
    const { wire, connection } = await asked();
    const getting = connection.getResponse();
    wire.says(`${head()}the whole body`);
    const response = await getting;
    wire.tells.ended();
    wire.tells.failed(new Error('late'));
    wire.tells.ended();
    expect(await response.text()).toBe('the whole body');
  });

  test('does not forget that the stream was cut off, whatever happens to the transport after that', async () => {
    const { wire, connection } = await asked();
    const getting = connection.getResponse();
    wire.says(`${head()}half of`);
    const response = await getting;
    const cut = new Error('no close_notify');
    wire.tells.ended(cut);
    wire.tells.failed(new Error('late'));
    expect(await rejection(response.text())).toMatchObject({
      name: 'IncompleteRead',
      partial: bytes('half of'),
      cause: cut,
    });
  });

  test('ignores what a wire reports after it was closed', async () => {
    const { wire, connection } = await asked();
    const getting = rejection(connection.getResponse());
    connection.close();
    expect(wire.says(answer('late'))).toBe(false);
    wire.tells.drained();
    wire.tells.failed(new Error('late'));
    expect((await getting).message).toContain('was closed');
    expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
    expect(wire.closed).toBe(true);
  });

  test.each([
    ['the first write of a request, which is unsent', false, 'unsent'],
    ['a later one, which leaves it sent in part', true, 'partial'],
  ])('is told at once that the system refuses %s', async (_which, later, delivery) => {
    const { wire, connection } = await asked();
    const getting = connection.getResponse();
    wire.says(answer(''));
    await getting;
    connection.putRequest('POST', '/');
    connection.putHeader('Content-Length', 4);
    if (later) await connection.endHeaders();
    wire.broken = Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' });
    const error = await rejection(later ? connection.send('body') : connection.endHeaders('body'));
    expect(error).toMatchObject({ code: 'EPIPE', delivery });
  });

  test('restarts the timeout when something arrives', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const { wire, connection } = await asked({ timeout: 60 });
    const getting = settled(connection.getResponse());
    // Together longer than the timeout, but each gap is shorter.
    for (const part of ['HTTP', '/1.1 ', '200', ' OK', '\r\n', 'A: ', 'b', '\r\n']) {
      vi.advanceTimersByTime(59);
      wire.says(part);
    }
    expect(await outcome(getting)).toEqual({ pending: true });
    vi.advanceTimersByTime(60);
    expect(await getting).toMatchObject({
      error: { code: 'ETIMEDOUT', phase: 'headers', delivery: 'answered' },
    });
  });

  test('restarts the timeout of the response when more of the request is sent', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const { wire, connection } = await asked({ timeout: 60 });
    const first = connection.getResponse();
    wire.says(answer(''));
    await first;
    connection.putRequest('POST', '/');
    connection.putHeader('Content-Length', 8);
    await connection.endHeaders();
    const getting = settled(connection.getResponse());
    for (let block = 0; block < 4; block++) {
      vi.advanceTimersByTime(59);
      await connection.send('on');
    }
    vi.advanceTimersByTime(59);
    expect(await outcome(getting)).toEqual({ pending: true });
    vi.advanceTimersByTime(1);
    expect(await getting).toMatchObject({ error: { code: 'ETIMEDOUT', phase: 'headers', delivery: 'sent' } });
  });

  test('settles what is pending when it is closed, even while microtasks are faked', async () => {
    const { connection } = await asked();
    vi.useFakeTimers({ toFake: ['queueMicrotask', 'setImmediate', 'setTimeout'] });
    const pending = rejection(connection.getResponse());
    connection.close();
    vi.useRealTimers();
    expect(await outcome(pending)).toMatchObject({ value: { name: 'HTTPException' } });
  });

  test('takes a timeout that is changed during a read from its next wait on', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const { wire, connection } = await asked({ timeout: 60 });
    const getting = connection.getResponse();
    wire.says(head('Content-Length: 9'));
    const reading = settled((await getting).read());
    connection.timeout = undefined;
    wire.says('one');
    vi.advanceTimersByTime(1000);
    expect(await outcome(reading)).toEqual({ pending: true });
    connection.timeout = 60;
    wire.says('two');
    vi.advanceTimersByTime(60);
    expect(await reading).toMatchObject({ error: { code: 'ETIMEDOUT', phase: 'body' } });
  });

  test('has no timeout if none is set, and leaves no timer behind', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const { connection } = await asked();
    const getting = outcome(connection.getResponse());
    expect(await getting).toEqual({ pending: true });
    expect(vi.getTimerCount()).toBe(0);
    connection.timeout = 60_000;
    connection.close();
    await connection.request('GET', '/');
    const timed = settled(connection.getResponse());
    expect(vi.getTimerCount()).toBe(1);
    connection.close();
    expect(await timed).toHaveProperty('error');
    await quiet();
    expect(vi.getTimerCount()).toBe(0);
  });
});

test.each([
  ['is answered', true],
  ['is not answered', true],
  ['stalls', true],
  ['is answered', false],
  ['stalls', false],
])(
  'neither a long write that makes progress nor the wait for its response times out, before it %s (awaited: %s)',
  async (then, awaited) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const wire = new Pushed();
    wire.takes = false;
    wire.unsent = 1000;
    const connection = new HTTPConnection('example.org', 80, {
      connector: () => Promise.resolve(wire),
      timeout: 160,
    });
    await connection.connect();
    const sending = settled(connection.request('POST', '/', { body: 'long' }));
    const get = (): typeof sending => settled(connection.getResponse());
    const getting = awaited ? get() : undefined;
    const pending = [sending, getting ?? sending];
    // Together longer than the timeout, but each gap is shorter.
    for (let part = 0; part < 8; part++) {
      vi.advanceTimersByTime(150);
      wire.unsent -= 100;
      for (const each of pending) expect(await outcome(each)).toEqual({ pending: true });
    }
    if (then !== 'stalls') {
      wire.tells.drained();
      expect(await sending).not.toHaveProperty('error');
    }
    if (then === 'is answered') {
      const answered = getting ?? get();
      wire.says('HTTP/1.1 204 \r\n\r\n');
      expect(await answered).toMatchObject({ value: { status: 204 } });
      expect(vi.getTimerCount()).toBeLessThanOrEqual(2);
      connection.close();
    } else if (then === 'is not answered') {
      vi.advanceTimersByTime(160);
      expect(await getting).toMatchObject({ error: { code: 'ETIMEDOUT', delivery: 'sent' } });
    } else {
      // The last progress is noticed a sixteenth of the timeout later.
      vi.advanceTimersByTime(159);
      expect(await outcome(sending)).toEqual({ pending: true });
      vi.advanceTimersByTime(11);
      for (const each of pending) expect(await each).toMatchObject({ error: { delivery: 'partial' } });
    }
    expect(vi.getTimerCount()).toBe(0);
  },
);
