import { encodeLatin1 } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { HTTPMessage, parseHeaderBlock } from './index.js';

// The first message of all shows how: also if it is of a subclass, it is for all.
class Subclass extends HTTPMessage {}
new Subclass();

type Shown = Record<symbol, (depth: number, options: unknown, inspect: unknown) => string>;

describe('what the console shows of a message', () => {
  // As Node calls it, with an `inspect` that every platform has.
  const shown = (message: HTTPMessage, depth = 2): string =>
    (message as unknown as Shown)[Symbol.for('nodejs.util.inspect.custom')]!(depth, {}, JSON.stringify);

  const rows: [name: string, message: HTTPMessage, expected: string][] = [
    ['no field', new HTTPMessage(), 'HTTPMessage {}'],
    ['one', new HTTPMessage({ Host: 'example.org' }), 'HTTPMessage {"Host":"example.org"}'],
    [
      'the values of one name, in order, in the position of the first',
      new HTTPMessage([
        ['Set-Cookie', 'a=1'],
        ['Vary', 'Accept'],
        ['Set-Cookie', 'b=2'],
        ['Set-Cookie', 'c=3'],
      ]),
      'HTTPMessage {"Set-Cookie":["a=1","b=2","c=3"],"Vary":"Accept"}',
    ],
    [
      'names in their own case, distinguished by it',
      new HTTPMessage([
        ['via', '1'],
        ['Via', '2'],
      ]),
      'HTTPMessage {"via":"1","Via":"2"}',
    ],
    ['a name that the language uses', new HTTPMessage([['__proto__', 'x']]), 'HTTPMessage {"__proto__":"x"}'],
    ['received ones', parseHeaderBlock(encodeLatin1('A: 1\r\n\r\n'))!.headers, 'HTTPMessage {"A":"1"}'],
  ];
  test.each(rows)('%s', (_name, message, expected) => {
    expect(shown(message)).toBe(expected);
  });

  test('its fields within the depth of the console, its name beyond it', () => {
    expect(shown(new HTTPMessage({ A: '1' }), 0)).toBe('HTTPMessage {"A":"1"}');
    expect(shown(new HTTPMessage({ A: '1' }), -1)).toBe('[HTTPMessage]');
  });

  test('and the method is not a key or entry of it', () => {
    const message = new HTTPMessage();
    expect(Object.keys(message)).toEqual([]);
    expect(Reflect.ownKeys(message)).toEqual([]);
    expect(message).toEqual(new HTTPMessage());
  });
});
