import { ByteReader, encodeLatin1 } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { findHeaderEnd, parseHeaderBlock, parseHeaders, type ParseHeadersOptions } from './index.js';
import { type Outcome, outcomeOf } from './testdata/pieces.js';

const MANY = 'A: 1\r\n';
const LONG = 'x'.repeat(300);

/** Blocks and the result of strict parsing, by RFC 9110, section 5, and RFC 9112, sections 2.2 and 5. */
const STRICT: [what: string, block: string, verdict: [string, string][] | [error: string, line?: string]][] =
  [
    ['no fields', '\r\n', []],
    ['no fields, bare LF', '\n', []],
    ['one field', 'A: 1\r\n\r\n', [['A', '1']]],
    [
      'bare LF',
      'A: 1\nB: 2\n\n',
      [
        ['A', '1'],
        ['B', '2'],
      ],
    ],
    [
      'both line endings',
      'A: 1\nB: 2\r\n\n',
      [
        ['A', '1'],
        ['B', '2'],
      ],
    ],
    [
      'order, case and duplicates',
      'b: 1\r\nA: 2\r\nB: 3\r\n\r\n',
      [
        ['b', '1'],
        ['A', '2'],
        ['B', '3'],
      ],
    ],
    ['no space before the value', 'A:1\r\n\r\n', [['A', '1']]],
    ['whitespace around the value', 'A: \t 1 2\t3 \t \r\n\r\n', [['A', '1 2\t3']]],
    [
      'no value',
      'A:\r\nB: \t \r\n\r\n',
      [
        ['A', ''],
        ['B', ''],
      ],
    ],
    ['colons in the value', 'A: :b:\r\n\r\n', [['A', ':b:']]],
    ['every token character', "!#$%&'*+-.^_`|~09AZaz: x\r\n\r\n", [["!#$%&'*+-.^_`|~09AZaz", 'x']]],
    ['bytes beyond ASCII', 'A: \x80\xa0\xff\r\n\r\n', [['A', '\x80\xa0\xff']]],
    ['whitespace other than SP and HTAB', 'A: \xa0 x \x85\r\n\r\n', [['A', '\xa0 x \x85']]],
    ['a name of an object property', '__proto__: x\r\n\r\n', [['__proto__', 'x']]],
    [
      'a fold',
      'A: x\r\n y\r\nB: 2\r\n\r\n',
      [
        ['A', 'x y'],
        ['B', '2'],
      ],
    ],
    ['a fold with whitespace around it', 'A: x \t\r\n \t y \r\n\r\n', [['A', 'x y']]],
    ['folds', 'A: x\r\n y\n\tz\r\n\r\n', [['A', 'x y z']]],
    ['a fold before the value', 'A:\r\n x\r\n\r\n', [['A', 'x']]],
    [
      'a fold of whitespace after the value',
      'A: x\r\n \t\r\nB: 2\r\n\r\n',
      [
        ['A', 'x'],
        ['B', '2'],
      ],
    ],
    ['a fold of whitespace within the value', 'A: x\r\n \r\n y\r\n\r\n', [['A', 'x  y']]],
    ['a fold that looks like a field', 'A: x\r\n B: 2\r\n\r\n', [['A', 'x B: 2']]],
    [
      'folds of two fields',
      'A: x\r\n y\r\nB: x\r\n y\r\nC: 3\r\n\r\n',
      [
        ['A', 'x y'],
        ['B', 'x y'],
        ['C', '3'],
      ],
    ],

    ['a fold at the start', ' A: 1\r\n\r\n', ['InvalidHeader', ' A: 1']],
    ['an empty fold at the start', '\t\r\nA: 1\r\n\r\n', ['InvalidHeader', '\t']],
    ['a space before the colon', 'A: 1\r\nB : 2\r\n\r\n', ['InvalidHeader', 'B : 2']],
    ['a tab before the colon', 'A\t: 1\r\n\r\n', ['InvalidHeader', 'A\t: 1']],
    ['no colon', 'A: 1\r\nB\r\n\r\n', ['InvalidHeader', 'B']],
    ['an empty name', ': 1\r\n\r\n', ['InvalidHeader', ': 1']],
    ['nothing but a colon', 'A: 1\n:\n\n', ['InvalidHeader', ':']],
    ['a space in the name', 'A b: 1\r\n\r\n', ['InvalidHeader', 'A b: 1']],
    ['a name that is not a token', 'A(b): 1\r\n\r\n', ['InvalidHeader', 'A(b): 1']],
    ['a name beyond ASCII', 'caf\xe9: 1\r\n\r\n', ['InvalidHeader', 'caf\xe9: 1']],
    ['NUL in the name', 'A\0: 1\r\n\r\n', ['InvalidHeader', 'A\0: 1']],
    ['NUL in the value', 'A: x\0y\r\n\r\n', ['InvalidHeader', 'A: x\0y']],
    ['DEL in the value', 'A: \x7f\r\n\r\n', ['InvalidHeader', 'A: \x7f']],
    ['a vertical tab, which is not a line ending', 'A: x\vB: y\r\n\r\n', ['InvalidHeader', 'A: x\vB: y']],
    ['a control character in a fold', 'A: x\r\n \x1b\r\n\r\n', ['InvalidHeader', ' \x1b']],
    ['a bare CR in the value', 'A: x\rB: y\r\n\r\n', ['InvalidHeader', 'A: x\rB: y']],
    ['a bare CR before the line ending', 'A: x\r\r\n\r\n', ['InvalidHeader', 'A: x\r']],
    ['a bare CR in the name', 'A\rB: 1\r\n\r\n', ['InvalidHeader', 'A\rB: 1']],
    ['a bare CR at the start', '\rA: 1\r\n\r\n', ['InvalidHeader', '\rA: 1']],
    ['a bare CR before a blank line', 'A: 1\r\n\r\r\n\r\n', ['InvalidHeader', '\r']],
    ['the first fault of two', 'A\0: 1\r\nB : 2\r\n\r\n', ['InvalidHeader', 'A\0: 1']],
    ['a long line, truncated', `A${LONG}\r\n\r\n`, ['InvalidHeader', `A${LONG}`.slice(0, 200)]],

    ['100 lines', MANY.repeat(100) + '\r\n', Array.from({ length: 100 }, () => ['A', '1'])],
    ['101 lines', MANY.repeat(101) + '\r\n', ['TooManyHeaders']],
    ['101 lines, before the last is validated', MANY.repeat(100) + 'B : 2\r\n\r\n', ['TooManyHeaders']],
    ['101 lines, the last a fold', MANY.repeat(100) + ' \r\n\r\n', ['TooManyHeaders']],
    ['101 lines of folds', MANY + ' \r\n'.repeat(100) + '\r\n', ['TooManyHeaders']],
    ['a fault before the 101st line', 'B : 2\r\n' + MANY.repeat(100) + '\r\n', ['InvalidHeader', 'B : 2']],
    ['the longest line', `A: ${'x'.repeat(65_531)}\r\n\r\n`, [['A', 'x'.repeat(65_531)]]],
    ['the longest line, bare LF', `A: ${'x'.repeat(65_532)}\n\n`, [['A', 'x'.repeat(65_532)]]],
    ['a longer one', `A: ${'x'.repeat(65_532)}\r\n\r\n`, ['LineTooLong']],
    ['a longer one, bare LF', `A: ${'x'.repeat(65_533)}\n\n`, ['LineTooLong']],
    ['a longer one, before it is validated', `A : \0${'x'.repeat(65_532)}\r\n\r\n`, ['LineTooLong']],
    ['a longer fold', `A: 1\r\n ${'x'.repeat(65_534)}\r\n\r\n`, ['LineTooLong']],
  ];

