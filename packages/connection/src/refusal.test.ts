import { InvalidURL, NotConnected } from '@http-client/errors';
import { describe, expect, test } from 'vitest';

import type { HTTPConnection } from './index.js';
import { afterRequest, END } from './testing.js';
import { answer, attempted, quiet, rejection, stage } from './testdata/stage.js';

type ErrorClass = new (...args: never) => Error;

describe('calls rejected for their arguments', () => {
  const wrong: [name: string, call: (connection: HTTPConnection) => unknown, error: ErrorClass][] = [
    ['a method', (connection) => connection.request('G T', '/'), TypeError],
    ['a target', (connection) => connection.request('GET', '/ '), InvalidURL],
    ['a target that is not a string', (connection) => connection.request('GET', 7 as never), TypeError],
    ['a field name', (connection) => connection.request('GET', '/', { headers: { 'a b': 'c' } }), TypeError],
    [
      'a field value',
      (connection) => connection.request('GET', '/', { headers: { a: 'b\r\nc: d' } }),
      TypeError,
    ],
    ['a body', (connection) => connection.request('POST', '/', { body: 7 as never }), TypeError],
    [
      'a stream that already has a reader',
      (connection) => {
        const body = new Blob(['x']).stream();
        body.getReader();
        return connection.request('POST', '/', { body });
      },
      TypeError,
    ],
    ['text outside ISO-8859-1', (connection) => connection.request('POST', '/', { body: '€' }), TypeError],
    [
      'a promise',
      (connection) => connection.request('POST', '/', { body: 'abc', headers: { 'Content-Length': 4 } }),
      RangeError,
    ],
    [
      'trailers',
      (connection) =>
        connection.request('POST', '/', {
          body: 'a',
          headers: { 'Content-Length': 1 },
          trailers: () => ({}),
        }),
      TypeError,
    ],
    [
      'trailers that are not a function, with a body that is read',
      (connection) =>
        connection.request('POST', '/', {
          body: [new Uint8Array(1)],
          trailers: { Digest: 'x' } as never,
        }),
      TypeError,
    ],
    [
      'a request line',
      (connection) => {
        connection.putRequest('GET', '/\u0080');
      },
      InvalidURL,
    ],
  ];
  test.each(wrong)('%s: the request leaves Idle, and nothing is sent', async (_name, call, error) => {
    const { connection, transports } = stage([[afterRequest(), answer('ok')]]);
    await connection.connect();
    expect(await attempted(() => call(connection))).toBeInstanceOf(error);
    expect(connection).toMatchObject({ state: 'Idle', reusable: true });
    await quiet();
    expect(transports[0]!.writes).toHaveLength(0);
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    expect(await response.text()).toBe('ok');
  });

  const head = 'GET / HTTP/1.1\r\nHost: example.org\r\nAccept-Encoding: identity\r\n';
  test.each<[string, (connection: HTTPConnection) => unknown, ErrorClass]>([
    [
      'a name',
      (connection) => {
        connection.putHeader('a b', 'c');
      },
      TypeError,
    ],
    [
      'a value',
      (connection) => {
        connection.putHeader('a', 'b', 'c\nd');
      },
      TypeError,
    ],
    [
      'a length',
      (connection) => {
        connection.putHeader('Content-Length', 'many');
      },
      TypeError,
    ],
    ['a body', (connection) => connection.endHeaders(Symbol('body') as never), TypeError],
    [
      'a body that breaks a promise',
      (connection) => {
        connection.putHeader('Content-Length', 3);
        return connection.endHeaders('body');
      },
      RangeError,
    ],
  ])('%s: the head is unchanged', async (name, call, error) => {
    const { connection, transports } = stage([[afterRequest(), answer('ok')]]);
    connection.putRequest('GET', '/');
    expect(await attempted(() => call(connection))).toBeInstanceOf(error);
    expect(connection.state).toBe('Request-started');
    const promised = name.includes('promise');
    await connection.endHeaders(...(promised ? ['bod'] : []));
    await connection.getResponse();
    expect(transports[0]!.writtenText).toBe(`${head}${promised ? 'Content-Length: 3\r\n\r\nbod' : '\r\n'}`);
  });

  test('a switched connection is left for detach()', async () => {
    const { connection } = stage([['HTTP/1.1 101 Switching Protocols\r\n\r\n', 'raw']]);
    await connection.request('GET', '/', { headers: { Upgrade: 'raw' } });
    await connection.getResponse();
    await rejection(connection.request('GET', '/ '));
    const { transport } = connection.detach();
    expect(transport).toBeDefined();
    transport.close();
  });
});

describe('autoOpen off', () => {
  const calls: [name: string, call: (connection: HTTPConnection) => Promise<void>][] = [
    ['request', (connection) => connection.request('GET', '/')],
    [
      'endHeaders',
      (connection) => {
        if (connection.state === 'Idle') connection.putRequest('GET', '/');
        return connection.endHeaders();
      },
    ],
  ];
  test.each(calls)('%s without a connection is NotConnected, and works with one', async (_name, call) => {
    const { connection, connector } = stage([''], { autoOpen: false });
    const error = await rejection(call(connection));
    expect(error).toBeInstanceOf(NotConnected);
    expect(error).toHaveProperty('delivery', 'unsent');
    expect(error.message).toContain('"example.org", port 80');
    expect(connector.targets).toHaveLength(0);
    await connection.connect();
    await call(connection);
    expect(connection.state).toBe('Request-sent');
  });

  test.each(calls)('%s while connecting waits for the connection', async (_name, call) => {
    const { connection, connector } = stage([''], { autoOpen: false });
    await Promise.all([connection.connect(), call(connection)]);
    expect(connector.targets).toHaveLength(1);
    expect(connection.state).toBe('Request-sent');
  });

  test.each(calls)('%s on a connection that the peer has closed is NotConnected', async (_name, call) => {
    const { connection, connector } = stage([[END], ''], { autoOpen: false });
    await connection.connect();
    await quiet();
    expect(await rejection(call(connection))).toBeInstanceOf(NotConnected);
    connection.autoOpen = true;
    await call(connection);
    expect(connector.targets).toHaveLength(2);
  });

  test('send without a connection is NotConnected', async () => {
    const { connection } = stage([''], { autoOpen: false });
    const error = await rejection(connection.send('data'));
    expect(error).toBeInstanceOf(NotConnected);
    // What it adds to may have been sent, on a connection that is closed by now.
    expect(error).not.toHaveProperty('delivery');
    expect(connection.state).toBe('Idle');
  });
});
