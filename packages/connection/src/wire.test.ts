import type { Transport } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { HTTPConnection } from './index.js';
import { answer, bytes, fetched, head, outcome, quiet, rejection, settled, text } from './testdata/stage.js';

describe('a transport of the caller’s own', () => {
  test.each([1, 1024, 65_536, 65_537, 300_000])('returns blocks of %i bytes', async (size) => {
    const block = new Uint8Array(size).fill(0x61);
    const script = [head(`Content-Length: ${3 * size}`), block, block, block];
    const { response } = await fetched(script);
    const body = await outcome(response.read());
    expect(body.value).toHaveLength(3 * size);
  });
});

/** A transport whose reads and writes the test settles by hand. */
class Manual implements Transport {
  readonly fileno?: number;
  readonly written: string[] = [];
  closed = 0;
  #reader: { resolve: (block: Uint8Array | null) => void; reject: (reason: unknown) => void } | undefined;
  #writers: { resolve: () => void; reject: (reason: unknown) => void }[] = [];

  constructor(fileno?: number) {
    if (fileno !== undefined) this.fileno = fileno;
  }

  read(): Promise<Uint8Array | null> {
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  write(data: Uint8Array): Promise<void> {
    this.written.push(text(data));
    return new Promise((resolve, reject) => {
      this.#writers.push({ resolve, reject });
    });
  }

  close(): void {
    this.closed++;
  }

  get reading(): boolean {
    return this.#reader !== undefined;
  }

  give(block: string | null): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.resolve(block === null ? null : bytes(block));
  }

  break(reason: unknown): void {
    this.#reader?.reject(reason);
  }

  take(): void {
    this.#writers.shift()?.resolve();
  }

  refuse(reason: unknown): void {
    this.#writers.shift()?.reject(reason);
  }
}

