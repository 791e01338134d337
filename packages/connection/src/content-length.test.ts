import { NotConnected } from '@http-client/errors';
import type { HeadersInput } from '@http-client/headers';
import { describe, expect, test } from 'vitest';

import type { HTTPConnection, RequestBody } from './index.js';
import { afterWrite } from './testing.js';
import { answer, rejection, stage } from './testdata/stage.js';

describe('a promised Content-Length', () => {
  const blocks = (...parts: string[]): (() => RequestBody)[] => [
    () => parts,
    async function* () {
      await Promise.resolve();
      yield* parts;
    },
  ];
  const kept: [promised: number, parts: string[]][] = [
    [5, ['hello']],
    [5, ['hel', '', 'lo', '']],
    [0, []],
    [0, ['']],
  ];
  test.each(kept)('of %i bytes is kept by %o', async (promised, parts) => {
    for (const make of blocks(...parts)) {
      const { connection, transports } = stage(['']);
      await connection.request('POST', '/', { body: make(), headers: { 'Content-Length': promised } });
      expect(transports[0]!.writtenText).toMatch(new RegExp(`\r\n\r\n${parts.join('')}$`));
      expect(connection.state).toBe('Request-sent');
    }
  });

  const broken: [promised: number, parts: string[], sent: string][] = [
    [5, ['hello', 'x'], 'hello'],
    [5, ['hel', 'lox', 'yz'], 'hel'],
    [5, ['hell'], 'hell'],
    [5, [], ''],
    [0, ['x'], ''],
  ];
  test.each(broken)(
    'of %i bytes is broken by %o: a RangeError, and closed',
    async (promised, parts, sent) => {
      for (const make of blocks(...parts)) {
        const { connection, transports } = stage(['', answer('again')]);
        const request = connection.request('POST', '/', {
          body: make(),
          headers: { 'Content-Length': promised },
        });
        const error = await rejection(request);
        expect(error).toBeInstanceOf(RangeError);
        expect(error).toMatchObject({ delivery: 'partial' });
        expect(error.message).toContain(`promises ${promised} bytes`);
        expect(transports[0]!.writtenText).toMatch(new RegExp(`\r\n\r\n${sent}$`));
        expect(transports[0]!.closed).toBe(true);
        expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
        await connection.request('GET', '/');
        const response = await connection.getResponse();
        expect(await response.text()).toBe('again');
      }
    },
  );

  const told: [size: number, gives: string, sent: string][] = [
    [2, 'hello', ''],
    [9, 'hello', 'hello'],
  ];
  test.each(told)(
    'of %i bytes by a Blob that yields %j: a RangeError, and closed',
    async (size, gives, sent) => {
      const { connection, transports } = stage(['']);
      const body = { size, stream: () => new Blob([gives]).stream() };
      const error = await rejection(connection.request('POST', '/', { body }));
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({ delivery: 'partial' });
      expect(transports[0]!.writtenText).toMatch(new RegExp(`Content-Length: ${size}\r\n\r\n${sent}$`));
      expect(transports[0]!.closed).toBe(true);
    },
  );
});

describe('a promised Content-Length with endHeaders()', () => {
  const rows: [what: string, body: RequestBody, promised: number][] = [
    ['text in chunks', 'hello', 5],
    // The chunk, its framing and the last chunk have 15 bytes: a server would take all of them for the content.
    ['text in chunks that have that length', 'hello', 15],
    ['blocks in chunks', ['hel', 'lo'], 5],
    ['nothing but the last chunk', '', 5],
  ];
  test.each(rows)('%s: a RangeError, and nothing is sent', async (_what, body, promised) => {
    const { connection, transports } = stage([answer('ok')]);
    await connection.connect();
    connection.putRequest('POST', '/');
    connection.putHeader('Content-Length', promised);
    const error = await rejection(connection.endHeaders(body, { encodeChunked: true }));
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toMatch(/^Cannot send the body in chunks: Content-Length promises \d+ bytes, /);
    expect(transports[0]!.writes).toHaveLength(0);
    expect(connection.state).toBe('Request-started');
    // With the field that announces them, the chunks determine where the message ends.
    connection.putHeader('Transfer-Encoding', 'chunked');
    await connection.endHeaders(body, { encodeChunked: true });
    expect(transports[0]!.writtenText).toMatch(/\r\n0\r\n\r\n$/);
  });

  test('with a Transfer-Encoding, a body that is sent as it is need not have that length', async () => {
    const { connection, transports } = stage(['']);
    connection.putRequest('POST', '/');
    connection.putHeader('Content-Length', 5);
    connection.putHeader('Transfer-Encoding', 'chunked');
    await connection.endHeaders('5\r\nhello\r\n0\r\n\r\n');
    expect(transports[0]!.writtenText).toMatch(/\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/);
  });
});

