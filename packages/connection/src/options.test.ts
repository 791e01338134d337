import { InvalidHeader } from '@http-client/errors';
import { describe, expect, test } from 'vitest';

import { everywhere } from '../../../tests/support/pollution.js';
import { connectTCP, HTTPConnection, type Tolerance } from './index.js';
import { afterWrite } from './testing.js';
import { answer, attempted, stage, type Script } from './testdata/stage.js';

const make = (options: object): HTTPConnection => new HTTPConnection('example.org', 80, options);

describe('what the constructor rejects', () => {
  test.each<[options: object, error: typeof TypeError | typeof RangeError, says: string]>([
    [{ timeout: 0 }, RangeError, 'timeout'],
    [{ timeout: -1 }, RangeError, 'timeout'],
    [{ timeout: NaN }, RangeError, 'timeout'],
    [{ timeout: Infinity }, RangeError, 'timeout'],
    [{ timeout: '5' }, TypeError, 'timeout'],
    [{ continueTimeout: 0 }, RangeError, 'continueTimeout'],
    [{ blockSize: 0 }, RangeError, 'blockSize'],
    [{ blockSize: 1.5 }, RangeError, 'blockSize'],
    [{ blockSize: '1' }, TypeError, 'blockSize'],
    [{ maxResponseHeaders: -1 }, RangeError, 'maxResponseHeaders'],
    [{ maxInterimResponses: 2 ** 53 }, RangeError, 'maxInterimResponses'],
    [{ strict: null }, TypeError, 'strict'],
    [{ strict: 0 }, TypeError, 'strict'],
    [{ strict: 'no' }, TypeError, 'strict'],
    [{ tolerate: 'bare-cr' }, TypeError, 'tolerate'],
    [{ tolerate: ['nope'] }, TypeError, '"nope"'],
    [{ autoOpen: 0 }, TypeError, 'autoOpen'],
    [{ debugLevel: true }, TypeError, 'debugLevel'],
    [{ socketPath: 5 }, TypeError, 'socketPath'],
    // As from an environment variable that is not set.
    [{ socketPath: '' }, TypeError, 'socketPath: it is empty'],
    [{ connector: 5 }, TypeError, 'connector'],
    [{ connector: connectTCP, socketPath: '/a' }, TypeError, '"/a" as socketPath: there is a connector'],
    [{ onWire: {} }, TypeError, 'onWire'],
    [{ onInformational: 'x' }, TypeError, 'onInformational'],
    [{ sourceAddress: 'x' }, TypeError, 'sourceAddress'],
    [{ sourceAddress: ['localhost', 0] }, TypeError, 'sourceAddress: expected an array of an IP address'],
    [{ sourceAddress: ['127.0.0.1', '5'] }, TypeError, 'sourceAddress'],
    [{ sourceAddress: ['127.0.0.1', 65_536] }, RangeError, 'sourceAddress'],
    [{ sourceAddress: ['127.0.0.1', -1] }, RangeError, 'sourceAddress'],
    [{ sourceAddress: ['127.0.0.1', NaN] }, RangeError, 'sourceAddress'],
  ])('%j', (options, error, says) => {
    expect(() => make(options)).toThrow(error);
    expect(() => make(options)).toThrow(says);
  });
});

test('the name of a local interface is for a connector of one’s own to interpret', () => {
  expect(() => make({ sourceAddress: ['eth0', 0], connector: connectTCP })).not.toThrow();
});

test('an undefined option counts as absent', () => {
  const connection = make({
    timeout: undefined,
    blockSize: undefined,
    tolerate: undefined,
    connector: undefined,
  });
  expect(connection.timeout).toBeUndefined();
  expect(connection.blockSize).toBe(8192);
});

test('a rule that is added to the array of tolerate later is not tolerated', async () => {
  const tolerate: Tolerance[] = [];
  const { connection } = stage(['HTTP/1.1 200 OK\r\nA : b\r\n\r\n'], { tolerate });
  tolerate.push('space-before-colon');
  await connection.request('GET', '/');
  await expect(connection.getResponse()).rejects.toThrow(InvalidHeader);
});

test('a timeout may be set later, and is validated then, too', () => {
  const connection = make({ timeout: 5 });
  connection.timeout = undefined;
  expect(connection.timeout).toBeUndefined();
  connection.timeout = 7;
  expect(connection.timeout).toBe(7);
  expect(() => {
    connection.timeout = -1;
  }).toThrow(RangeError);
  expect(connection.timeout).toBe(7);
});

test('a debug level must be a number when it is set later, too', () => {
  const connection = make({});
  expect(() => {
    connection.setDebugLevel('1' as never);
  }).toThrow(new TypeError('Cannot use "1" as debugLevel: expected a number'));
  expect(connection.debugLevel).toBe(0);
  connection.setDebugLevel(1);
  connection.setDebugLevel(undefined as never);
  expect(connection.debugLevel, 'as the option').toBe(0);
});