const outcome = (text: string, options?: ParseHeadersOptions & { start?: number }): Outcome =>
  outcomeOf(() => {
    const parsed = parseHeaderBlock(encodeLatin1(text), options);
    return { end: parsed?.end, fields: parsed?.headers.toJSON() };
  });

describe('strict', () => {
  test.each(STRICT)('%s', async (_, block, verdict) => {
    const [first, line] = verdict;
    if (typeof first !== 'string') {
      expect(outcome(block)).toEqual({ end: block.length, fields: verdict });
      expect(outcome(`HTTP/1.1 200 OK\r\n${block}body\r\n\r\n`, { start: 17 })).toEqual({
        end: 17 + block.length,
        fields: verdict,
      });
    } else {
      expect(outcome(block)).toMatchObject({ error: first, ...(line === undefined ? {} : { line }) });
    }

    // The same from a reader, whatever the blocks in which it receives the bytes; and the body is not touched.
    for (const size of [1, 2, 7, 64, 100_000]) {
      if (block.length / size > 2000) continue;
      const bytes = encodeLatin1(`${block}body`);
      const blocks = Array.from({ length: Math.ceil(bytes.length / size) }, (_piece, at) =>
        bytes.slice(at * size, (at + 1) * size),
      );
      const fp = new ByteReader(blocks);
      const parsing = parseHeaders(fp);
      if (typeof first === 'string') {
        await expect(parsing).rejects.toMatchObject({ name: first });
      } else {
        expect((await parsing).toJSON()).toEqual(verdict);
        expect(await fp.read()).toEqual(encodeLatin1('body'));
      }
    }
  });

  test('errors say what, why and which, and carry their fields', () => {
    expect(outcome('A : 1\r\n')).toEqual({
      error: 'InvalidHeader',
      code: 'HTTP_INVALID_HEADER',
      line: 'A : 1',
      message: 'Cannot accept a field line: whitespace before the colon (RFC 9112, section 5.1): "A : 1"',
    });
    expect(outcome('A: \x1b[2J\r\n')).toMatchObject({
      message: 'Cannot accept a field line: a control character (RFC 9110, section 5.5): "A: \\x1b[2J"',
    });
    expect(outcome(MANY.repeat(3), { maxHeaders: 2 })).toEqual({
      error: 'TooManyHeaders',
      code: 'HTTP_TOO_MANY_HEADERS',
      limit: 2,
      message:
        'Cannot accept more than 2 field lines (maxHeaders or maxTrailers; maxResponseHeaders of a connection)',
    });
    expect(outcome('A: 12', { maxLineLength: 5 })).toEqual({
      error: 'LineTooLong',
      code: 'HTTP_LINE_TOO_LONG',
      what: 'header line',
      limit: 5,
      message: 'Cannot accept a header line of more than 5 bytes: "A: 12"',
    });
  });
});

