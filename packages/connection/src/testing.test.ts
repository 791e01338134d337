import { runInNewContext } from 'node:vm';

import { HTTPException } from '@http-client/errors';
import { decodeLatin1, encodeLatin1, type Transport } from '@http-client/io';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { HTTPConnection } from './connection.js';
import {
  afterRequest,
  afterWrite,
  END,
  reset,
  scriptedTransport,
  STALL,
  type ScriptOptions,
  type ScriptStep,
} from './testing.js';

const bytes = encodeLatin1;
const GET = bytes('GET / HTTP/1.1\r\nHost: a\r\n\r\n');

/** Reads to the end. Returns the blocks, and what followed them: null, the code of an error, or nothing. */
async function play(transport: Transport): Promise<{ blocks: string[]; end: unknown }> {
  const blocks: string[] = [];
  for (;;) {
    const event = await settled(transport.read());
    if (!(event instanceof Uint8Array)) return { blocks, end: event };
    blocks.push(decodeLatin1(event));
  }
}

/** The outcome of a promise, once everything that could happen without external input has happened. */
async function settled(promise: Promise<unknown>): Promise<unknown> {
  const pending = new Promise((resolve) => {
    setImmediate(resolve, 'pending');
  });
  const result = await Promise.race([promise.catch((error: unknown) => error), pending]);
  return result instanceof Error && 'code' in result ? result.code : result;
}

describe('what is played', () => {
  const now = afterWrite(0);
  const rows: [
    name: string,
    replies: string | Uint8Array | ScriptStep[],
    ScriptOptions,
    string[],
    unknown,
  ][] = [
    ['each step is a block, followed by silence', [now, 'one', bytes('two')], {}, ['one', 'two'], 'pending'],
    ['text is ISO-8859-1', [now, '\x00\xff', END], {}, ['\x00\xff'], null],
    ['an empty step is not a block', [now, '', 'a', '', END], {}, ['a'], null],
    ['the end is final', [now, 'a', END, 'b'], {}, ['a'], null],
    ['a reset', [now, 'a', reset()], {}, ['a'], 'ECONNRESET'],
    ['a reset with another code', [now, reset('ETIMEDOUT')], {}, [], 'ETIMEDOUT'],
    ['a stall', [now, 'a', STALL, 'b'], {}, ['a'], 'pending'],
    ['bytes first wait for a request', ['a', END], {}, [], 'pending'],
    ['so does a string', 'a', {}, [], 'pending'],
    ['so do bytes', bytes('a'), {}, [], 'pending'],
    ['the end does not wait', [END], {}, [], null],
    ['blocks of two', [now, 'abcde', 'fg', END], { split: 2 }, ['ab', 'cd', 'e', 'fg'], null],
    ['single bytes', [now, 'abc', END], { split: 'bytes' }, ['a', 'b', 'c'], null],
    [
      'split positions are counted across all steps',
      [now, 'abc', 'def', END],
      { split: [1, 3, 3, 4, 99] },
      ['a', 'bc', 'd', 'ef'],
      null,
    ],
    ['no split positions', [now, 'abc', END], { split: [] }, ['abc'], null],
  ];
  test.each(rows)('%s', async (_name, replies, options, blocks, end) => {
    expect(await play(scriptedTransport(replies, options))).toEqual({ blocks, end });
  });

  test('a block belongs to the caller', async () => {
    const step = Buffer.from('abc');
    const transport = scriptedTransport([now, step]);
    const block = (await transport.read())!;
    block.fill(0);
    expect(step.toString()).toBe('abc');
  });

  test('each block arrives in its own turn of the event loop', async () => {
    const transport = scriptedTransport([now, 'one', 'two', END]);
    const events: string[] = [];
    const reading = play(transport).then(() => events.push('end'));
    for (const turn of ['first', 'second', 'third']) {
      await new Promise(setImmediate);
      events.push(`${turn} turn: ${transport.reads} reads`);
    }
    await reading;
    expect(events).toEqual(['first turn: 2 reads', 'second turn: 3 reads', 'end', 'third turn: 3 reads']);
  });

  test('fake timers do not stop it', async () => {
    vi.useFakeTimers();
    try {
      expect(await scriptedTransport([now, 'one']).read()).toEqual(bytes('one'));
    } finally {
      vi.useRealTimers();
    }
  });

  test.each([
    ['fake', false, 3_600_000],
    ['real', true, 20],
  ])(
    'the timeout of a connection that is kept expires by the %s timers of the next test',
    async (_kind, real, timeout) => {
      const use = (isReal: boolean): unknown => (isReal ? vi.useRealTimers() : vi.useFakeTimers());
      onTestFinished(() => {
        vi.useRealTimers();
      });
      const { connector } = scriptedTransport(['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello']);
      const connection = new HTTPConnection('example.org', 80, { connector, timeout });
      use(!real);
      await connection.request('GET', '/');
      await (await connection.getResponse()).text();
      use(real);
      await connection.request('GET', '/');
      const getting = connection.getResponse().catch((error: unknown) => error);
      if (!real) vi.advanceTimersByTime(timeout);
      expect(await getting).toMatchObject({ code: 'ETIMEDOUT', phase: 'headers' });
    },
  );

  test('it needs no global setImmediate', async () => {
    vi.stubGlobal('setImmediate', undefined);
    vi.resetModules();
    const testing = await import('./testing.js').finally(() => {
      vi.unstubAllGlobals();
    });
    expect(await testing.scriptedTransport([now, 'one']).read()).toEqual(bytes('one'));
  });

  test('a generator is asked for a step only when it is due', async () => {
    const steps = function* (): Generator<ScriptStep> {
      yield afterWrite(1);
      yield `you said ${transport.writtenText}`;
      yield END;
    };
    const transport = scriptedTransport(steps());
    const playing = play(transport);
    await transport.write(bytes('hello'));
    expect(await playing).toEqual({ blocks: ['you said hello'], end: null });
  });

  test('the read rejects with the error that a generator throws', async () => {
    const fault = new Error('the script is wrong');
    const steps = function* (): Generator<ScriptStep> {
      yield now;
      throw fault;
    };
    await expect(scriptedTransport(steps()).read()).rejects.toBe(fault);
  });
});

