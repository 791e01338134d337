import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { HTTPMessage } from './index.js';

interface Raised {
  raises: string;
}
type Pairs = [string, string][];
interface ParamRow {
  value: string;
  type: string;
  main: string;
  sub: string;
  disposition: string;
  params: Pairs | Raised;
  charset: string | null | Raised;
  boundary: string | null | Raised;
  filename: string | null | Raised;
  setCharset: Pairs | Raised;
  setFilename: Pairs | Raised;
  delete: Pairs | Raised;
}
interface AddRow {
  value: string | null;
  params: Record<string, string | null>;
  result: string;
}

function recorded<Row>(name: string): Row[] {
  return JSON.parse(readFileSync(new URL(`testdata/${name}`, import.meta.url), 'utf8')) as Row[];
}

/**
 * Where this package differs from Python 3.13:
 * - `never throws`: the reference raises TypeError if both `name*` and `name*0` occur, and LookupError or
 *   UnicodeEncodeError if it writes what it has decoded. What a peer sends must not cause that here.
 * - `written as received`: the reference encodes the bytes of an extended value a second time when it writes it.
 * - whitespace is that of JavaScript, which includes U+FEFF.
 */
const WRITTEN_AS_IT_CAME = /%[89a-f][\da-f]|%00/i;

describe('recorded from Python 3.13', () => {
  test.each(recorded<ParamRow>('params.json'))('$value', (row) => {
    const message = new HTTPMessage({ 'Content-Type': row.value, 'Content-Disposition': row.value });
    const changed = (change: (message: HTTPMessage) => void): Pairs => {
      const message = new HTTPMessage({ X: row.value });
      change(message);
      return message.toJSON();
    };
    const own: ParamRow = {
      value: row.value,
      type: message.getContentType(),
      main: message.getContentMainType(),
      sub: message.getContentSubtype(),
      disposition: message.getContentDisposition()!,
      params: message.getParams()!,
      charset: message.getContentCharset() ?? null,
      boundary: message.getBoundary() ?? null,
      filename: message.getFilename() ?? null,
      setCharset: changed((m) => {
        m.setParam('charset', 'x"y', 'X');
      }),
      setFilename: changed((m) => {
        m.setParam('FileName', 'naïve €.txt', 'X');
      }),
      delete: changed((m) => {
        m.deleteParam('Filename', 'X');
      }),
    };
    for (const key of Object.keys(row) as (keyof ParamRow)[]) {
      let expected = row[key];
      if (typeof expected === 'object' && expected !== null && 'raises' in expected) continue;
      if (/^(set|delete)/.test(key) && WRITTEN_AS_IT_CAME.test(row.value)) continue;
      if (key === 'filename' && typeof expected === 'string') expected = expected.replace(/^\ufeff/, '');
      expect([key, own[key]]).toEqual([key, expected]);
    }
  });

  test.each(recorded<AddRow>('add-header.json'))('add $value $params', ({ value, params, result }) => {
    const message = new HTTPMessage();
    const given = Object.fromEntries(Object.entries(params).map(([name, text]) => [name, text ?? undefined]));
    message.addHeader('X', value ?? undefined, given);
    expect(message.toJSON()).toEqual([['X', result]]);
  });
});