describe('limits', () => {
  test.each<[ParseHeadersOptions, string, unknown]>([
    [{ maxHeaders: 0 }, '\r\n', []],
    [{ maxHeaders: 0 }, 'A', 'TooManyHeaders'],
    [{ maxHeaders: 0 }, '\r', undefined],
    [{ maxHeaders: 0 }, '\rA', 'TooManyHeaders'],
    [{ maxHeaders: 1 }, 'A: 1\r\n\r\n', [['A', '1']]],
    [{ maxHeaders: 1 }, 'A: 1\r\n ', 'TooManyHeaders'],
    [{ maxHeaders: 200 }, MANY.repeat(200) + '\r\n', Array.from({ length: 200 }, () => ['A', '1'])],
    [{ maxLineLength: 2 }, '\r\n', []],
    [{ maxLineLength: 2 }, 'A', undefined],
    [{ maxLineLength: 2 }, 'A:', 'LineTooLong'],
    [{ maxLineLength: 2 }, '\r\r', 'LineTooLong'],
    [{ maxLineLength: 6 }, 'A: 1\r\n\r\n', [['A', '1']]],
    [{ maxLineLength: 5 }, 'A: 1\r\n\r\n', 'LineTooLong'],
    [{ maxLineLength: 5 }, 'A: 1\n\n', [['A', '1']]],
    [{ maxLineLength: 5 }, 'A: 1', undefined],
    [{ maxLineLength: 4 }, 'A: 1', 'LineTooLong'],
    [{ maxHeaders: undefined, maxLineLength: undefined, strict: undefined }, 'A: 1\r\n\r\n', [['A', '1']]],
  ])('%j %j', (options, block, verdict) => {
    for (const strict of [undefined, false]) {
      const result = outcome(block, { ...options, ...(strict === undefined ? {} : { strict }) });
      expect(result['error'] ?? result['fields']).toEqual(verdict);
    }
  });

  test.each<[Record<string, unknown>, new (...args: never) => Error, string]>([
    [
      { maxHeaders: -1 },
      RangeError,
      'Cannot use "-1" as maxHeaders: expected a whole number from 0 to 9007199254740991',
    ],
    [{ maxHeaders: 1.5 }, RangeError, 'Cannot use "1.5" as maxHeaders'],
    [{ maxHeaders: NaN }, RangeError, 'Cannot use "NaN" as maxHeaders'],
    [{ maxHeaders: Infinity }, RangeError, 'Cannot use "Infinity" as maxHeaders'],
    [{ maxHeaders: '5' }, TypeError, 'Cannot use "5" as maxHeaders: it is not a number'],
    [{ maxHeaders: null }, TypeError, 'Cannot use "null" as maxHeaders: it is not a number'],
    [
      { maxLineLength: 1 },
      RangeError,
      'Cannot use "1" as maxLineLength: expected a whole number from 2 to 9007199254740991',
    ],
    [{ maxLineLength: 5n }, TypeError, 'Cannot use "5" as maxLineLength: it is not a number'],
    [{ start: -1 }, RangeError, 'Cannot use "-1" as start: expected a whole number from 0 to 2'],
    [{ start: 3 }, RangeError, 'Cannot use "3" as start'],
    [{ start: '0' }, TypeError, 'Cannot use "0" as start'],
    [{ start: null }, TypeError, 'Cannot use "null" as start'],
  ])('refused: %o', async (options, type, message) => {
    expect(() => parseHeaderBlock(encodeLatin1('\r\n'), options)).toThrow(type);
    expect(() => parseHeaderBlock(encodeLatin1('\r\n'), options)).toThrow(message);
    if ('start' in options) return;
    await expect(parseHeaders(new ByteReader(encodeLatin1('\r\n')), options)).rejects.toThrow(type);
  });
});

