import { describe, expect, test } from 'vitest';

import { checkTransport, closeTransport } from './index.js';

const method = (): void => undefined;

describe('a transport', () => {
  test('has the three methods', () => {
    expect(() => {
      checkTransport({ read: method, write: method, close: method });
    }).not.toThrow();
  });

  test.each([
    [undefined, 'undefined', 'read'],
    [null, 'null', 'read'],
    ['text', 'a string', 'read'],
    [{}, 'an Object', 'read'],
    [{ read: method }, 'an Object', 'write'],
    [{ read: method, write: method }, 'an Object', 'close'],
    [{ read: method, write: method, close: true }, 'an Object', 'close'],
  ])('is not %o', (value, name, missing) => {
    expect(() => {
      checkTransport(value);
    }).toThrow(new TypeError(`Cannot use ${name} as a transport: it has no ${missing}()`));
  });

  const failure = new Error('of closing');
  test.each<[how: string, close: () => unknown]>([
    ['closes', method],
    [
      'throws',
      () => {
        throw failure;
      },
    ],
    ['rejects', () => Promise.reject(failure)],
  ])('is closed at once, whatever comes of it: it %s', (_how, close) => {
    let calls = 0;
    // A rejection that nobody handled would end the run of the tests.
    closeTransport({
      close: () => {
        calls++;
        return close();
      },
    });
    expect(calls).toBe(1);
  });
});