test.each<[call: string, run: (connection: HTTPConnection, options: { signal: never }) => Promise<unknown>]>([
  ['connect', (connection, options) => connection.connect(options)],
  ['request', (connection, options) => connection.request('GET', '/', options)],
  ['endHeaders', (connection, options) => connection.endHeaders(undefined, options)],
  ['send', (connection, options) => connection.send('x', options)],
  ['getResponse', (connection, options) => connection.getResponse(options)],
])('%s is passed a controller instead of its signal', async (_call, run) => {
  const connection = make({});
  await expect(run(connection, { signal: new AbortController() as never })).rejects.toEqual(
    new TypeError('Cannot use "[object AbortController]" as a signal: expected an AbortSignal'),
  );
  expect(connection.state).toBe('Idle');
});

type Send = (connection: HTTPConnection, none: { signal: never }) => Promise<unknown>;

const HELLO = answer('hello');
const EXPECTED = [
  afterWrite((sent) => sent.endsWith('\r\n\r\n')),
  'HTTP/1.1 100 Continue\r\n\r\n',
  afterWrite(4),
  HELLO,
];

test.each<[what: string, script: Script, send: Send]>([
  ['a request that opens its connection', HELLO, (connection, none) => connection.request('GET', '/', none)],
  [
    'a body that waits for its 100',
    EXPECTED,
    async (connection, none) => {
      await connection.connect(none);
      const headers = { Expect: '100-continue' };
      await connection.request('PUT', '/', { body: 'spam', headers, ...none });
    },
  ],
  [
    'parts of a body that wait for their turn',
    HELLO,
    (connection, none) => {
      connection.putRequest('PUT', '/');
      connection.putHeader('Content-Length', 2);
      return Promise.all([
        connection.endHeaders(undefined, none),
        connection.send('a', none),
        connection.send('b', none),
      ]);
    },
  ],
])('null is no signal, as for fetch: %s', async (_what, script, send) => {
  const none = { signal: null as never };
  const { connection } = stage([script], { continueTimeout: 60_000 });
  await send(connection, none);
  expect(await (await connection.getResponse(none)).text()).toBe('hello');
  connection.close();
});

const REQUEST = 'body, headers, encodeChunked, trailers, signal';

/** Misspelt, of another call, or fields in place of the options as in Python: each would be ignored. */
test.each<[call: string, wrong: string, expected: string, run: (connection: HTTPConnection) => unknown]>([
  [
    'a connection',
    'timeOut',
    'timeout, sourceAddress, blockSize, maxResponseHeaders, maxInterimResponses, strict, tolerate, ' +
      'continueTimeout, autoOpen, debugLevel, socketPath, connector, onWire, onInformational',
    () => make({ timeOut: 5 }),
  ],
  // Of HTTPSConnection: without TLS, there is nothing that it could apply to.
  ['a connection', 'context', 'timeout, ', () => make({ context: {} })],
  ['connect', 'timeout', 'signal', (connection) => connection.connect({ timeout: 5 } as never)],
  ['request', 'header', REQUEST, (connection) => connection.request('GET', '/', { header: {} } as never)],
  ['request', 'Accept', REQUEST, (connection) => connection.request('GET', '/', { Accept: '*' } as never)],
  [
    'request',
    'method',
    REQUEST,
    (connection) => connection.request('GET', '/', { ...{ method: 'POST' }, body: 'x' }),
  ],
  [
    'putRequest',
    'skiphost',
    'skipHost, skipAcceptEncoding',
    (connection) => {
      connection.putRequest('GET', '/', { skiphost: true } as never);
    },
  ],
  [
    'endHeaders',
    'encode_chunked',
    'encodeChunked, signal',
    (connection) => connection.endHeaders('x', { encode_chunked: true } as never),
  ],
  ['send', 'signl', 'signal', (connection) => connection.send('x', { signl: undefined } as never)],
  [
    'getResponse',
    'aborted',
    'signal',
    (connection) => connection.getResponse(new AbortController().signal as never),
  ],
  [
    'setTunnel',
    'Proxy-Authorization',
    'headers, authenticate',
    (connection) => {
      connection.setTunnel('example.net', 443, { 'Proxy-Authorization': 'Basic eDp5' } as never);
    },
  ],
])('an unknown option: %s, %s', async (call, wrong, expected, run) => {
  const connection = make({});
  const error = await attempted(() => run(connection));
  expect(error).toBeInstanceOf(TypeError);
  const message = `Cannot use "${wrong}" as an option of ${call}: it takes ${expected}`;
  expect((error as Error).message.slice(0, message.length)).toBe(message);
  expect(connection.state).toBe('Idle');
});