describe('what is waited for', () => {
  const post = (head: string, body: string): string => `POST / HTTP/1.1\r\n${head}\r\n\r\n${body}`;
  /** The exact bytes after which the script continues; what follows them counts for the next wait. */
  const rows: [name: string, ReturnType<typeof afterWrite>, sent: string][] = [
    ['a number of bytes', afterWrite(3), 'abc'],
    ['a predicate', afterWrite((sent) => sent.endsWith('go')), 'let it go'],
    ['a request without a body', afterRequest(), 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a request with lines ending in LF', afterRequest(), 'GET / HTTP/1.1\nHost: a\n\n'],
    ['a body by its length', afterRequest(), post('content-length: 4', '\r\n\r\n')],
    ['a body of no length', afterRequest(), post('Content-Length: 0', '')],
    [
      'chunks',
      afterRequest(),
      post('Transfer-Encoding: chunked', '3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n'),
    ],
    [
      'chunks that look like an end',
      afterRequest(),
      post('Transfer-Encoding: chunked', '7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n'),
    ],
    ['no chunk', afterRequest(), post('Transfer-Encoding: chunked', '0\r\n\r\n')],
    ['trailers', afterRequest(), post('Transfer-Encoding: chunked', '1\r\na\r\n0\r\nX: y\r\nZ: 0\r\n\r\n')],
  ];
  test.each(rows)('%s, written byte by byte', async (_name, wait, sent) => {
    const transport = scriptedTransport([wait, 'answer']);
    const reading = transport.read();
    for (const character of sent) {
      expect(await settled(reading)).toBe('pending');
      await transport.write(bytes(character));
    }
    expect(await settled(reading)).toEqual(bytes('answer'));
  });

  test.each(rows.filter(([name]) => name !== 'a predicate'))(
    '%s, twice in one write',
    async (_name, wait, sent) => {
      const transport = scriptedTransport([wait, 'one', wait, 'two', wait, 'three']);
      const playing = play(transport);
      await transport.write(bytes(sent + sent));
      expect(await playing).toEqual({ blocks: ['one', 'two'], end: 'pending' });
    },
  );

  test('bytes written before the first read count', async () => {
    const transport = scriptedTransport('answer');
    await transport.write(GET);
    expect(await settled(transport.read())).toEqual(bytes('answer'));
  });

  test('a request that cannot be parsed is an error of the script', async () => {
    const transport = scriptedTransport('answer');
    await transport.write(bytes(post('Transfer-Encoding: chunked', 'x\r\n')));
    await expect(transport.read()).rejects.toThrow(TypeError);
  });
});

describe('what is recorded', () => {
  test('every write, and all of them together', async () => {
    const transport = scriptedTransport([]);
    const data = bytes('ab');
    await transport.write(data);
    data.fill(0);
    await transport.writev([bytes('c'), bytes(''), bytes('\xff')]);
    expect(transport.writes).toEqual([bytes('ab'), bytes('c\xff')]);
    expect(transport.written).toEqual(bytes('abc\xff'));
    expect(transport.writtenText).toBe('abc\xff');
  });

  test('an array of another realm, as in the environments of Jest', async () => {
    const foreign = runInNewContext('new Uint8Array([97])') as Uint8Array;
    const transport = scriptedTransport([afterWrite(1), foreign, END]);
    await transport.write(foreign);
    expect(transport.writtenText).toBe('a');
    expect(await play(transport)).toEqual({ blocks: ['a'], end: null });
  });

  test('reads, and closing', async () => {
    const transport = scriptedTransport([END]);
    expect(transport).toMatchObject({ reads: 0, closed: false });
    await transport.read();
    await transport.read();
    transport.close();
    transport.close();
    expect(transport).toMatchObject({ reads: 2, closed: true });
  });
});

describe('back-pressure', () => {
  test('a peer that takes a limited amount, until it takes more', async () => {
    const transport = scriptedTransport([afterWrite(6), 'answer'], { stallWritesAfter: 3 });
    expect(await settled(transport.write(bytes('ab')))).toBeUndefined();
    const writes = [transport.write(bytes('cd')), transport.write(bytes('ef'))];
    const reading = transport.read();
    expect(await Promise.all([...writes, reading].map(settled))).toEqual(['pending', 'pending', 'pending']);
    expect(transport.writtenText).toBe('abc');
    transport.drain();
    expect(await Promise.all(writes)).toEqual([undefined, undefined]);
    expect(await reading).toEqual(bytes('answer'));
    await transport.write(bytes('g'));
    expect(transport.writtenText).toBe('abcdefg');
  });

  test('a peer that breaks in the middle of a write', async () => {
    const transport = scriptedTransport([afterWrite(3), 'too large'], { failWritesAfter: 3 });
    await transport.write(bytes('ab'));
    const failure = { code: 'EPIPE', syscall: 'write' };
    await expect(transport.write(bytes('cd'))).rejects.toMatchObject(failure);
    transport.drain();
    await expect(transport.write(bytes('e'))).rejects.toMatchObject(failure);
    expect(transport.writtenText).toBe('abc');
    expect(await transport.read()).toEqual(bytes('too large'));
  });

  test('the lower limit applies', async () => {
    const transport = scriptedTransport([], { stallWritesAfter: 1, failWritesAfter: 2 });
    expect(await settled(transport.write(bytes('abc')))).toBe('pending');
  });

  test('a reset rejects the pending write, and later ones', async () => {
    const transport = scriptedTransport([afterWrite(1), reset()], { stallWritesAfter: 1 });
    const writing = transport.write(bytes('ab'));
    await expect(transport.read()).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(writing).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(transport.write(bytes('c'))).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('after the end, writes still succeed', async () => {
    const transport = scriptedTransport([END]);
    await transport.read();
    await transport.write(bytes('a'));
    expect(transport.writtenText).toBe('a');
  });
});

describe('closing', () => {
  test('settles pending operations, and ends later ones', async () => {
    const transport = scriptedTransport([STALL], { stallWritesAfter: 0 });
    const reading = transport.read();
    const writing = transport.write(bytes('a'));
    transport.close();
    expect(await reading).toBeNull();
    await expect(writing).rejects.toThrow(HTTPException);
    expect(await transport.read()).toBeNull();
    await expect(transport.write(bytes('a'))).rejects.toThrow(HTTPException);
  });

  test('drops what has not been read', async () => {
    const transport = scriptedTransport([afterWrite(0), 'a', 'b']);
    await transport.read();
    transport.close();
    expect(await transport.read()).toBeNull();
  });
});

describe('a connection on a script', () => {
  const page = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

  test.each([undefined, 1, 7, 'bytes', [3, 20]] as const)(
    'two responses on one transport, split %o',
    async (split) => {
      const script = [page('one'), afterRequest(), page('two')];
      const transport = scriptedTransport(script, split === undefined ? {} : { split });
      const connection = new HTTPConnection('example.org', 80, { connector: transport.connector });
      for (const body of ['one', 'two']) {
        await connection.request('POST', '/', { body });
        const response = await connection.getResponse();
        expect(await response.text()).toBe(body);
      }
      expect(transport.writes).toHaveLength(2);
      connection.close();
      expect(transport.closed).toBe(true);
    },
  );
});