test.each([
  [
    'RFC 2231, section 3',
    "application/x-stuff; title*0*=us-ascii'en'This%20is%20even%20more%20; title*1*=%2A%2A%2Afun%2A%2A%2A%20; title*2=\"isn't it!\"",
    "This is even more ***fun*** isn't it!",
  ],
  [
    'RFC 2231, section 4',
    "application/x-stuff; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A",
    'This is ***fun***',
  ],
  ['RFC 8187, section 3.2.3, ISO-8859-1', "x; title*=iso-8859-1'en'%A3%20rates", '£ rates'],
  ['RFC 8187, section 3.2.3, UTF-8', "x; title*=UTF-8''%c2%a3%20and%20%e2%82%ac%20rates", '£ and € rates'],
  ['controls of ISO-8859-1, which windows-1252 does not have', "x; title*=latin1''%80%9f", '\x80\x9f'],
  ['the same by another of its names', "x; title*=iso8859-1''%80%9f", '\x80\x9f'],
  ['one whose name only begins like it', "x; title*=iso-8859-15''%A4", '€'],
  ['what is not ASCII', "x; title*=ascii''%00%7F%80%81", '\0\x7f\ufffd\ufffd'],
  ['charsets in capitals: US-ASCII', "x; title*=US-ASCII''a%80", 'a\ufffd'],
  ['and ISO-8859-1', "x; title*=ISO-8859-1''%80", '\x80'],
  ['an empty value in the extended form', "x; title*=utf-8''", ''],
  ['what only resembles an encoded character', "x; title*=utf-8''%6`%g6", '%6`%g6'],
  ['empty angle brackets', 'x; title=<>', ''],
  ['two asterisks after the number of a part', 'x; title*0**=b', undefined],
  ['two numbers of a part', 'x; title*0*1=b', undefined],
  ['a charset that only begins like ASCII', "x; title*=ascii-x''a%80", 'a\x80'],
  ['an unknown charset', "x; title*=x''%80", '\x80'],
  [
    'an undivided value with continuations, which the reference cannot sort',
    "x; title*0=a; title*1=b; title*=utf-8''%C3%A9",
    'é',
  ],
  ['the same in the other order', "x; title*=utf-8''%C3%A9; title*0=a; title*1=b", 'é'],
  ['the plain one first, as in the reference', "x; title*=utf-8''c; title=d", 'd'],
  ['a quoted string that does not end, before angle brackets', 'x; title="b<c>', '"b<c>'],
  ['a number too large to count to', `x; title*${'9'.repeat(400)}=b; title*0=a`, 'ab'],
  ['two numbers too large to tell apart', `x; title*${'9'.repeat(401)}=b; title*${'8'.repeat(402)}=a`, 'ab'],
])('%s', (_, value, title) => {
  expect(new HTTPMessage({ 'Content-Type': value }).getParam('Title')).toBe(title);
});

test.each<[string, string, string]>([
  ["x; b=1; title*=utf-8'en'%C3%A9%20%27", "x; title*=utf-8'en'%C3%A9%20%27", "é '"],
  ["x; b=1; title*=utf-8''a.b~c%0A", "x; title*=utf-8''a.b~c%0A", 'a.b~c\n'],
  ["x; b=1; title*=koi8-r''%C1", "x; title*=koi8-r''%C1", 'а'],
  ["x; b=1; title*=x-unknown''%ff", "x; title*=x-unknown''%FF", '\xff'],
  ['x; b=1; title*=%ff', 'x; title*=%FF', '\ufffd'],
])('an extended value is written as received: %s', (value, written, title) => {
  const message = new HTTPMessage({ 'Content-Type': value });
  message.deleteParam('B');
  expect(message.get('Content-Type')).toBe(written);
  expect(message.getParam('title')).toBe(title);
});

