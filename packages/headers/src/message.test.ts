import { encodeLatin1 } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { HTTPMessage, parseHeaderBlock } from './index.js';

type Pairs = [string, string][];

const received = (text: string): HTTPMessage => parseHeaderBlock(encodeLatin1(`${text}\r\n`))!.headers;

/** The same fields, once built by a caller and once received: both must behave alike. */
const BOTH: [string, (fields: Pairs) => HTTPMessage][] = [
  ['built', (fields) => new HTTPMessage(fields)],
  ['received', (fields) => received(fields.map(([name, value]) => `${name}: ${value}\r\n`).join(''))],
];

const COOKIES: Pairs = [
  ['Set-Cookie', 'a=1'],
  ['Date', 'now'],
  ['set-cookie', 'b=2'],
  ['SET-COOKIE', ''],
];

describe.each(BOTH)('%s', (_, make) => {
  test('look-up ignores the case of ASCII letters', () => {
    const message = make([
      ['Content-Length', '5'],
      ['X-Y', '1'],
      ['x-y', '2'],
      ['content-length', '6'],
    ]);
    for (const [name, other] of ['Az', 'aZ', 'AZ', 'az'].map((own) => [own, `${own}-`] as const)) {
      expect([make([['aZ', '1']]).get(name), make([['aZ', '1']]).get(other)]).toEqual(['1', undefined]);
    }
    for (const name of ['Content-Length', 'content-length', 'CONTENT-LENGTH', 'cOnTeNt-LeNgTh']) {
      expect(message.get(name)).toBe('5');
      expect(message.getAll(name)).toEqual(['5', '6']);
      expect(message.has(name)).toBe(true);
    }
  });

  test.each([
    ['another letter', 'X-Z'],
    ['a shorter name', 'X-'],
    ['a longer name', 'X-YY'],
    ['nothing', ''],
    // Characters that differ from those of the name only by the bit that is the case of letters.
    ['not a letter', 'X\rY'],
    ['a space', 'X-Y '],
    ['_ and DEL', 'A\x7fB'],
    ['^ and ~', 'C~D'],
    ['` and @', 'E@F'],
    // toLowerCase turns the Kelvin sign into k, toUpperCase the long s into S.
    ['the Kelvin sign', '\u212a'],
    ['the long s', '\u017f'],
    ['a property of objects', '__proto__'],
    ['their constructor', 'constructor'],
  ])('absent: %s', (_what, name) => {
    const message = make([
      ['X-Y', '1'],
      ['A_B', '2'],
      ['C^D', '3'],
      ['E`F', '4'],
      ['k', '5'],
      ['S', '6'],
    ]);
    expect(message.get(name)).toBeUndefined();
    expect(message.get(name, 'fallback')).toBe('fallback');
    expect(message.getAll(name)).toEqual([]);
    expect(message.has(name)).toBe(false);
    expect(message.delete(name)).toBe(false);
    expect(message.size).toBe(6);
  });

  test('an empty value is a value', () => {
    const message = make([['A', '']]);
    expect(message.get('a', 'fallback')).toBe('');
    expect(message.has('a')).toBe(true);
  });

  test('a field is just a field, whatever its name', () => {
    const message = make([
      ['__proto__', '1'],
      ['constructor', '2'],
      ['hasOwnProperty', '3'],
    ]);
    expect(message.get('__PROTO__')).toBe('1');
    expect(message.get('constructor')).toBe('2');
    expect(message.getAll('hasownproperty')).toEqual(['3']);
    expect({}).not.toHaveProperty('1');
  });

  test('cookies are never joined', () => {
    expect(make(COOKIES).getSetCookie()).toEqual(['a=1', 'b=2', '']);
    expect(make([]).getSetCookie()).toEqual([]);
  });

  test('order, case and duplicates are kept', () => {
    const message = make(COOKIES);
    expect([...message]).toEqual(COOKIES);
    expect([...message.entries()]).toEqual(COOKIES);
    expect([...message.keys()]).toEqual(['Set-Cookie', 'Date', 'set-cookie', 'SET-COOKIE']);
    expect([...message.values()]).toEqual(['a=1', 'now', 'b=2', '']);
    expect(message.size).toBe(4);
  });

  test('as text, bytes, JSON', () => {
    const message = make([
      ['A', '1'],
      ['b', 'caf\xe9'],
    ]);
    expect(message.toString()).toBe('A: 1\r\nb: caf\xe9\r\n');
    expect(message.toBytes()).toEqual(encodeLatin1('A: 1\r\nb: caf\xe9\r\n'));
    expect(JSON.stringify(message)).toBe('[["A","1"],["b","caf\xe9"]]');
    expect(make([]).toString()).toBe('');
    expect(make([]).toBytes()).toEqual(new Uint8Array());
  });

  test("as the platform's Headers", () => {
    const headers = make([...COOKIES, ['A', '1'], ['a', 'caf\xe9']]).toHeaders();
    expect(headers).toBeInstanceOf(Headers);
    expect([...headers]).toEqual([
      ['a', '1, caf\xe9'],
      ['date', 'now'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['set-cookie', ''],
    ]);
  });

  const changes: [string, (message: HTTPMessage) => unknown, unknown, string][] = [
    [
      'append',
      (m) => {
        m.append('A', 5);
      },
      undefined,
      'A: 1|b: 2|a: 3|C: 4|A: 5',
    ],
    [
      'set an absent one',
      (m) => {
        m.set('D', Uint8Array.of(0xe9));
      },
      undefined,
      'A: 1|b: 2|a: 3|C: 4|D: \xe9',
    ],
    [
      'set the first of two',
      (m) => {
        m.set('a', 'x');
      },
      undefined,
      'a: x|b: 2|C: 4',
    ],
    [
      'set the only one',
      (m) => {
        m.set('B', 'x');
      },
      undefined,
      'A: 1|B: x|a: 3|C: 4',
    ],
    [
      'set the last',
      (m) => {
        m.set('c', 'x');
      },
      undefined,
      'A: 1|b: 2|a: 3|c: x',
    ],
    ['delete both', (m) => m.delete('A'), true, 'b: 2|C: 4'],
    ['delete one', (m) => m.delete('B'), true, 'A: 1|a: 3|C: 4'],
    ['delete none', (m) => m.delete('D'), false, 'A: 1|b: 2|a: 3|C: 4'],
    [
      'replace the first of two',
      (m) => {
        m.replaceHeader('a', 9);
      },
      undefined,
      'A: 9|b: 2|a: 3|C: 4',
    ],
    [
      'replace the last',
      (m) => {
        m.replaceHeader('c', '');
      },
      undefined,
      'A: 1|b: 2|a: 3|C: ',
    ],
    [
      'several',
      (m) => {
        m.append('D', 'x');
        m.delete('a');
        m.set('d', 'y');
        m.append('E', '');
      },
      undefined,
      'b: 2|C: 4|d: y|E: ',
    ],
  ];
  test.each(changes)('change: %s', (_what, change, result, fields) => {
    const message = make([
      ['A', '1'],
      ['b', '2'],
      ['a', '3'],
      ['C', '4'],
    ]);
    expect(change(message)).toBe(result);
    expect(message.toString()).toBe(
      fields
        .split('|')
        .map((field) => `${field}\r\n`)
        .join(''),
    );
    expect(message.size).toBe(fields.split('|').length);
    for (const [name] of message) expect(message.get(name)).toBe(message.getAll(name)[0]);
  });

  test.each<[string, (message: HTTPMessage) => void, new (...args: never) => Error]>([
    [
      'append a bad name',
      (m) => {
        m.append('a b', '1');
      },
      TypeError,
    ],
    [
      'append a bad value',
      (m) => {
        m.append('A', '\n');
      },
      TypeError,
    ],
    [
      'set a bad name',
      (m) => {
        m.set('', '1');
      },
      TypeError,
    ],
    [
      'set a bad value',
      (m) => {
        m.set('A', '\r');
      },
      TypeError,
    ],
    [
      'replace by a bad value',
      (m) => {
        m.replaceHeader('A', '\0');
      },
      TypeError,
    ],
    [
      'replace an absent one',
      (m) => {
        m.replaceHeader('B', '1');
      },
      RangeError,
    ],
    [
      'add with a bad value',
      (m) => {
        m.addHeader('B', 'x\r\ny');
      },
      TypeError,
    ],
    [
      'add with a bad parameter name',
      (m) => {
        m.addHeader('B', 'x', { 'a; b': '1' });
      },
      TypeError,
    ],
    [
      'add with an empty parameter name',
      (m) => {
        m.addHeader('B', 'x', { '': '1' });
      },
      TypeError,
    ],
    [
      'add with half a character',
      (m) => {
        m.addHeader('B', 'x', { a: '\ud83d' });
      },
      TypeError,
    ],
    [
      'add with a line end in a parameter',
      (m) => {
        m.addHeader('B', 'x', { a: '\r\nC: y' });
      },
      TypeError,
    ],
    [
      'set a bad parameter',
      (m) => {
        m.setParam('a b', '1', 'A');
      },
      TypeError,
    ],
    [
      'set a bad parameter value',
      (m) => {
        m.setParam('a', '\n', 'A');
      },
      TypeError,
    ],
  ])('a refused change changes nothing: %s', (_what, change, type) => {
    const message = make([['A', '1']]);
    expect(() => {
      change(message);
    }).toThrow(type);
    expect(message.toString()).toBe('A: 1\r\n');
  });

  test('iterators yield the fields as they were at the call, whatever changes meanwhile', () => {
    const message = make([
      ['A', '1'],
      ['B', '2'],
    ]);
    const seen: string[] = [];
    for (const [name, value] of message) {
      seen.push(name + value);
      message.append('C', '3');
      message.delete('B');
    }
    const keys = message.keys();
    const values = message.values();
    message.set('A', '4');
    message.delete('C');
    expect(seen).toEqual(['A1', 'B2']);
    expect([...keys]).toEqual(['A', 'C', 'C']);
    expect([...values]).toEqual(['1', '3', '3']);
    expect([...message]).toEqual([['A', '4']]);
  });
});

test('replaceHeader names what is missing', () => {
  expect(() => {
    new HTTPMessage().replaceHeader('X', '1');
  }).toThrow('Cannot replace the field "X": there is none');
});

test('defects are kept when fields change', () => {
  const { headers } = parseHeaderBlock(encodeLatin1('A: 1\r\nA: 2\r\n: x\r\n\r\n'), { strict: false })!;
  headers.set('A', '3');
  expect(headers.toJSON()).toEqual([['A', '3']]);
  expect(headers.defects).toEqual([{ line: ': x', detail: 'an empty name' }]);
});

test('toHeaders throws if the platform has no Headers', () => {
  const platform = globalThis.Headers;
  try {
    Reflect.deleteProperty(globalThis, 'Headers');
    expect(() => new HTTPMessage().toHeaders()).toThrow(TypeError);
  } finally {
    globalThis.Headers = platform;
  }
});
