import {
  BadStatusLine,
  HTTPException,
  IncompleteRead,
  InvalidHeader,
  LineTooLong,
  RemoteDisconnected,
  TooManyHeaders,
  TunnelError,
  UnknownProtocol,
} from '@http-client/errors';
import type { Transport } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { openTunnel, type OpenTunnelOptions } from './index.js';
import { END, Proxy, readAll, rejection, RESET, split, type Step } from './testdata/proxy.js';

const target = { host: 'destination.com', port: 443 };

/** The result of a reply: the tunnel, with all bytes that came through it up to its end. */
async function opened(steps: readonly Step[], options?: OpenTunnelOptions) {
  const proxy = new Proxy([...steps, END]);
  const { status, reason, headers, transport } = await openTunnel(proxy, target, options);
  expect(proxy.closed).toBe(false);
  return { status, reason, headers: headers.toJSON(), through: await readAll(transport) };
}

async function failed(steps: readonly Step[], options?: OpenTunnelOptions): Promise<unknown> {
  const proxy = new Proxy(steps);
  const error = await rejection(openTunnel(proxy, target, options));
  expect(proxy).toMatchObject({ closed: true, writes: [expect.any(String)] });
  return error;
}

interface Opening {
  what: string;
  reply: string;
  status?: number;
  reason?: string;
  headers?: [string, string][];
  /** What follows the reply. */
  through?: string;
  options?: OpenTunnelOptions;
}

const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\nX: y\r\n\r\n';

const openings: Opening[] = [
  { what: 'a 200', reply: 'HTTP/1.1 200 Connection established\r\n\r\n', reason: 'Connection established' },
  { what: 'an HTTP/1.0 200', reply: 'HTTP/1.0 200 OK\r\n\r\n', reason: 'OK' },
  { what: 'a 200 without a reason', reply: 'HTTP/1.1 200\r\n\r\n' },
  { what: 'a 201', reply: 'HTTP/1.1 201 Created\r\n\r\n', status: 201, reason: 'Created' },
  { what: 'a 204', reply: 'HTTP/1.1 204 \r\n\r\n', status: 204 },
  { what: 'a 299', reply: 'HTTP/1.1 299 \r\n\r\n', status: 299 },
  { what: 'lines that end in LF', reply: 'HTTP/1.1 200 \nA: b\n\n', headers: [['A', 'b']] },
  {
    what: 'fields, in order, with duplicates',
    reply: 'HTTP/1.1 200 OK\r\nVia: 1.1 a\r\nProxy-Agent: x\r\nvia: 1.1 b\r\n\r\n',
    reason: 'OK',
    headers: [
      ['Via', '1.1 a'],
      ['Proxy-Agent', 'x'],
      ['via', '1.1 b'],
    ],
  },
  {
    what: 'a Content-Length, which is ignored',
    reply: 'HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\n',
    headers: [['Content-Length', '5']],
    through: 'hello, tunnel',
  },
  {
    what: 'an invalid Content-Length, which is ignored',
    reply: 'HTTP/1.1 200 \r\nContent-Length: -1\r\nContent-Length: x\r\n\r\n',
    headers: [
      ['Content-Length', '-1'],
      ['Content-Length', 'x'],
    ],
    through: 'hello',
  },
  {
    what: 'a Transfer-Encoding, which is ignored',
    reply: 'HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n',
    headers: [['Transfer-Encoding', 'chunked']],
    through: '5\r\nhello\r\n0\r\n\r\n',
  },
  {
    what: 'Connection: close, which is ignored',
    reply: 'HTTP/1.0 200 \r\nConnection: close\r\n\r\n',
    headers: [['Connection', 'close']],
    through: 'hello',
  },
  { what: 'a first byte', reply: 'HTTP/1.1 200 \r\n\r\n', through: '\n' },
  { what: 'bytes that look like a reply', reply: 'HTTP/1.1 200 \r\n\r\n', through: 'HTTP/1.1 500 \r\n\r\n' },
  { what: 'interim replies first', reply: `${interim}HTTP/1.1 200 \r\nA: b\r\n\r\n`, headers: [['A', 'b']] },
  {
    what: 'a space before a colon, tolerated',
    reply: 'HTTP/1.1 200 \r\nA : b\r\n\r\n',
    headers: [['A', 'b']],
    options: { tolerate: ['space-before-colon'] },
  },
  {
    what: 'as many interim replies as are allowed',
    reply: `${interim}HTTP/1.1 200 \r\n\r\n`,
    options: { maxInterimResponses: 2 },
  },
  {
    what: 'as many fields as are allowed',
    reply: 'HTTP/1.1 200 \r\nA: b\r\nC: d\r\n\r\n',
    headers: [
      ['A', 'b'],
      ['C', 'd'],
    ],
    options: { maxResponseHeaders: 2 },
  },
  {
    what: 'a head that the reference accepts',
    reply: 'HTTP/1.1  200   \r\nA: b \r\n\r\n',
    headers: [['A', 'b ']],
    options: { strict: false },
  },
];

describe.each(openings)('opens by $what', ({ reply, status, reason, headers, through, options }) => {
  const expected = {
    status: status ?? 200,
    reason: reason ?? '',
    headers: headers ?? [],
    through: through ?? '',
  };
  const whole = reply + (through ?? '');

  test('in one block, or byte by byte', async () => {
    expect(await opened([whole], options)).toEqual(expected);
    expect(await opened(split(whole, 1), options)).toEqual(expected);
  });

  test('split at every byte', async () => {
    for (let at = 1; at < whole.length; at++) {
      expect(await opened([whole.slice(0, at), whole.slice(at)], options)).toEqual(expected);
    }
  });
});