test('only false turns strict off', () => {
  for (const strict of [undefined, true]) {
    expect(outcome('A : 1\r\n\r\n', { strict })).toMatchObject({ error: 'InvalidHeader' });
  }
});

describe('the end of the stream before the blank line', () => {
  test.each(['', '\r', 'A', 'A: 1', 'A: 1\r', 'A: 1\r\n', 'A: 1\r\n\r', 'A : 1', 'A: \0'])(
    '%j',
    async (text) => {
      const error: unknown = await parseHeaders(new ByteReader(encodeLatin1(text))).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({
        name: 'IncompleteRead',
        message: 'Cannot read the field lines: the stream ended before their blank line',
        partial: encodeLatin1(text),
      });
      expect(error).not.toHaveProperty('expected');
    },
  );

  test.each<[string, [string, string][]]>([
    ['', []],
    ['\r', []],
    ['A', []],
    ['A: 1', [['A', '1']]],
    [
      'A: 1\r\nB: 2\r',
      [
        ['A', '1'],
        ['B', '2'],
      ],
    ],
    ['A: 1\r\n ', [['A', '1 ']]],
  ])('strict off: %j', async (text, fields) => {
    const fp = new ByteReader(encodeLatin1(text));
    expect((await parseHeaders(fp, { strict: false })).toJSON()).toEqual(fields);
    expect(await fp.read()).toEqual(new Uint8Array());
  });

  test('an error of the source is passed on', async () => {
    const failing = (async function* () {
      yield encodeLatin1('A: 1\r\n');
      await Promise.resolve();
      throw new Error('reset');
    })();
    await expect(parseHeaders(new ByteReader(failing))).rejects.toThrow('reset');
  });
});

