import { runInNewContext } from 'node:vm';

import { describe, expect, test } from 'vitest';

import { everywhere } from '../../../tests/support/pollution.js';
import {
  checkBytes,
  checkInteger,
  checkObject,
  checkOptionNames,
  checkSignal,
  checkTimeout,
  checkType,
} from './index.js';

describe('an integer', () => {
  test.each([0, 1, 5, Number.MAX_SAFE_INTEGER])('may be %d', (value) => {
    expect(checkInteger(value, 'x', 0)).toBe(value);
  });

  test.each([
    [-1, RangeError],
    [0.5, RangeError],
    [NaN, RangeError],
    [Infinity, RangeError],
    [2 ** 53, RangeError],
    ['1', TypeError],
    [1n, TypeError],
    [null, TypeError],
    [undefined, TypeError],
  ])('is not %s', (value, kind) => {
    expect(() => checkInteger(value, 'x', 0)).toThrow(kind);
  });

  test('must be within its bounds, which the error names', () => {
    expect(checkInteger(7, 'x', 5, 7)).toBe(7);
    expect(() => checkInteger(8, 'x', 5, 7)).toThrow(
      'Cannot use "8" as x: expected a whole number from 5 to 7',
    );
    expect(() => checkInteger('8', 'x', 5, 7)).toThrow('Cannot use "8" as x: it is not a number');
  });

  test.each<[string, unknown, string]>([
    ['without a prototype', Object.create(null), '[object Object]'],
    ['whose toString throws', { toString: () => expect.unreachable() }, '[object Object]'],
    ['that is a symbol', Symbol('y'), 'Symbol(y)'],
  ])('is not a value %s, with the same error', (_, value, shown) => {
    expect(() => checkInteger(value, 'x', 0)).toThrow(
      new TypeError(`Cannot use "${shown}" as x: it is not a number`),
    );
  });
});

describe('a timeout', () => {
  test.each([undefined, 0.5, 1, 2 ** 40])('may be %s', (value) => {
    expect(() => {
      checkTimeout(value, 'x');
    }).not.toThrow();
  });

  test.each([
    [0, RangeError],
    [-1, RangeError],
    [NaN, RangeError],
    [Infinity, RangeError],
    ['1', TypeError],
    [null, TypeError],
  ])('is not %s', (value, kind) => {
    expect(() => {
      checkTimeout(value, 'x');
    }).toThrow(kind);
  });
});

// Zero and infinity are what other clients take for no limit.
test.each([0, Infinity])('the error of a timeout of %s says what means none', (value) => {
  expect(() => {
    checkTimeout(value, 'timeout');
  }).toThrow(`Cannot use "${value}" as timeout: expected milliseconds above 0, or undefined`);
});

test.each([
  ['boolean', false, 0],
  ['function', () => 1, 'x'],
  ['number', 0, '1'],
  ['string', '', null],
] as const)('a value of type %s may be one, or undefined', (type, one, none) => {
  for (const value of [undefined, one]) {
    expect(() => {
      checkType(value, 'x', type);
    }).not.toThrow();
  }
  expect(() => {
    checkType(none, 'x', type);
  }).toThrow(new TypeError(`Cannot use "${String(none)}" as x: expected a ${type}`));
});

test('bytes are a Uint8Array, or of a subclass', () => {
  for (const value of [new Uint8Array(0), new (class extends Uint8Array {})(1)]) {
    expect(() => {
      checkBytes(value, 'x');
    }).not.toThrow();
  }
});

test('bytes may come from another realm', () => {
  const foreign: unknown = runInNewContext('new Uint8Array(1)');
  expect(() => {
    checkBytes(foreign, 'x');
  }).not.toThrow();
});

test.each<[value: unknown, shown: string]>([
  ['text', 'text'],
  [undefined, 'undefined'],
  [[1, 2], '1,2'],
  [new Int8Array(1), '0'],
  [new ArrayBuffer(1), '[object ArrayBuffer]'],
  [{ [Symbol.toStringTag]: 'Uint8Array' }, '[object Uint8Array]'],
])('%o is not bytes', (value, shown) => {
  expect(() => {
    checkBytes(value, 'x');
  }).toThrow(new TypeError(`Cannot use "${shown}" as x: expected a Uint8Array`));
});

test('options are an object', () => {
  expect(() => {
    checkObject({});
  }).not.toThrow();
});