test.each(['', 'five', '+5', '-5', '0x5', '5e0', '5.0', '5 5', '5, 5', '9007199254740992'])(
  'a Content-Length of %j is a TypeError: JavaScript may read it as a number, but not every recipient',
  async (length) => {
    const { connection, transports } = stage([answer('ok')]);
    await connection.connect();
    const headers = { 'Content-Length': length };
    await expect(connection.request('POST', '/', { headers, body: 'hello' })).rejects.toThrow(
      new TypeError(
        `Cannot use "${length}" as Content-Length: expected a number of bytes (RFC 9110, section 8.6)`,
      ),
    );
    expect(transports[0]!.writes).toHaveLength(0);
  },
);

test('a Content-Length that is no number is quoted and truncated in the error', async () => {
  const { connection } = stage([]);
  const headers = { 'Content-Length': `5\t${'x'.repeat(60_000)}` };
  const error = await rejection(connection.request('POST', '/', { headers }));
  expect(error).toBeInstanceOf(TypeError);
  expect(error.message).toMatch(/^Cannot use "5\\tx{78}…" as Content-Length: expected a number of bytes /);
  expect(error.message.length).toBeLessThan(200);
});

describe('a second Content-Length', () => {
  const pairs: [first: string | number, second: string | number][] = [
    ['5', '5'],
    ['5', '05'],
    [5, '5'],
    ['5', '6'],
  ];
  test.each(pairs)('%j and %j: a RangeError, and nothing is sent', async (first, second) => {
    const { connection, transports } = stage(['', '']);
    const given: HeadersInput[] = [
      [
        ['Content-Length', first],
        ['content-length', second],
      ],
      { 'Content-Length': [first, second] },
    ];
    for (const headers of given) {
      const error = await rejection(connection.request('POST', '/', { body: 'hello', headers }));
      expect(error).toBeInstanceOf(RangeError);
      expect(error.message).toMatch(/^Cannot use "\d" as Content-Length: the head has one already, 5 /);
      expect(connection).toMatchObject({ state: 'Idle', transport: undefined });
    }
    connection.putRequest('POST', '/');
    connection.putHeader('Content-Length', first);
    expect(() => {
      connection.putHeader('content-length', second);
    }).toThrow(RangeError);
    await connection.endHeaders('hello');
    expect(transports[0]!.writtenText.match(/content-length/gi)).toHaveLength(1);
  });
});

