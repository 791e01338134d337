import { encodeLatin1 } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { type HeadersInput, HTTPMessage, parseHeaderBlock } from './index.js';

type Pairs = [string, string][];

const received = (text: string): HTTPMessage => parseHeaderBlock(encodeLatin1(`${text}\r\n`))!.headers;

class Fields {
  readonly A = '1';
}

const COOKIES: Pairs = [
  ['Set-Cookie', 'a=1'],
  ['set-cookie', 'b=2'],
];

describe('what a message can be made from', () => {
  const own = Object.create(
    { inherited: '1' },
    {
      B: { value: '1', enumerable: true },
      hidden: { value: '2', enumerable: false },
      A: { value: [2, 'x', Uint8Array.of(0xe9)], enumerable: true },
      [Symbol('s')]: { value: '3', enumerable: true },
    },
  ) as Record<string, string>;

  test.each<[string, HeadersInput | undefined, Pairs]>([
    ['nothing', undefined, []],
    [
      'pairs',
      [
        ['A', '1'],
        ['a', 2],
      ],
      [
        ['A', '1'],
        ['a', '2'],
      ],
    ],
    ['a map', new Map([['A', '1']]), [['A', '1']]],
    [
      'a generator',
      (function* () {
        yield ['A', Uint8Array.of(0x78, 0xff)] as const;
      })(),
      [['A', 'x\xff']],
    ],
    ['a message', new HTTPMessage(COOKIES), COOKIES],
    [
      'a received message',
      received('A:  1 \r\nB: x\r\n y\r\n'),
      [
        ['A', '1'],
        ['B', 'x y'],
      ],
    ],
    [
      "the platform's Headers",
      new Headers([
        ['b', '1'],
        ['Set-Cookie', 'x'],
        ['set-cookie', 'y'],
      ]),
      [
        ['b', '1'],
        ['set-cookie', 'x'],
        ['set-cookie', 'y'],
      ],
    ],
    [
      'a record',
      own,
      [
        ['B', '1'],
        ['A', '2'],
        ['A', 'x'],
        ['A', '\xe9'],
      ],
    ],
    ['a record without prototype', Object.assign(Object.create(null) as object, { A: '1' }), [['A', '1']]],
    ['an empty record', {}, []],
    ['an empty record without prototype', Object.create(null) as Record<string, string>, []],
    ['a record with an empty list', { A: [], B: '1' }, [['B', '1']]],
    ['an object of a class, with properties', new Fields() as object as Record<string, string>, [['A', '1']]],
    [
      'a record with the names of object properties',
      JSON.parse('{"__proto__": "1", "constructor": "2"}') as Record<string, string>,
      [
        ['__proto__', '1'],
        ['constructor', '2'],
      ],
    ],
  ])('%s', (_, input, fields) => {
    const message = new HTTPMessage(input);
    expect(message.toJSON()).toEqual(fields);
    expect(message.size).toBe(fields.length);
    expect(message.defects).toEqual([]);
  });

  test.each<[string, unknown, string]>([
    ['a string', 'A: 1', 'Cannot use a string as fields: it is not an object'],
    [
      'a promise',
      Promise.resolve({ A: '1' }),
      'Cannot use a Promise as fields: it has no properties of its own',
    ],
    ['bytes', new ArrayBuffer(4), 'Cannot use an ArrayBuffer as fields: it has no properties of its own'],
    ['null', null, 'Cannot use null as fields: it is not an object'],
    ['a number', 5, 'Cannot use a number as fields: it is not an object'],
    ['a function', Date, 'Cannot use a function as fields: it is not an object'],
    ['strings', [['A', '1'], 'BC'], 'Cannot use entry 1 of the fields: it is a string, not a pair'],
    ['a string of two characters', ['AB'], 'Cannot use entry 0 of the fields: it is a string, not a pair'],
    ['an entry of three', [['A', '1', '2']], 'Cannot use entry 0 of the fields: it is an Array, not a pair'],
    [
      'an undefined entry',
      [['A', '1'], ['B', '2'], undefined],
      'Cannot use entry 2 of the fields: it is undefined, not a pair',
    ],
    [
      'an entry without a prototype',
      [Object.create(null)],
      'Cannot use entry 0 of the fields: it is an object, not a pair',
    ],
    [
      'a value without a prototype',
      { A: Object.create(null) as object },
      'Cannot use the value of "A": it is an object, not a string, finite number or Uint8Array',
    ],
    ['bytes', Uint8Array.of(1), 'Cannot use entry 0 of the fields: it is a number, not a pair'],
    [
      'a pair of lists',
      [['A', ['1']]],
      'Cannot use the value of "A": it is an Array, not a string, finite number or Uint8Array',
    ],
    [
      'an undefined value',
      { A: undefined },
      'Cannot use the value of "A": it is undefined, not a string, finite number or Uint8Array',
    ],
    ['a name that is not a string', [[1, '1']], 'Cannot use "1" as a field name: it is not a string'],
    [
      'a value with a line end',
      { A: ['x', 'y\r\nB: z'] },
      'Cannot use the value of "A": "\\r" at index 1 could end the field line',
    ],
  ])('not %s', (_, input, message) => {
    expect(() => new HTTPMessage(input as HeadersInput)).toThrow(TypeError);
    expect(() => new HTTPMessage(input as HeadersInput)).toThrow(message);
  });

  test.each<[string, unknown]>([
    ['lines in place of pairs', ['Authorization: Bearer s3cret']],
    ['one line', 'Authorization: Bearer s3cret'],
    ['a pair with one more', [['Authorization', 'Bearer', 's3cret']]],
    ['a list in a pair', [['Cookie', ['id=s3cret']]]],
    ['a String object', { Authorization: new String('Bearer s3cret') }],
    ['a value with a line end', { Authorization: 'Bearer s3cret\n' }],
  ])('no message contains the value, which may be a secret: %s', (_, input) => {
    const error = expect.objectContaining({
      name: 'TypeError',
      message: expect.not.stringContaining('s3cret') as string,
    }) as Error;
    expect(() => new HTTPMessage(input as HeadersInput)).toThrow(error);
  });

  test('a lenient message is validated when it is copied: what was built can be sent', () => {
    const lenient = parseHeaderBlock(encodeLatin1('A: \0\r\n\r\n'), { strict: false })!.headers;
    expect(() => new HTTPMessage(lenient)).toThrow(TypeError);
  });
});
