import { runInNewContext } from 'node:vm';

import { describe, expect, test } from 'vitest';

import * as errors from './index.js';
import { anotherCopy } from './testdata/another-copy.js';

/** In another realm, so that nothing is shared. */
const copy = runInNewContext(anotherCopy) as typeof errors;

class Mine extends errors.HTTPException {}
class MineBelow extends errors.BadStatusLine {}
class Theirs extends copy.HTTPException {}

const all = Object.entries(errors).filter((entry) => /^[A-Z]/.test(entry[0])) as [
  keyof typeof errors,
  typeof errors.HTTPException,
][];

describe('instanceof across two copies', () => {
  test.each(all)('%s', (name, type) => {
    const made = new (copy[name] as typeof type)('m', {});
    expect(Object.prototype.isPrototypeOf.call(type.prototype, made)).toBe(false);
    expect(made instanceof type).toBe(true);
    expect(made.name).toBe(name);
    expect(made.constructor.name).toBe(name);
    expect(made.code).toBe(type.code);
    expect(errors.isHTTPException(made)).toBe(true);
    // Exactly the ancestors that the class has in this copy.
    for (const [other, ancestor] of all) {
      const expected = Object.prototype.isPrototypeOf.call(ancestor, type) || ancestor === type;
      expect([other, made instanceof ancestor]).toEqual([other, expected]);
    }
  });

  test('works in the other direction', () => {
    const gone = new errors.RemoteDisconnected('m');
    expect(gone instanceof copy.BadStatusLine).toBe(true);
    expect(gone instanceof copy.HTTPException).toBe(true);
    expect(gone instanceof copy.InvalidChunk).toBe(false);
    expect(copy.isHTTPException(gone)).toBe(true);
  });
});

describe("instanceof a caller's own subclass", () => {
  test.each<[string, unknown, abstract new (...args: never) => object, boolean]>([
    ['its instance', new Mine('m'), Mine, true],
    ['its instance and the parent', new Mine('m'), errors.HTTPException, true],
    ["its instance and the other copy's parent", new Mine('m'), copy.HTTPException, true],
    ['an instance of the parent', new errors.HTTPException('m'), Mine, false],
    ['an instance of a sibling', new errors.NotConnected('m'), Mine, false],
    ['an instance of the nearer parent', new errors.BadStatusLine('m', { line: '' }), MineBelow, false],
    ['its instance and the nearer parent', new MineBelow('m', { line: '' }), errors.BadStatusLine, true],
    ['a subclass in the other copy', new Theirs('m'), errors.HTTPException, true],
    ['a subclass in the other copy and ours', new Theirs('m'), Mine, false],
  ])('%s', (_, value, type, expected) => {
    expect(value instanceof type).toBe(expected);
  });

  test('has the code of its parent, or its own', () => {
    class Coded extends errors.HTTPException {
      static override readonly code = 'MY_CODE';
    }
    expect(new Mine('m').code).toBe('HTTP_EXCEPTION');
    expect(new Coded('m').code).toBe('MY_CODE');
  });

  test('may be given its own name', () => {
    const error = new Mine('m');
    error.name = 'Mine';
    expect(String(error)).toBe('Mine: m');
    expect(new errors.HTTPException('m').name).toBe('HTTPException');
  });
});

test.each([
  ['undefined', undefined],
  ['null', null],
  ['a string', 'HTTPException'],
  ['a number', 0],
  ['a symbol', Symbol.for('@http-client/HTTPException')],
  ['a plain error', new Error('m')],
  ['an object with its code', { name: 'HTTPException', code: 'HTTP_EXCEPTION' }],
  ['an object without prototype', Object.create(null) as unknown],
  ['the class', errors.HTTPException],
])('%s is not an HTTPException', (_, value) => {
  expect(errors.isHTTPException(value)).toBe(false);
  expect(value instanceof errors.HTTPException).toBe(false);
});