describe('with only read, write and close', () => {
  function connectionOn(transport: Transport): HTTPConnection {
    return new HTTPConnection('example.org', 80, { connector: () => Promise.resolve(transport) });
  }

  test('one read is always pending, so that a FIN is noticed while idle', async () => {
    const transport = new Manual();
    const connection = connectionOn(transport);
    await connection.connect();
    await quiet();
    expect(transport.reading).toBe(true);
    expect(connection.reusable).toBe(true);
    transport.give(null);
    await quiet();
    expect(connection.reusable).toBe(false);
    expect(transport.closed).toBe(1);
  });

  test('request settles when the transport has taken the last byte', async () => {
    const transport = new Manual();
    const connection = connectionOn(transport);
    const requesting = connection.request('POST', '/', { body: ['one', 'two'] });
    for (const sent of ['POST', '3\r\none', '3\r\ntwo', '0\r\n']) {
      expect(await outcome(requesting)).toEqual({ pending: true });
      expect(transport.written.at(-1)).toMatch(new RegExp(`^${sent}`));
      transport.take();
    }
    expect(await outcome(requesting)).toEqual({ value: undefined });
    expect(transport.written).toHaveLength(4);
  });

  test('after its end it is not read again, although more is written', async () => {
    const transport = new Manual();
    const connection = connectionOn(transport);
    const requesting = connection.request('POST', '/', { body: ['one', 'two'] });
    await quiet();
    transport.give(answer('early'));
    await quiet();
    transport.give(null);
    for (const sent of ['POST', '3\r\none', '3\r\ntwo', '0\r\n']) {
      await quiet();
      expect(transport.written.at(-1)).toMatch(new RegExp(`^${sent}`));
      transport.take();
    }
    await requesting;
    expect(transport.reading).toBe(false);
    const response = await connection.getResponse();
    expect(await response.text()).toBe('early');
  });

  const reasons: [name: string, reason: () => unknown, expected: object][] = [
    ['an Error', () => Object.assign(new Error('gone'), { code: 'EIO' }), { message: 'gone', code: 'EIO' }],
    ['not an Error', () => 'gone', { message: 'The transport failed: gone', cause: 'gone' }],
    ['nothing at all', () => undefined, { message: 'The transport failed: undefined' }],
    [
      'an object without a prototype',
      () => Object.create(null) as unknown,
      { message: 'The transport failed: an object' },
    ],
  ];
  test.each(reasons)(
    'a write may reject with %s, and the response is still read',
    async (_name, reason, expected) => {
      const transport = new Manual();
      const connection = connectionOn(transport);
      const requesting = rejection(connection.request('GET', '/'));
      await quiet();
      transport.refuse(reason());
      expect(await requesting).toMatchObject({ ...expected, delivery: 'partial' });
      expect(connection.reusable).toBe(false);
      const getting = connection.getResponse();
      transport.give(answer('all the same'));
      expect(await (await getting).text()).toBe('all the same');
    },
  );

  test.each(reasons)('a read may reject with %s', async (_name, reason, expected) => {
    const transport = new Manual();
    const connection = connectionOn(transport);
    const requesting = connection.request('GET', '/');
    await quiet();
    transport.take();
    await requesting;
    const getting = rejection(connection.getResponse());
    transport.break(reason());
    expect(await getting).toMatchObject({ ...expected, delivery: 'sent' });
    expect(transport.closed).toBe(1);
  });

  test.each<[what: string, given: unknown]>([
    ['undefined', undefined],
    ['a string', 'HTTP/1.1 200 OK\r\n\r\n'],
    ['a number', 7],
    ['an Object', {}],
    ['a DataView', new DataView(new ArrayBuffer(9))],
    ['a Uint16Array', new Uint16Array(9)],
  ])('a read that returns %s is an error', async (what, given) => {
    const transport = {
      read: () => Promise.resolve(given as never),
      write: () => Promise.resolve(),
      close: () => undefined,
    };
    const connection = new HTTPConnection('example.org', 80, {
      connector: () => Promise.resolve(transport),
    });
    const request = rejection(connection.request('GET', '/'));
    const response = rejection(connection.getResponse());
    const errors = await Promise.all([request, response]);
    for (const error of errors) {
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toContain(`gave ${what} instead of a Uint8Array`);
    }
    expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
  });

  test('an array that is returned repeatedly, as tests do, is not modified', async () => {
    const reply = bytes('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n');
    let asked: (block: Uint8Array) => void = () => undefined;
    const transport = {
      read: () =>
        new Promise<Uint8Array>((resolve) => {
          asked = resolve;
        }),
      write: () => {
        asked(reply);
        return Promise.resolve();
      },
      close: () => undefined,
    };
    const connection = new HTTPConnection('example.org', 80, {
      connector: () => Promise.resolve(transport),
    });
    for (let turn = 0; turn < 3; turn++) {
      await connection.request('GET', '/');
      const response = await connection.getResponse();
      expect(turn === 1 ? text(await response.read()) : await response.text()).toBe('hello');
    }
    connection.close();
  });

  test.each<[what: string, blocks: readonly string[]]>([
    ['whole', [answer('hello')]],
    ['in pieces', Array.from(answer('hello'))],
  ])('a response that it has ready from the start, as tests do, %s', async (_what, blocks) => {
    const ready = blocks.map((block) => bytes(block));
    const written: string[] = [];
    const connection = connectionOn({
      read: () => Promise.resolve(ready.shift() ?? null),
      write: (data) => {
        written.push(text(data));
        return Promise.resolve();
      },
      close: () => undefined,
    });
    await connection.request('POST', '/', { body: 'one' });
    const response = await connection.getResponse();
    expect(await response.text()).toBe('hello');
    expect(written).toEqual([expect.stringMatching(/^POST [^]*one$/)]);
  });

  test('a method that throws is treated like one that rejects', async () => {
    const fault = new Error('thrown');
    const transport: Transport = {
      read() {
        throw fault;
      },
      write() {
        throw fault;
      },
      close: () => undefined,
    };
    const connection = connectionOn(transport);
    expect(await outcome(connection.request('GET', '/'))).toEqual({ error: fault });
    expect(fault).toMatchObject({ delivery: 'partial' });
    expect(await outcome(connection.getResponse())).toEqual({ error: fault });
    expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
  });

  test('a write and a read that fail at once: each operation ends with its own error', async () => {
    const transport = new Manual();
    const connection = connectionOn(transport);
    const requesting = settled(connection.request('GET', '/'));
    await quiet();
    const [unwritten, unread] = [new Error('not written'), new Error('not read')];
    transport.refuse(unwritten);
    transport.break(unread);
    expect(await requesting).toEqual({ error: unwritten });
    expect(await outcome(connection.getResponse())).toEqual({ error: unread });
    expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
  });

  test('whatever it reports after it was closed is ignored', async () => {
    for (const last of ['give', 'end', 'break', 'refuse'] as const) {
      const transport = new Manual();
      const connection = connectionOn(transport);
      const requesting = settled(connection.request('GET', '/'));
      await quiet();
      connection.close();
      if (last === 'refuse') transport.refuse(new Error('late'));
      else if (last === 'break') transport.break(new Error('late'));
      else transport.give(last === 'give' ? answer('late') : null);
      expect(await requesting).toMatchObject({ error: { code: 'HTTP_EXCEPTION' } });
      await quiet();
      expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
      expect(transport.closed).toBe(1);
    }
  });

  test.each([[7], [undefined]])('its descriptor is exposed, if it has one: %s', async (fileno) => {
    const transport = new Manual(fileno);
    const connection = connectionOn(transport);
    const requesting = connection.request('GET', '/', { headers: { Upgrade: 'raw' } });
    await quiet();
    transport.take();
    await requesting;
    transport.give('HTTP/1.1 101 \r\n\r\n');
    const response = await connection.getResponse();
    expect(response.fileno()).toBe(fileno ?? -1);
    await quiet();
    const { transport: detached } = connection.detach();
    expect(detached.fileno ?? -1).toBe(fileno ?? -1);
    expect(response.fileno()).toBe(-1);
    expect(detached).not.toHaveProperty('writev');
    const reading = detached.read();
    transport.give('raw');
    expect(text((await reading)!)).toBe('raw');
    const another = detached.read();
    transport.give(null);
    expect(await another).toBeNull();
    detached.close();
    expect(transport.closed).toBe(1);
  });
});