describe('a body that the head promised, sent by send() or not at all', () => {
  /** Sent after the head alone, as a server may do. */
  const early = [afterWrite(1), answer('one')];
  const begin = async (connection: HTTPConnection, promised = 5): Promise<void> => {
    connection.putRequest('POST', '/');
    connection.putHeader('Content-Length', promised);
    await connection.endHeaders();
  };
  const sendWith = (connection: HTTPConnection, headers: Record<string, number>): Promise<void> =>
    connection.request('POST', '/', { headers, body: ['hel', 'lo'] });
  const rows: [what: string, send: (connection: HTTPConnection) => Promise<void>, kept: boolean][] = [
    [
      'nothing of it',
      (connection) => connection.request('POST', '/', { headers: { 'Content-Length': 5 } }),
      false,
    ],
    [
      'nothing of it, with GET',
      (connection) => connection.request('GET', '/', { headers: { 'Content-Length': 5 } }),
      false,
    ],
    ['nothing of it, after endHeaders()', begin, false],
    ['no byte, if none is promised', (connection) => begin(connection, 0), true],
    [
      'text, one byte short',
      async (connection) => {
        await begin(connection);
        await connection.send('hell');
      },
      false,
    ],
    [
      'all of it, with endHeaders()',
      async (connection) => {
        connection.putRequest('POST', '/');
        connection.putHeader('Content-Length', 5);
        await connection.endHeaders('hello');
      },
      true,
    ],
    [
      'all of it, piece by piece',
      async (connection) => {
        await begin(connection);
        await connection.send('he');
        await connection.send(new Uint8Array([0x6c]));
        await connection.send(['l', 'o']);
      },
      true,
    ],
    [
      'blocks, one byte short',
      async (connection) => {
        await begin(connection);
        await connection.send(['he', 'll']);
      },
      false,
    ],
    [
      'text, one byte too many',
      async (connection) => {
        await begin(connection);
        await connection.send('hello!');
      },
      false,
    ],
    [
      'blocks, one byte too many',
      async (connection) => {
        await begin(connection);
        await connection.send(['hel', 'lo', '!']);
      },
      false,
    ],
    [
      'a body after a head that promises none',
      async (connection) => {
        await connection.request('GET', '/');
        await connection.send('GET /smuggled HTTP/1.1\r\n\r\n');
      },
      false,
    ],
    [
      'more, after a complete body',
      async (connection) => {
        await connection.request('POST', '/', { body: 'hello' });
        await connection.send('!');
      },
      false,
    ],
    [
      'a body without a length, with endHeaders()',
      async (connection) => {
        connection.putRequest('POST', '/');
        await connection.endHeaders('hello');
      },
      false,
    ],
    [
      'chunks that no field announces, with endHeaders()',
      async (connection) => {
        connection.putRequest('POST', '/');
        await connection.endHeaders('hello', { encodeChunked: true });
      },
      false,
    ],
    [
      'no chunk but the last one, which no field announces',
      async (connection) => {
        connection.putRequest('POST', '/');
        await connection.endHeaders([], { encodeChunked: true });
      },
      false,
    ],
    [
      'encodeChunked without a body for endHeaders(), and then the promised one',
      async (connection) => {
        connection.putRequest('POST', '/');
        connection.putHeader('Content-Length', 5);
        await connection.endHeaders(undefined, { encodeChunked: true });
        await connection.send('hello');
      },
      true,
    ],
    [
      'encodeChunked without a body for endHeaders(), and nothing of the promised one',
      async (connection) => {
        connection.putRequest('POST', '/');
        connection.putHeader('Content-Length', 5);
        await connection.endHeaders(undefined, { encodeChunked: true });
      },
      false,
    ],
    ['blocks that keep the promise', (connection) => sendWith(connection, { 'Content-Length': 5 }), true],
    ['blocks that this client chunks', (connection) => sendWith(connection, {}), true],
    [
      'text that this client chunks',
      async (connection) => {
        connection.putRequest('POST', '/');
        connection.putHeader('Transfer-Encoding', 'chunked');
        await connection.endHeaders('hello', { encodeChunked: true });
      },
      true,
    ],
    [
      'chunks of the caller’s own, without a promise',
      async (connection) => {
        connection.putRequest('POST', '/');
        connection.putHeader('Transfer-Encoding', 'chunked');
        await connection.endHeaders();
        await connection.send('5\r\nhello\r\n0\r\n\r\n');
      },
      true,
    ],
  ];
  // The server would take whatever comes next for the rest of the body.
  test.each(rows)('%s: whether the next request is sent on its connection', async (_what, send, kept) => {
    for (const unread of [false, true]) {
      const { connection, connector, transports } = stage([early, '']);
      await connection.connect();
      await send(connection);
      const response = await connection.getResponse();
      if (!unread) expect(await response.text()).toBe('one');
      expect(connection.reusable).toBe(kept);
      await connection.request('GET', '/next');
      expect(connector.targets).toHaveLength(kept ? 1 : 2);
      expect(transports[0]!.writtenText.includes('/next')).toBe(kept);
      if (unread) expect(await response.text()).toBe('one');
      connection.close();
    }
  });

  test.each([
    ['less', 'hell', true],
    ['more', 'hello!', false],
  ])(
    '%s than was promised, before the response: whether the rest can still be sent',
    async (_what, body, can) => {
      const { connection } = stage(['']);
      await begin(connection);
      await connection.send(body);
      expect(connection.reusable).toBe(can);
    },
  );

  test('all that was promised, while the peer has not taken all of it: the connection is in step', async () => {
    const { connection, transports } = stage([''], { play: { stallWritesAfter: 40 } });
    await connection.connect();
    const sending = connection.request('POST', '/', { body: 'hello' });
    expect(connection.reusable).toBe(true);
    transports[0]!.drain();
    await sending;
    expect(transports[0]!.writtenText).toMatch(/hello$/);
  });

  test('with autoOpen off, connect() opens another connection for the next one', async () => {
    const { connection, transports } = stage([early, ''], { autoOpen: false });
    await connection.connect();
    await begin(connection);
    const response = await connection.getResponse();
    await response.read();
    expect(await rejection(connection.request('GET', '/'))).toBeInstanceOf(NotConnected);
    await connection.connect();
    await connection.request('GET', '/');
    expect(transports.map(({ closed }) => closed)).toEqual([true, false]);
  });
});