const cut = 'HTTP/1.1 100 \r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\n\r\n';
const firstHead = cut.indexOf('HTTP', 1);

describe.each(Array.from(cut, (_, at) => at))('a reply that is truncated at %d', (at) => {
  const came = cut.slice(0, at) === '' ? [] : [cut.slice(0, at)];

  test('by FIN', async () => {
    const error = await failed([...came, END]);
    if (at === 0 || at === firstHead) {
      expect(error).toBeInstanceOf(RemoteDisconnected);
      expect(error).toHaveProperty('code', 'ECONNRESET');
    } else {
      expect(error).toBeInstanceOf(IncompleteRead);
      expect(error).toHaveProperty('partial', Buffer.from(cut.slice(at < firstHead ? 0 : firstHead, at)));
    }
  });

  test('by RST', async () => {
    expect(await failed([...came, RESET])).toBe(RESET);
  });
});

const broken: [
  what: string,
  reply: string,
  kind: new (...args: never) => Error,
  options?: OpenTunnelOptions,
][] = [
  ['no status line', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', BadStatusLine],
  ['no status line, truncated', 'SSH-2.0-OpenSSH_9.2', BadStatusLine],
  ['a page', '<html><body>Hello</body></html>\n', BadStatusLine],
  ['an empty line', '\r\nHTTP/1.1 200 OK\r\n\r\n', BadStatusLine],
  ['a TLS alert', '\x15\x03\x01\x00\x02\x02\x46\n', BadStatusLine],
  ['a TLS alert, truncated', '\x15\x03\x01\x00\x02\x02\x46', BadStatusLine],
  ['an invalid status code', 'HTTP/1.1 20 OK\r\n\r\n', BadStatusLine],
  ['a control character in the reason', 'HTTP/1.1 200 O\x00K\r\n\r\n', BadStatusLine],
  ['HTTP/2', 'HTTP/2.0 200 OK\r\n\r\n', UnknownProtocol],
  ['a line without a colon', 'HTTP/1.1 200 OK\r\nnonsense\r\n\r\n', InvalidHeader],
  ['a space before a colon', 'HTTP/1.1 200 OK\r\nA : b\r\n\r\n', InvalidHeader],
  ['NUL in a value', 'HTTP/1.1 200 OK\r\nA: \0\r\n\r\n', InvalidHeader],
  ['a bare CR', 'HTTP/1.1 200 OK\r\nA: b\rC: d\r\n\r\n', InvalidHeader],
  ['a broken interim reply', 'HTTP/1.1 100 \r\nA\r\n\r\nHTTP/1.1 200 \r\n\r\n', InvalidHeader],
  ['a status line without end', `HTTP/1.1 200 ${'x'.repeat(65_536)}`, LineTooLong],
  ['a status line a byte too long', `HTTP/1.1 200 ${'x'.repeat(65_522)}\r\n\r\n`, LineTooLong],
  ['a field line without end', `HTTP/1.1 200 \r\nA: ${'x'.repeat(65_536)}`, LineTooLong],
  ['a flood of fields', `HTTP/1.1 200 \r\n${'A: b\r\n'.repeat(101)}`, TooManyHeaders],
  ['a field too many', 'HTTP/1.1 200 \r\nA: b\r\n\r\n', TooManyHeaders, { maxResponseHeaders: 0 }],
  ['a flood of interim replies', 'HTTP/1.1 100 \r\n\r\n'.repeat(101), HTTPException],
  [
    'one interim reply too many',
    `${interim}HTTP/1.1 200 \r\n\r\n`,
    HTTPException,
    { maxInterimResponses: 1 },
  ],
  ['a status line of another kind', 'ICY 200 OK\r\n\r\n', BadStatusLine, { strict: false }],
];

test.each(broken)('rejects %s', async (_what, reply, kind, options) => {
  for (const steps of [[reply, END], ...(reply.length < 100 ? [[...split(reply, 1), END]] : [])]) {
    const error = await failed(steps, options);
    expect(error).toBeInstanceOf(kind);
    expect(error).not.toBeInstanceOf(TunnelError);
  }
});

test('accepts a status line of the maximum length', async () => {
  const reason = 'x'.repeat(65_521);
  expect(await opened([`HTTP/1.1 200 ${reason}\r\n\r\n`])).toMatchObject({ reason });
});

// Recorded from Python 3.13: the end of the stream inside the head ends the head.
test.each([
  ['the fields', 'HTTP/1.1 200 OK\r\nA: b\r\n', [['A', 'b']]],
  ['the status line', 'HTTP/1.1 200 OK', []],
])(
  'treats the end of the stream in %s as the end of the head, like the reference',
  async (_, reply, headers) => {
    expect(await opened([reply], { strict: false })).toEqual({
      status: 200,
      reason: 'OK',
      headers,
      through: '',
    });
  },
);

test.each([
  ['undefined', undefined],
  ['text', 'HTTP/1.1 200 OK\r\n\r\n'],
])('rejects a transport whose read returns %s', async (_what, block) => {
  const proxy = new Proxy();
  proxy.read = () => Promise.resolve(block as unknown as Uint8Array);
  expect(await rejection(openTunnel(proxy, target))).toBeInstanceOf(TypeError);
  expect(proxy.closed).toBe(true);
});

test('reads a transport using only its read method', async () => {
  const proxy = new Proxy(['HTTP/1.1 200 OK\r\n\r\n', 'hello', END]);
  const iterable: Transport = Object.assign(proxy, {
    [Symbol.asyncIterator]: () => {
      throw new Error('It was iterated');
    },
  });
  const { transport } = await openTunnel(iterable, target);
  expect(transport).toBe(proxy);
  expect(await readAll(transport)).toBe('hello');
});
