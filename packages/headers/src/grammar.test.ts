import { runInNewContext } from 'node:vm';

import { InvalidURL } from '@http-client/errors';
import { describe, expect, test } from 'vitest';

import {
  HTTPMessage,
  type HeaderValue,
  validateHeaderName,
  validateHeaderValue,
  validateMethod,
  validateTarget,
} from './index.js';
import { readInPieces } from './testdata/pieces.js';

const ALL = Array.from({ length: 0x102 }, (_, code) => String.fromCharCode(code));
/** RFC 9110, section 5.6.2, in full. */
const TCHARS = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

function thrown(run: () => void): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('every character, alone and among others', () => {
  const rows: [what: string, validate: (text: string) => void, allowed: (character: string) => boolean][] = [
    ['field name', validateHeaderName, (c) => TCHARS.includes(c)],
    ['method', validateMethod, (c) => TCHARS.includes(c)],
    [
      'field value',
      (text) => {
        validateHeaderValue('A', text);
      },
      (c) => c <= '\xff' && !'\r\n\0'.includes(c),
    ],
    ['target', validateTarget, (c) => c >= '!' && c <= '~'],
  ];
  test.each(rows)('%s', (_, validate, allowed) => {
    for (const character of [...ALL, '\uffff']) {
      for (const text of [character, `a${character}`, `${character}a`, `a${character}a`]) {
        const refused =
          thrown(() => {
            validate(text);
          }) !== undefined;
        expect([text, refused]).toEqual([text, !allowed(character)]);
      }
    }
  });
});

// The scanner examines four bytes at a time, and each place among them has code of its own.
describe('every byte but CR and LF at every place of a received line', () => {
  type Row = (before: string, byte: string, after: string) => [line: string, field?: [string, string]];
  const rows: [where: string, row: Row][] = [
    [
      'in its name',
      (before, byte, after) => {
        const line = `${before}${byte}${after}:c:d`;
        if (TCHARS.includes(byte)) return [line, [before + byte + after, 'c:d']];
        // The first colon ends the name.
        return byte === ':' && before !== '' ? [line, [before, `${after}:c:d`]] : [line];
      },
    ],
    [
      'in its value',
      (before, byte, after) => {
        const value = before + byte + after;
        const isText = byte === '\t' || (byte >= ' ' && byte !== '\x7f');
        return isText ? [`A:${value}`, ['A', value.replace(/^[ \t]|[ \t]$/, '')]] : [`A:${value}`];
      },
    ],
  ];
  test.each(rows)('%s', (_, row) => {
    for (const byte of ALL.slice(0, 0x100).filter((character) => !'\r\n'.includes(character))) {
      for (let at = 0; at < 9; at++) {
        for (const after of ['', 'b', 'bbbbbbbb']) {
          const [line, field] = row('a'.repeat(at), byte, after);
          const expected = field === undefined ? { error: 'InvalidHeader' } : { fields: [field] };
          // Once with the blank line after it, and once as the last that has arrived.
          const block = `${line}\n\n`;
          for (const cuts of [[block.length], [line.length + 1, block.length]])
            expect([block, readInPieces(block, cuts)]).toMatchObject([block, expected]);
        }
      }
    }
  });
});