describe('an option that has been added to every object', () => {
  test.each<[name: string, value: unknown, run: (connection: HTTPConnection) => unknown]>([
    ['socketPath', '/evil', () => make({})],
    ['headers', { Evil: '1' }, (connection) => connection.request('GET', '/', {})],
    ['body', 'evil', (connection) => connection.request('GET', '/', { headers: {} })],
    [
      'skipHost',
      true,
      (connection) => {
        connection.putRequest('GET', '/', { skipAcceptEncoding: true });
      },
    ],
    [
      'headers',
      { Evil: '1' },
      (connection) => {
        connection.setTunnel('example.net', 443, {});
      },
    ],
  ])('is rejected: %s', async (name, value, run) => {
    const { connection, transports } = stage(['']);
    const error = await attempted(() => everywhere(name, value, () => run(connection)));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toMatch(`Cannot use "${name}" as an option of `);
    expect((error as Error).message).toMatch(/: it has been added to every object$/);
    expect(transports[0]!.writtenText).toBe('');
  });

  test.each([
    ['headers', { Evil: '1' }],
    ['body', 'evil'],
    ['trailers', () => ({ Evil: '1' })],
  ])('is not read by a request without options: %s', async (name, value) => {
    const { connection, transports } = stage(['']);
    await everywhere(name, value, () => connection.request('GET', '/'));
    connection.close();
    expect(transports[0]!.writtenText).toBe(
      'GET / HTTP/1.1\r\nHost: example.org\r\nAccept-Encoding: identity\r\n\r\n',
    );
  });

  test('nor by a connection without them', () => {
    expect(everywhere('timeout', 5, () => new HTTPConnection('example.org')).timeout).toBeUndefined();
  });
});

test('an option of a subclass is its own, and not passed on', () => {
  class Named extends HTTPConnection {
    readonly agent: string;

    constructor(
      host: string,
      port?: number,
      { agent = '', ...options }: { agent?: string; timeout?: number } = {},
    ) {
      super(host, port, options);
      this.agent = agent;
    }
  }
  const connection = new Named('example.org', 80, { agent: 'x', timeout: 5 });
  expect(connection).toMatchObject({ agent: 'x', timeout: 5 });
});

test.each<[name: string, call: (connection: HTTPConnection, one: never) => unknown]>([
  [
    'skipHost',
    (connection, one) => {
      connection.putRequest('GET', '/', { skipHost: one });
    },
  ],
  [
    'skipAcceptEncoding',
    (connection, one) => {
      connection.putRequest('GET', '/', { skipAcceptEncoding: one });
    },
  ],
  ['encodeChunked', (connection, one) => connection.request('POST', '/', { body: 'x', encodeChunked: one })],
  [
    'encodeChunked',
    (connection, one) => {
      connection.putRequest('POST', '/');
      return connection.endHeaders('x', { encodeChunked: one });
    },
  ],
])('%s is 1 instead of true, as in Python', async (name, call) => {
  const { connection, connector } = stage(['']);
  expect(await attempted(() => call(connection, 1 as never))).toEqual(
    new TypeError(`Cannot use "1" as ${name}: expected a boolean`),
  );
  expect(connector.targets).toEqual([]);
  connection.close();
});

/** A timeout, a body and a flag as positional arguments, as in Python. */
test.each<[call: string, given: string, make: (connection: HTTPConnection) => unknown]>([
  ['new HTTPConnection', '10', () => new HTTPConnection('example.org', 80, 10 as never)],
  ['new HTTPConnection', 'null', () => new HTTPConnection('example.org', 80, null as never)],
  ['request', 'body', (connection) => connection.request('POST', '/', 'body' as never)],
  ['connect', '5', (connection) => connection.connect(5 as never)],
  ['getResponse', 'true', (connection) => connection.getResponse(true as never)],
  [
    'setTunnel',
    '5',
    (connection) => {
      connection.setTunnel('example.net', 443, 5 as never);
    },
  ],
  ['request', 'bytes', (connection) => connection.request('POST', '/', Buffer.from('bytes') as never)],
  ['request', 'A,b', (connection) => connection.request('POST', '/', [['A', 'b']] as never)],
  [
    'request',
    '[object AsyncGenerator]',
    (connection) => connection.request('POST', '/', (async function* () {})() as never),
  ],
  ['request', 'null', (connection) => connection.request('POST', '/', null as never)],
  [
    'putRequest',
    'true',
    (connection) => {
      connection.putRequest('GET', '/', true as never);
    },
  ],
])('%s is passed %s instead of its options', async (_call, given, call) => {
  const connection = make({});
  expect(await attempted(() => call(connection))).toEqual(
    new TypeError(`Cannot use "${given}" as options: expected an object with named options`),
  );
  expect(connection.state).toBe('Idle');
});

test('request is passed fields as a fourth argument, as in Python', async () => {
  const { connection, connector } = stage(['']);
  const request = connection.request.bind(connection) as (...args: unknown[]) => Promise<void>;
  expect(await attempted(() => request('GET', '/', undefined, { Authorization: 'Basic x' }))).toEqual(
    new TypeError('Cannot use a fourth argument: the third has { headers, body }'),
  );
  expect([connector.targets, connection.state]).toEqual([[], 'Idle']);
});
