import { createSecureContext } from 'node:tls';

import { scriptedTransport } from '@http-client/connection/testing';
import { InvalidURL } from '@http-client/errors';
import { expect, test } from 'vitest';

import { connectTLS, HTTPSConnection, startTLS } from './index.js';
import { tcpServer } from './testdata/peers.js';
import { NATIVE, open, rejection } from './testdata/stage.js';

test.each<[string, () => Promise<unknown>, new (...args: never[]) => Error, RegExp]>([
  [
    'a context that is a number',
    () => startTLS(scriptedTransport([]), 'localhost', { context: 1 as never }),
    TypeError,
    /^Cannot use a number as context: /,
  ],
  [
    'a context that is null',
    () => startTLS(scriptedTransport([]), 'localhost', { context: null as never }),
    TypeError,
    /^Cannot use null as context: /,
  ],
  [
    'a SecureContext as the context, whose authorities would not be seen',
    () => startTLS(scriptedTransport([]), 'localhost', { context: createSecureContext() as never }),
    TypeError,
    /^Cannot use a SecureContext as context: expected an object, as createDefaultContext makes it$/,
  ],
  [
    'a negative timeout',
    () => startTLS(scriptedTransport([]), 'localhost', { timeout: -1 }),
    RangeError,
    /^Cannot use "-1" as timeout: /,
  ],
  [
    'a transport without methods',
    () => startTLS({} as never, 'localhost'),
    TypeError,
    /^Cannot use an Object as a transport: /,
  ],
  [
    'a controller instead of its signal',
    () => startTLS(scriptedTransport([]), 'localhost', { signal: new AbortController() as never }),
    TypeError,
    /^Cannot use .* as a signal: expected an AbortSignal$/,
  ],
  [
    'a controller as the signal of the context',
    () =>
      startTLS(scriptedTransport([]), 'localhost', { context: { signal: new AbortController() } as never }),
    TypeError,
    /^Cannot use .* as a signal: expected an AbortSignal$/,
  ],
  [
    'a negative highWaterMark in the context',
    () => startTLS(scriptedTransport([]), 'localhost', { context: { highWaterMark: -1 } as never }),
    RangeError,
    /^Cannot use "-1" as highWaterMark: expected a whole number from 0 to /,
  ],
  [
    'a highWaterMark as text, over a socket',
    async () => {
      const { port } = await tcpServer(() => undefined);
      return open(port, { context: { highWaterMark: '65536' } as never }).connect();
    },
    TypeError,
    /^Cannot use "65536" as highWaterMark: it is not a number$/,
  ],
  [
    'a string instead of the options',
    () => startTLS(scriptedTransport([]), 'localhost', 'context' as never),
    TypeError,
    /^Cannot use "context" as options: /,
  ],
  [
    'a misspelt option',
    () => startTLS(scriptedTransport([]), 'localhost', { contxt: {} } as never),
    TypeError,
    /^Cannot use "contxt" as an option of startTLS: it takes context, timeout, signal, port$/,
  ],
  [
    'a target without a host',
    () => connectTLS()({ port: 443 } as never),
    TypeError,
    /^Cannot use "undefined" as a host: it is not a string$/,
  ],
  [
    'a target with a port as text',
    () => connectTLS()({ host: 'localhost', port: '443' as never }),
    InvalidURL,
    /^Cannot use "443" as a port: it is not a number$/,
  ],
  [
    'a target with a timeout of 0',
    () => connectTLS()({ host: 'localhost', port: 443, timeout: 0 }),
    RangeError,
    /^Cannot use "0" as timeout: /,
  ],
  [
    'no target',
    () => connectTLS(undefined, NATIVE)(undefined as never),
    TypeError,
    /^Cannot use "undefined" as a target: expected an object with host and port$/,
  ],
  [
    'no name',
    () => startTLS(scriptedTransport([]), undefined as never),
    TypeError,
    /^Cannot use "undefined" as a host: it is not a string$/,
  ],
  [
    'a port as text',
    () => startTLS(scriptedTransport([]), 'localhost', { port: '443' as never }),
    InvalidURL,
    /^Cannot use "443" as a port: it is not a number$/,
  ],
  ['an empty name', () => startTLS(scriptedTransport([]), ''), InvalidURL, /^Cannot use "" /],
  [
    'a name with a control character',
    () => startTLS(scriptedTransport([]), 'a\0b'),
    InvalidURL,
    /^Cannot use /,
  ],
  [
    'a name that is invalid in IDNA',
    () => startTLS(scriptedTransport([]), 'a\u200f\u0300.example'),
    InvalidURL,
    /^Cannot use /,
  ],
])('%s', async (_what, call, type, message) => {
  const error = await rejection(call());
  expect(error).toBeInstanceOf(type);
  expect(error.message).toMatch(message);
});

test.each([
  [5, '5'],
  [null, 'null'],
  [{}, '[object Object]'],
])('%j is not a connector for TLS', (over, shown) => {
  expect(() => connectTLS(undefined, over as never)).toThrow(
    new TypeError(`Cannot use "${shown}" as a connector: expected a function`),
  );
});

test.each<[options: object, message: RegExp]>([
  [{ context: 5 }, /^Cannot use a number as context: /],
  [{ proxyContext: null }, /^Cannot use null as proxyContext: /],
  [{ connector: 5 }, /^Cannot use "5" as connector: expected a function$/],
  [{ socketPath: 5 }, /^Cannot use "5" as socketPath: expected a string$/],
  [{ socketPath: '' }, /^Cannot use "" as socketPath: it is empty$/],
  [{ socketPath: '/a', connector: NATIVE }, /^Cannot use "\/a" as socketPath: there is a connector, /],
  [{ timeout: '5' }, /^Cannot use "5" as timeout: /],
  [{ contxt: {} }, /^Cannot use "contxt" as an option of a connection: .* context, proxyContext$/],
])('new HTTPSConnection(host, port, %o), with and without TLS to the proxy', (options, message) => {
  for (const more of [{}, { proxyContext: {} }]) {
    const make = (): unknown => new HTTPSConnection('localhost', 443, { ...more, ...options });
    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
  }
});