test.each<[string, [string, string][], (message: HTTPMessage) => void, [string, string][]]>([
  [
    'absent Content-Type',
    [],
    (m) => {
      m.setParam('charset', 'utf-8');
    },
    [['Content-Type', 'text/plain; charset="utf-8"']],
  ],
  [
    'another absent field',
    [],
    (m) => {
      m.setParam('a', 'b', 'X');
    },
    [['X', 'a="b"']],
  ],
  [
    'no value',
    [['X', 'y']],
    (m) => {
      m.setParam('a', '', 'X');
    },
    [['X', 'y; a']],
  ],
  [
    'in place, the duplicates gone',
    [
      ['X', 'y'],
      ['B', ''],
      ['x', 'z'],
    ],
    (m) => {
      m.setParam('a', 'b', 'X');
    },
    [
      ['X', 'y; a="b"'],
      ['B', ''],
    ],
  ],
  [
    'the same again',
    [
      ['x', 'y; a="b"'],
      ['X', 'z'],
    ],
    (m) => {
      m.setParam('a', 'b', 'X');
    },
    [
      ['x', 'y; a="b"'],
      ['X', 'z'],
    ],
  ],
  [
    'a value that was received encoded',
    [['X', "y; a*=utf-8''c"]],
    (m) => {
      m.setParam('A', 'd', 'X');
    },
    [['X', 'y; A="d"']],
  ],
  [
    'an empty value that was received encoded',
    [['X', "y; a*=utf-8''"]],
    (m) => {
      m.setParam('A', 'd', 'X');
    },
    [['X', 'y; A="d"']],
  ],
  [
    'the last character of ASCII, and the first after it',
    [['X', 'y']],
    (m) => {
      m.setParam('a', '\x7f', 'X');
      m.setParam('b', '\x80', 'X');
    },
    [['X', `y; a="\x7f"; b*=utf-8''%C2%80`]],
  ],
  [
    'delete from an absent field',
    [],
    (m) => {
      m.deleteParam('a', 'X');
    },
    [],
  ],
  [
    'delete from an absent Content-Type',
    [],
    (m) => {
      m.deleteParam('a');
    },
    [],
  ],
  [
    'delete an absent one',
    [['X', 'y; a="b"']],
    (m) => {
      m.deleteParam('b', 'X');
    },
    [['X', 'y; a="b"']],
  ],
  [
    'delete all of that name',
    [['X', 'y; a=1; b=2; A=3']],
    (m) => {
      m.deleteParam('a', 'X');
    },
    [['X', 'y; b="2"']],
  ],
  [
    'delete the text before the parameters',
    [['X', 'y']],
    (m) => {
      m.deleteParam('y', 'X');
    },
    [['X', '']],
  ],
])('set and delete: %s', (_, fields, change, result) => {
  const message = new HTTPMessage(fields);
  change(message);
  expect(message.toJSON()).toEqual(result);
});

// As in Python 3.13: only a value that was received as a quoted string is unquoted.
test.each([
  ["attachment; filename*=utf-8''%22a%22", '"a"'],
  ["attachment; filename*=utf-8''%3Ca%3E", '<a>'],
  ["attachment; filename*=utf-8''a%5C%5Cb", 'a\\\\b'],
  ["attachment; filename*=utf-8''a%5C%22b", 'a\\"b'],
  ["attachment; filename*0*=utf-8''%22a; filename*1*=%22", '"a"'],
])('a file name in the extended form is not unquoted: %s', (value, name) => {
  expect(new HTTPMessage({ 'Content-Disposition': value }).getFilename()).toBe(name);
});

// As in Python 3.13.
test.each([
  ['\x7f', '\x7f'],
  ['a\x80', undefined],
])('a charset is all ASCII: %j', (value, charset) => {
  expect(new HTTPMessage({ 'Content-Type': `x/y; charset=${value}` }).getContentCharset()).toBe(charset);
});

test('absent fields have no parameters', () => {
  const message = new HTTPMessage();
  expect(message.getContentType()).toBe('text/plain');
  expect(message.getContentMainType()).toBe('text');
  expect(message.getContentSubtype()).toBe('plain');
  expect(message.getContentCharset()).toBeUndefined();
  expect(message.getContentDisposition()).toBeUndefined();
  expect(message.getParam('charset')).toBeUndefined();
  expect(message.getParams()).toBeUndefined();
  expect(message.getFilename()).toBeUndefined();
  expect(message.getBoundary()).toBeUndefined();
});

test('a value stays as it is if there is no TextDecoder', () => {
  const platform = globalThis.TextDecoder;
  try {
    Reflect.deleteProperty(globalThis, 'TextDecoder');
    const message = new HTTPMessage({ X: "y; a*=utf-8''%C3%A9" });
    expect(message.getParam('a', 'X')).toBe('\xc3\xa9');
  } finally {
    globalThis.TextDecoder = platform;
  }
});

// Quadratic work on values of this size would exceed the time limit of a test.
test.each([';', '"', '\\"', '"; ', ' ', '\t=', "a*0=';", 'a*=b;', '=', '%41', "'", '<'])(
  'a value of nothing but %j takes linear time',
  (piece) => {
    const pieces = piece.repeat(600_000 / piece.length);
    const value = `x; a*=${pieces}x; filename=y; filename*=${pieces}`;
    const message = new HTTPMessage({ 'Content-Type': value, 'Content-Disposition': value });
    message.getContentType();
    message.getContentCharset();
    message.getFilename();
    message.deleteParam('a');
    expect(message.getContentDisposition()).toBe('x');
  },
);
