import { scriptedTransport } from '@http-client/connection/testing';
import { InvalidURL } from '@http-client/errors';
import { expect, test } from 'vitest';

import { startTLS } from './index.js';
import { rejection } from './testdata/stage.js';

test.each<[string, () => Promise<unknown>, new (...args: never[]) => Error, RegExp]>([
  [
    'a context that is none',
    () => startTLS(scriptedTransport([]), 'localhost', { context: 1 as never }),
    TypeError,
    /^Cannot use a number as context: /,
  ],
  [
    'nothing for a context',
    () => startTLS(scriptedTransport([]), 'localhost', { context: null as never }),
    TypeError,
    /^Cannot use null as context: /,
  ],
  [
    'a timeout that is none',
    () => startTLS(scriptedTransport([]), 'localhost', { timeout: -1 }),
    RangeError,
    /^Cannot use "-1" as timeout: /,
  ],
  [
    'no transport',
    () => startTLS({} as never, 'localhost'),
    TypeError,
    /^Cannot use an Object as a transport: /,
  ],
  [
    'a controller for its signal',
    () => startTLS(scriptedTransport([]), 'localhost', { signal: new AbortController() as never }),
    TypeError,
    /^Cannot use .* as a signal: expected an AbortSignal$/,
  ],
  [
    'a context in the place of the options',
    () => startTLS(scriptedTransport([]), 'localhost', 'context' as never),
    TypeError,
    /^Cannot use "context" as options: /,
  ],
  ['an empty name', () => startTLS(scriptedTransport([]), ''), InvalidURL, /^Cannot use "" /],
  ['a name with a control', () => startTLS(scriptedTransport([]), 'a\0b'), InvalidURL, /^Cannot use /],
  [
    'a name beyond IDNA',
    () => startTLS(scriptedTransport([]), 'a\u200f\u0300.example'),
    InvalidURL,
    /^Cannot use /,
  ],
])('%s', async (_what, call, type, message) => {
  const error = await rejection(call());
  expect(error).toBeInstanceOf(type);
  expect(error.message).toMatch(message);
});