test('the source is read once per block, and not beyond the blank line', async () => {
  const blocks = ['A: 1\r\nB: ', '2\r\nC: 3\r\n\r', '\nbody', 'more'].map((text) => encodeLatin1(text));
  let reads = 0;
  const fp = new ByteReader({ read: () => Promise.resolve(blocks[reads++] ?? null) });
  expect((await parseHeaders(fp)).size).toBe(3);
  expect(reads).toBe(3);
  expect(fp.buffered).toEqual(encodeLatin1('body'));
});

test('parseHeaderBlock: undefined until the blank line has arrived; the result does not refer to the bytes', () => {
  const text = 'A: 1\r\nB: x\r\n y\r\n\r\n';
  for (let cut = 0; cut < text.length; cut++)
    expect(parseHeaderBlock(encodeLatin1(text.slice(0, cut)))).toBeUndefined();
  const bytes = encodeLatin1(text);
  const { headers } = parseHeaderBlock(bytes)!;
  bytes.fill(0);
  expect(headers.toJSON()).toEqual([
    ['A', '1'],
    ['B', 'x y'],
  ]);
});

describe('findHeaderEnd', () => {
  const rows: [text: string, end: number | undefined][] = [
    ['', undefined],
    ['\r', undefined],
    ['A', undefined],
    ['\r\n', 2],
    ['\n', 1],
    ['\n\n', 1],
    ['\r\n\r\n', 2],
    ['A: 1\r\n', undefined],
    ['A: 1\r\n\r', undefined],
    ['A: 1\r\n\r\n', 8],
    ['A: 1\n\n', 6],
    ['A: 1\n\r\n', 7],
    ['A: 1\r\n\n', 7],
    ['A: 1\r\n\r\nbody\r\n\r\n', 8],
    ['A: 1\r\n\r\r\n\r\n', 11],
    ['A\r\n \r\n\r\n', 8],
    ['\r\r\n', undefined],
    ['\r\r\n\n', 4],
    ['A\rB\r\r\n\n', 7],
    ['\0\n\n', 3],
  ];
  test.each(rows)('%j', (text, end) => {
    const bytes = encodeLatin1(text);
    expect(findHeaderEnd(bytes)).toBe(end);
    expect(findHeaderEnd(bytes, 0)).toBe(end);
    // Resumed at every byte: from the length at which nothing was found, or from any smaller index.
    for (let cut = 0; cut <= text.length; cut++) {
      const found = findHeaderEnd(bytes.subarray(0, cut));
      expect(found).toBe(end === undefined || end > cut ? undefined : end);
      if (found === undefined)
        for (let from = 0; from <= cut; from++) expect(findHeaderEnd(bytes, from)).toBe(end);
    }
  });

  test('both parsers end a valid block there', () => {
    for (const [, block, verdict] of STRICT) {
      if (typeof verdict[0] === 'string') continue;
      expect(findHeaderEnd(encodeLatin1(`${block}body\n\n`))).toBe(block.length);
      expect(parseHeaderBlock(encodeLatin1(block), { strict: false })?.end).toBe(block.length);
    }
  });

  test('a block after other lines', () => {
    expect(findHeaderEnd(encodeLatin1('HTTP/1.1 200 OK\r\n\r\n'), 17)).toBe(19);
    expect(findHeaderEnd(encodeLatin1('HTTP/1.1 200 OK\r\nA: 1\r\n\r\n'), 17)).toBe(25);
  });
});