test.each<[string, () => void, new (...args: never) => Error, string]>([
  [
    'a space in a name',
    () => {
      validateHeaderName('x y');
    },
    TypeError,
    'Cannot use "x y" as a field name: a space is not a token character (RFC 9110, section 5.6.2)',
  ],
  [
    'a line end in a name',
    () => {
      validateHeaderName('x\r\nY: z');
    },
    TypeError,
    'Cannot use "x\\r\\nY: z" as a field name: "\\r" is not a token character (RFC 9110, section 5.6.2)',
  ],
  [
    'an empty name',
    () => {
      validateHeaderName('');
    },
    TypeError,
    'Cannot use "" as a field name: it is empty',
  ],
  [
    'a name that is not a string',
    () => {
      validateHeaderName(5 as never);
    },
    TypeError,
    'Cannot use "5" as a field name: it is not a string',
  ],
  [
    'a symbol for a name',
    () => {
      validateHeaderName(Symbol('x') as never);
    },
    TypeError,
    'Cannot use "Symbol(x)" as a field name: it is not a string',
  ],
  [
    'an empty method',
    () => {
      validateMethod('');
    },
    TypeError,
    'Cannot use "" as a method: it is empty',
  ],
  [
    'two lines in a value',
    () => {
      validateHeaderValue('A', 'x\ny');
    },
    TypeError,
    'Cannot use the value of "A": "\\n" at index 1 could end the field line',
  ],
  [
    'a secret with the line end of its file, which must not get into a log',
    () => {
      validateHeaderValue('Authorization', 'Bearer c2VjcmV0\n');
    },
    TypeError,
    'Cannot use the value of "Authorization": "\\n" at index 15 could end the field line',
  ],
  [
    'a fold in a value',
    () => {
      validateHeaderValue('A', 'x\r\n y');
    },
    TypeError,
    'Cannot use the value of "A": "\\r" at index 1 could end the field line',
  ],
  [
    'NUL in a value',
    () => {
      validateHeaderValue('A', '\0');
    },
    TypeError,
    'Cannot use the value of "A": "\\x00" at index 0 could end the field line',
  ],
  [
    'a value beyond ISO-8859-1',
    () => {
      validateHeaderValue('A', '5 €');
    },
    TypeError,
    'Cannot use the value of "A": "€" at index 2 is beyond U+00FF; give new TextEncoder().encode(value)',
  ],
  [
    'a line end in bytes',
    () => {
      validateHeaderValue('A', Uint8Array.of(0x61, 0x0a));
    },
    TypeError,
    'Cannot use the value of "A": "\\n" at index 1 could end the field line',
  ],
  [
    'NaN',
    () => {
      validateHeaderValue('A', NaN);
    },
    TypeError,
    'Cannot use the value of "A": it is NaN, not a string, finite number or Uint8Array',
  ],
  [
    'an infinite number',
    () => {
      validateHeaderValue('A', -Infinity);
    },
    TypeError,
    'Cannot use the value of "A": it is -Infinity, not a string, finite number or Uint8Array',
  ],
  [
    'a boolean',
    () => {
      validateHeaderValue('A', true as never);
    },
    TypeError,
    'Cannot use the value of "A": it is a boolean, not a string, finite number or Uint8Array',
  ],
  [
    'an empty target',
    () => {
      validateTarget('');
    },
    InvalidURL,
    'Cannot use "" as a request target: it is empty',
  ],
  [
    'a space in a target',
    () => {
      validateTarget('/a b');
    },
    InvalidURL,
    'Cannot use "/a b" as a request target: a space is not allowed there',
  ],
  [
    'a target that is not a string',
    () => {
      validateTarget(undefined as never);
    },
    TypeError,
    'Cannot use "undefined" as a request target: it is not a string',
  ],
])('%s: the message says what, why and which', (_, run, type, message) => {
  const error = thrown(run);
  expect(error).toBeInstanceOf(type);
  expect(error).toHaveProperty('message', message);
});

test('the bytes of a value may come from another realm', () => {
  const value = runInNewContext('new Uint8Array([0x78, 0xe9])') as Uint8Array;
  expect(new HTTPMessage({ A: value }).get('A')).toBe('xé');
});

test.each<HeaderValue>([
  '',
  'a',
  ' a ',
  'caf\xe9',
  '\x01\x7f\t',
  0,
  -1,
  1.5,
  1e21,
  new Uint8Array(),
  Uint8Array.of(0xff),
])('a value that can be sent: %j', (value) => {
  expect(
    thrown(() => {
      validateHeaderValue('A', value);
    }),
  ).toBeUndefined();
});