test.each<[value: unknown, shown: string]>([
  [undefined, 'undefined'],
  [null, 'null'],
  [5, '5'],
  ['text', 'text'],
  [true, 'true'],
  [[1, 2], '1,2'],
  [new Uint8Array(2), '0,0'],
  [new Map(), '[object Map]'],
  [new ReadableStream(), '[object ReadableStream]'],
])('%o is not options', (value, shown) => {
  expect(() => {
    checkObject(value);
  }).toThrow(new TypeError(`Cannot use "${shown}" as options: expected an object with named options`));
});

describe('the names of options', () => {
  const known = { a: true, b: true } as const;
  /** The options of a signal: its properties are inherited. */
  const { signal } = new AbortController();

  test.each<[options: object]>([
    [{}],
    [{ a: 1 }],
    [{ a: undefined, b: null }],
    [Object.freeze({ b: 1 })],
    [Object.assign(Object.create(null) as object, { a: 1 })],
    [Object.create({ a: 1 }) as object],
    [runInNewContext('({ a: 1 })') as object],
    [{ [Symbol('c')]: 1 }],
  ])('%o is accepted', (options) => {
    expect(() => {
      checkOptionNames(options, 'f', known);
    }).not.toThrow();
  });

  test.each<[options: object, wrong: string]>([
    [{ c: 1 }, 'c'],
    [{ a: 1, A: 1, B: 1 }, 'A'],
    // It may be undefined by chance: in another environment, it would be set.
    [{ c: undefined }, 'c'],
    [Object.create({ a: 1, c: 1 }) as object, 'c'],
    [signal, 'aborted'],
    [{ 'x\n': 1 }, 'x\\n'],
  ])('%o is rejected', (options, wrong) => {
    const error = new TypeError(`Cannot use "${wrong}" as an option of f: it takes a, b`);
    expect(() => {
      checkOptionNames(options, 'f', known);
    }).toThrow(error);
  });

  test('a single one is named as such', () => {
    expect(() => {
      checkOptionNames({ signl: signal }, 'f', { signal: true });
    }).toThrow(new TypeError('Cannot use "signl" as an option of f: it takes signal'));
  });

  test('a value is not read, so that it cannot fail', () => {
    const options = {
      get a() {
        throw new Error('read');
      },
    };
    expect(() => {
      checkOptionNames(options, 'f', known);
    }).not.toThrow();
  });

  test('what a library has added to every object is not an option', () => {
    const enumerated: string[] = [];
    everywhere('added', 1, () => {
      for (const name in { a: 1 }) enumerated.push(name);
      checkOptionNames({ a: 1 }, 'f', known);
    });
    expect(enumerated).toEqual(['a', 'added']);
  });

  test.each<[options: object]>([[{}], [{ a: 1 }], [{ b: 1 }]])(
    'but an option that has been added to every object is rejected: %o',
    (options) => {
      expect(() => {
        everywhere('b', 1, () => {
          checkOptionNames(options, 'f', known);
        });
      }).toThrow(new TypeError('Cannot use "b" as an option of f: it has been added to every object'));
    },
  );

  test('unless the options have no prototype', () => {
    expect(() => {
      everywhere('b', 1, () => {
        checkOptionNames(Object.create(null), 'f', known);
      });
    }).not.toThrow();
  });

  test('anything but an object is rejected', () => {
    expect(() => {
      checkOptionNames(5, 'f', known);
    }).toThrow(new TypeError('Cannot use "5" as options: expected an object with named options'));
  });
});

test('an object that is not called options is named in the error', () => {
  expect(() => {
    checkObject('x', 'a target', 'host and port');
  }).toThrow(new TypeError('Cannot use "x" as a target: expected an object with host and port'));
});

test('a signal may be one, undefined or null', () => {
  for (const value of [undefined, null, AbortSignal.abort(), new AbortController().signal]) {
    expect(() => {
      checkSignal(value);
    }).not.toThrow();
  }
});

test.each<[value: unknown, shown: string]>([
  [new AbortController(), '[object AbortController]'],
  [{ aborted: false }, '[object Object]'],
  [5, '5'],
  [true, 'true'],
])('%j is not a signal', (value, shown) => {
  expect(() => {
    checkSignal(value);
  }).toThrow(new TypeError(`Cannot use "${shown}" as a signal: expected an AbortSignal`));
});