/** Nobody can handle an error of closing: it must neither end the process nor block anything. */
describe.each<[how: string, fail: () => unknown]>([
  [
    'throws',
    () => {
      throw new Error('of closing');
    },
  ],
  ['rejects', () => Promise.reject(new Error('of closing'))],
])('a transport whose close %s', (_how, fail) => {
  class Stubborn extends Manual {
    override close(): void {
      super.close();
      return fail() as undefined;
    }
  }

  async function asked(timeout?: number): Promise<[HTTPConnection, Stubborn, Promise<Error>]> {
    const transport = new Stubborn();
    const connector = (): Promise<Transport> => Promise.resolve(transport);
    const options = timeout === undefined ? {} : { timeout };
    const connection = new HTTPConnection('example.org', 80, { connector, ...options });
    await connection.connect();
    const sent = connection.request('GET', '/');
    transport.take();
    await sent;
    return [connection, transport, rejection(connection.getResponse())];
  }

  test.each<[what: string, cut: (connection: HTTPConnection, transport: Stubborn) => void, name: string]>([
    [
      'its owner closes it',
      (connection) => {
        connection.close();
      },
      'HTTPException',
    ],
    [
      'the peer closes it',
      (_connection, transport) => {
        transport.give(null);
      },
      'RemoteDisconnected',
    ],
    [
      'the response is invalid',
      (_connection, transport) => {
        transport.give('SSH-2.0\r\n');
      },
      'BadStatusLine',
    ],
  ])('is abandoned if %s', async (_what, cut, name) => {
    const [connection, transport, failed] = await asked();
    cut(connection, transport);
    expect((await failed).name).toBe(name);
    expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
    expect(transport.closed).toBe(1);
  });

  test('is abandoned if nothing arrives in time', async () => {
    const [connection, transport, failed] = await asked(5);
    expect((await failed).name).toBe('TimeoutError');
    expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
    expect(transport.closed).toBe(1);
  });
});
