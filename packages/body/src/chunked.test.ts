import { IncompleteRead, InvalidChunk } from '@http-client/errors';
import type { Tolerance } from '@http-client/headers';
import { decodeLatin1, encodeLatin1 } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { ChunkedDecoder, type ChunkedDecoderOptions } from './chunked.js';
import { drive, everyWay, type Outcome } from './testdata/drive.js';

const END = '0\r\n\r\n';
const TOLERANCES: Tolerance[] = [
  'bare-lf-in-chunks',
  'invalid-chunk-size',
  'missing-chunk-crlf',
  'truncated-body',
];

/** The outcome, after it has been seen to be the same for every segmentation and every size of target. */
function decodeEveryWay(input: string, options: ChunkedDecoderOptions = {}): Outcome {
  const whole = drive(input, options);
  for (const pieces of everyWay(input.length)) expect(drive(input, options, pieces)).toEqual(whole);
  return whole;
}

describe('strict, by RFC 9112, section 7.1', () => {
  const accepted: [body: string, data: string, trailers?: [string, string][]][] = [
    [END, ''],
    ['5\r\nhello\r\n' + END, 'hello'],
    ['5\r\nhello\r\n1\r\n,\r\n6\r\n world\r\n' + END, 'hello, world'],
    ['A\r\n0123456789\r\n' + END, '0123456789'],
    ['a\r\n0123456789\r\n' + END, '0123456789'],
    ['1F\r\n' + 'x'.repeat(31) + '\r\n' + END, 'x'.repeat(31)],
    ['0000000000000000000000005\r\nhello\r\n000\r\n\r\n', 'hello'],
    // Data is not looked at.
    ['9\r\n\r\n0\r\n\r\n\n\0\r\n' + END, '\r\n0\r\n\r\n\n\0'],
    // Blanks behind the size, and extensions, which are skipped.
    ['5 \r\nhello\r\n0\t \r\n\r\n', 'hello'],
    ['5;a\r\nhello\r\n0;b=c\r\n\r\n', 'hello'],
    ['5 ; a = "b;\\"c"\t; \xe9\r\nhello\r\n' + END, 'hello'],
    ['5;\r\nhello\r\n0;;\r\n\r\n', 'hello'],
    ['0\r\nX: y\r\n\r\n', '', [['X', 'y']]],
    [
      '1\r\na\r\n0\r\nX: y\r\nx:  z \r\nExpires:\r\n\r\n',
      'a',
      [
        ['X', 'y'],
        ['x', 'z'],
        ['Expires', ''],
      ],
    ],
    // Never merged, never acted on: whoever wants a trailer asks for it by name.
    [
      '0\r\nContent-Length: 5\r\n__proto__: x\r\n\r\n',
      '',
      [
        ['Content-Length', '5'],
        ['__proto__', 'x'],
      ],
    ],
  ];
  test.each(accepted)('accepts %j', (body, data, trailers = []) => {
    expect(decodeEveryWay(body)).toEqual({ data, trailers, used: body.length, violations: [] });
    // What stands behind the end is left alone.
    expect(decodeEveryWay(body + 'HTTP/1.1 200 OK\r\n')).toMatchObject({ data, used: body.length });
  });

  test('accepts an obsolete fold among the trailers, and lists it', () => {
    expect(decodeEveryWay('1\r\na\r\n0\r\nX: y\r\n z\r\n\r\n')).toEqual({
      data: 'a',
      trailers: [['X', 'y z']],
      used: 21,
      violations: [{ rule: 'obsolete-fold', offset: 15 }],
    });
  });

  const refused: [body: string, name: string, line: string, message: string][] = [
    ['\r\nhello', 'InvalidChunk', '', 'must begin with a hexadecimal digit'],
    ['\nhello', 'InvalidChunk', '', 'must begin with a hexadecimal digit'],
    [';a\r\n', 'InvalidChunk', ';', 'must begin with a hexadecimal digit'],
    ['g\r\n', 'InvalidChunk', 'g', 'must begin with a hexadecimal digit'],
    [' 5\r\nhello', 'InvalidChunk', ' ', 'must begin with a hexadecimal digit'],
    ['+5\r\nhello', 'InvalidChunk', '+', 'must begin with a hexadecimal digit'],
    ['-5\r\nhello', 'InvalidChunk', '-', 'must begin with a hexadecimal digit'],
    ['-0\r\n\r\n', 'InvalidChunk', '-', 'must begin with a hexadecimal digit'],
    ['\0\r\n', 'InvalidChunk', '\0', 'must begin with a hexadecimal digit'],
    ['0x5\r\nhello', 'InvalidChunk', '0x', 'may follow the digits'],
    ['5_0\r\nhello', 'InvalidChunk', '5_', 'may follow the digits'],
    ['5,5\r\nhello', 'InvalidChunk', '5,', 'may follow the digits'],
    ['5\xa0\r\nhello', 'InvalidChunk', '5\xa0', 'may follow the digits'],
    ['5\x0b\r\nhello', 'InvalidChunk', '5\x0b', 'may follow the digits'],
    ['5 5\r\nhello', 'InvalidChunk', '5 5', 'may follow the blanks'],
    ['5 x\r\nhello', 'InvalidChunk', '5 x', 'may follow the blanks'],
    ['5\nhello', 'InvalidChunk', '5', 'a bare LF ends it'],
    ['5 \nhello', 'InvalidChunk', '5 ', 'a bare LF ends it'],
    ['5;a\nhello', 'InvalidChunk', '5;a', 'a bare LF ends it'],
    ['5\rhello', 'InvalidChunk', '5\rh', 'a CR stands in it without its LF'],
    ['5\r\r\nhello', 'InvalidChunk', '5\r', 'a CR stands in it without its LF'],
    ['5;a\rb\r\nhello', 'InvalidChunk', '5;a\rb', 'a CR stands in it without its LF'],
    ['5;a\0b\r\nhello', 'InvalidChunk', '5;a\0', 'a control character stands in its extension'],
    ['5;"\x7f"\r\nhello', 'InvalidChunk', '5;"\x7f', 'a control character stands in its extension'],
    ['20000000000000\r\n', 'InvalidChunk', '20000000000000', 'above 2^53-1'],
    ['1' + '0'.repeat(300) + '\r\n', 'InvalidChunk', '1' + '0'.repeat(14), 'above 2^53-1'],
    ['5\r\nhelloX\r\n', 'InvalidChunk', 'X', '"X" stands where CRLF must follow'],
    ['5\r\nhello0\r\n\r\n', 'InvalidChunk', '0', '"0" stands where CRLF must follow'],
    ['5\r\nhello\n0\n\n', 'InvalidChunk', '', '"\\n" stands where CRLF must follow'],
    ['5\r\nhello\rX', 'InvalidChunk', 'X', '"\\rX" stands where CRLF must follow'],
    ['5\r\nhello\r\r\n', 'InvalidChunk', '', '"\\r\\r" stands where CRLF must follow'],
    ['0\r\n\n', 'InvalidChunk', '', 'a bare LF'],
    ['0\r\nX: y\n\r\n', 'InvalidChunk', 'X: y', 'a bare LF'],
    ['0\r\nX: y\r\n\n', 'InvalidChunk', '', 'a bare LF'],
    ['0\r\nno colon\r\n\r\n', 'InvalidHeader', 'no colon', 'no colon'],
    ['0\r\nX : y\r\n\r\n', 'InvalidHeader', 'X : y', 'before the colon'],
    ['0\r\nX: a\0\r\n\r\n', 'InvalidHeader', 'X: a\0', 'control'],
  ];
  test.each(refused)('refuses %j', (body, name, line, message) => {
    const data = body.startsWith('5\r\nhello') ? 'hello' : '';
    const outcome = decodeEveryWay(body + END);
    expect(outcome).toMatchObject({ data, fault: { name, line } });
    expect(outcome.fault!.message).toContain(message);
  });

  test.each([
    ['1fffffffffffff', true],
    ['20000000000000', false],
    ['3fffffffffffff', false],
    ['ffffffffffffffff', false],
    ['10000000000000000', false],
    ['100000000000000000000000000000005', false],
  ])('counts up to 2^53-1 and never wraps: %s', (size, fits) => {
    const decoder = new ChunkedDecoder();
    const line = encodeLatin1(`${size}\r\n`);
    if (fits) {
      decoder.decode(line);
      expect(decoder.chunkLeft).toBe(Number.MAX_SAFE_INTEGER);
    } else {
      expect(() => decoder.decode(line)).toThrow(InvalidChunk);
    }
  });
});

describe('limits', () => {
  const limits = { maxLineLength: 20, maxTrailers: 3 };
  const field = (length: number): string => 'X:'.padEnd(length - 2, 'y') + '\r\n';
  test.each([
    // The line end counts.
    ['5'.padStart(18, '0') + '\r\nhello\r\n' + END, undefined],
    ['5'.padStart(19, '0') + '\r\nhello\r\n' + END, 'chunk size line'],
    ['5;'.padEnd(18, 'x') + '\r\nhello\r\n' + END, undefined],
    ['5;'.padEnd(19, 'x') + '\r\nhello\r\n' + END, 'chunk size line'],
    ['5;'.padEnd(4000, 'x'), 'chunk size line'],
    ['0\r\n' + field(20) + '\r\n', undefined],
    ['0\r\n' + field(21) + '\r\n', 'header line'],
    ['0\r\n' + field(5).repeat(3) + '\r\n', undefined],
    ['0\r\n' + field(5).repeat(4) + '\r\n', 'TooManyHeaders'],
  ])('%j', (body, what) => {
    const { fault } = decodeEveryWay(body, limits);
    expect(fault?.name).toBe(what === undefined || what === 'TooManyHeaders' ? what : 'LineTooLong');
  });

  test('a line that is too long is refused before its end has come', () => {
    const decoder = new ChunkedDecoder();
    decoder.decode(encodeLatin1('1;' + 'x'.repeat(65_534)));
    expect(() => decoder.decode(encodeLatin1('x'))).toThrow(
      expect.objectContaining({ name: 'LineTooLong', what: 'chunk size line', limit: 65_536 }),
    );
  });

  test('violations are listed a thousand times, then no more', () => {
    const { violations, used, data } = drive('1\na\n'.repeat(2000) + '0\n\n', {
      tolerate: ['bare-lf-in-chunks'],
    });
    expect(violations).toHaveLength(1000);
    expect(data).toHaveLength(2000);
    expect(used).toBe(8003);
  });
});

describe('tolerate', () => {
  type Row = [body: string, data: string, offsets: number[], trailers?: [string, string][]];
  const rows: [rule: Tolerance, accepted: Row[], refused: string[]][] = [
    [
      'bare-lf-in-chunks',
      [
        ['5\nhello\r\n' + END, 'hello', [1]],
        ['5 \nhello\r\n' + END, 'hello', [2]],
        ['5;a\nhello\r\n' + END, 'hello', [3]],
        ['5\r\nhello\n' + END, 'hello', [8]],
        ['5\r\nhello\r\n0\n\r\n', 'hello', [11]],
        ['5\r\nhello\r\n0\r\n\n', 'hello', [13]],
        ['0\r\nX: y\n\r\n', '', [7], [['X', 'y']]],
        ['5\nhello\n0\nX: y\n\n', 'hello', [1, 7, 9, 14, 15], [['X', 'y']]],
      ],
      [
        '\nhello',
        '5\rhello',
        '5\r\nhello\rX',
        '5\r\nhello0\r\n',
        '+5\nhello',
        '5;\0\nhello',
        '0\r\nX : y\n\n',
      ],
    ],
    [
      'invalid-chunk-size',
      [
        ['+5\r\nhello\r\n' + END, 'hello', [0]],
        ['0x5\r\nhello\r\n' + END, 'hello', [0]],
        ['0X_5\r\nhello\r\n' + END, 'hello', [0]],
        [' 5\r\nhello\r\n' + END, 'hello', [0]],
        ['\t5\x0b\x0c \r\nhello\r\n' + END, 'hello', [0]],
        ['0_5\r\nhello\r\n' + END, 'hello', [0]],
        ['1\r\na\r\n +0x_0_5 ;a="b"\r\nhello\r\n' + END, 'ahello', [6]],
        ['5\r\nhello\r\n-0\r\nX: y\r\n\r\n', 'hello', [10], [['X', 'y']]],
        ['5\r\nhello\r\n0_0\r\n\r\n', 'hello', [10]],
      ],
      [
        '\r\nhello',
        '\nhello',
        '-5\r\nhello',
        '-1\r\nhello',
        'g\r\nhello',
        '5 5\r\nhello',
        '5__0\r\n',
        '0x\r\nhello',
        '\xa05\r\nhello',
        '5\0\r\nhello',
        '+20000000000000\r\n',
        '20000000000000\r\n',
        '+5\nhello',
        '5\nhello',
        '5\rhello',
        '+5\r\r\nhello',
        '\r5\r\nhello',
        '+5;a\rb\r\nhello',
        '+5;\0\r\nhello',
        '5;\0\r\nhello',
        '5\r\nhelloX\r\n' + END,
      ],
    ],
    [
      'missing-chunk-crlf',
      [
        // The next size line follows at once ...
        ['5\r\nhello0\r\n\r\n', 'hello', [8]],
        ['5\r\nhelloA\r\n0123456789\r\n' + END, 'hello0123456789', [8]],
        // ... or two other bytes stand there.
        ['5\r\nhelloXY' + END, 'hello', [8]],
        ['5\r\nhello\rX' + END, 'hello', [8]],
        ['5\r\nhello\r\r' + END, 'hello', [8]],
        ['5\r\nhello  ' + END, 'hello', [8]],
        ['1\r\na\r\n5\r\nhelloX01\r\nbXY' + END, 'ahellob', [14, 20]],
      ],
      ['5\r\nhello\n' + END, '5\nhello', '+5\r\nhello', '5\r\nhelloX' + END, '0\r\n\n'],
    ],
    [
      'truncated-body',
      [
        ['', '', [0]],
        ['5', '', [1]],
        ['5\r\nhel', 'hel', [6]],
        ['5\r\nhello', 'hello', [8]],
        ['5\r\nhello\r', 'hello', [9]],
        ['5\r\nhello\r\n', 'hello', [10]],
        ['5\r\nhello\r\n0\r\nX: y\r\n', 'hello', [19]],
      ],
      ['g', '5\n', '5\r\nhelloX', '0\r\n\n'],
    ],
  ];
  for (const [rule, accepted, refused] of rows) {
    test.each(accepted)(`${rule} accepts %j`, (body, data, offsets, trailers = []) => {
      const outcome = decodeEveryWay(body, { tolerate: [rule] });
      const violations = offsets.map((offset) => ({ rule, offset }));
      expect(outcome).toEqual({ data, trailers, used: body.length, violations });
      // Nothing of it goes without the rule, and the other rules do not let it pass either.
      for (const others of [[], TOLERANCES.filter((other) => other !== rule)]) {
        expect(drive(body, { tolerate: others }).fault).toBeDefined();
      }
    });
    test.each(refused)(`${rule} does not accept %j`, (body) => {
      expect(decodeEveryWay(body, { tolerate: [rule] }).fault?.name).toMatch(/Invalid/);
    });
  }

  test('several rules together', () => {
    const body = '+5\nhello\n 0x1 ;x\nbXY0\n\n';
    expect(decodeEveryWay(body, { tolerate: TOLERANCES })).toEqual({
      data: 'hellob',
      trailers: [],
      used: body.length,
      violations: [
        { rule: 'bare-lf-in-chunks', offset: 2 },
        { rule: 'invalid-chunk-size', offset: 0 },
        { rule: 'bare-lf-in-chunks', offset: 8 },
        { rule: 'bare-lf-in-chunks', offset: 16 },
        { rule: 'invalid-chunk-size', offset: 9 },
        { rule: 'missing-chunk-crlf', offset: 18 },
        { rule: 'bare-lf-in-chunks', offset: 21 },
        { rule: 'bare-lf-in-chunks', offset: 22 },
      ],
    });
  });

  test('says what was tolerated', () => {
    const decoder = new ChunkedDecoder({ tolerate: TOLERANCES });
    decoder.decode(encodeLatin1('+1\r\naXY'));
    decoder.finish();
    expect(decoder.violations.map(({ detail }) => detail)).toEqual([
      '"+1" is read as 1',
      '"X" stands where CRLF must follow the data of a chunk',
      'the stream ended before the blank line behind the last one',
    ]);
  });

  test('is of no use with strict: false, which lists nothing', () => {
    const options = { strict: false, tolerate: TOLERANCES };
    expect(drive('+5\nhelloXY0\n\n', options)).toEqual({
      data: 'hello',
      trailers: [],
      used: 13,
      violations: [],
    });
  });
});

describe('the end of the stream', () => {
  const body = '5;a\r\nhello\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n';
  // The framing says what is missing of the current chunk alone.
  const expected = (cut: number): number | undefined =>
    cut >= 5 && cut < 10 ? 10 - cut : cut >= 15 && cut < 25 ? 25 - cut : undefined;

  for (let cut = 0; cut < body.length; cut++) {
    test(`strict, after ${cut} bytes`, () => {
      const { data, fault } = drive(body.slice(0, cut));
      expect(data).toBe(
        'hello'.slice(0, Math.max(0, cut - 5)) + '0123456789'.slice(0, Math.max(0, cut - 15)),
      );
      expect(fault).toMatchObject({ name: 'IncompleteRead', expected: expected(cut) });
      expect(fault!.message).toMatch(/^Cannot read the whole body: the stream ended /);
    });
  }

  test('is nothing to speak of once the body has ended', () => {
    const decoder = new ChunkedDecoder();
    decoder.decode(encodeLatin1(body));
    decoder.finish();
    expect(decoder.done).toBe(true);
  });

  test.each([
    ['5\r\nhello\r\n0', []],
    ['5\r\nhello\r\n0\r', []],
    ['5\r\nhello\r\n0\r\n', []],
    ['5\r\nhello\r\n-0;x', []],
    ['5\r\nhello\r\n0\r\nX: y', [['X', 'y']]],
    ['5\r\nhello\r\n0\r\nX: y\r\n', [['X', 'y']]],
  ])('strict: false is content with %j', (input, trailers) => {
    expect(decodeEveryWay(input, { strict: false })).toMatchObject({
      data: 'hello',
      trailers,
      used: input.length,
    });
  });

  test.each([
    ['', undefined],
    ['5', 5],
    ['5\r\nhel', 2],
    ['5\r\nhello', undefined],
    ['5\r\nhello\r', undefined],
    ['5\r\nhello\r\n', undefined],
    ['5\r\nhello\r\ng', undefined],
  ])('strict: false is not with %j', (input, missing) => {
    const { fault } = decodeEveryWay(input, { strict: false });
    expect(fault).toMatchObject({ name: 'IncompleteRead', expected: missing });
  });

  test('carries no bytes of its own: they have been handed out', () => {
    const decoder = new ChunkedDecoder();
    decoder.decode(encodeLatin1('5\r\nhel'));
    expect(() => {
      decoder.finish();
    }).toThrow(expect.objectContaining({ partial: new Uint8Array(0), expected: 2 }));
  });
});

describe('a fault behind good data', () => {
  const input = encodeLatin1('5\r\nhello\r\ng\r\n');

  test('is left to the next call, and then given by every call', () => {
    const decoder = new ChunkedDecoder();
    expect(decodeLatin1(decoder.decode(input))).toBe('hello');
    expect(decoder.consumed).toBe(10);
    expect(decoder.done).toBe(false);
    expect(() => decoder.decode(input.subarray(10))).toThrow(InvalidChunk);
    expect(decoder.consumed).toBe(0);
    expect(() => decoder.decode(new Uint8Array(0))).toThrow(InvalidChunk);
    expect(() => {
      decoder.finish();
    }).toThrow(InvalidChunk);
  });

  test('is given at once where no data came before it', () => {
    const decoder = new ChunkedDecoder();
    decoder.decode(input.subarray(0, 8));
    expect(() => decoder.decode(input.subarray(8))).toThrow(InvalidChunk);
  });

  test('is forgotten by reset, with all the rest', () => {
    const decoder = new ChunkedDecoder({ tolerate: ['bare-lf-in-chunks'] });
    for (const broken of [
      '5\nhel',
      '5\nhello\ng',
      '00',
      '0\r\nX: y\r\nZ',
      '0\r\nX: y\r\nbad\r\n',
      '0\r\nX: y\r\n\r\n',
    ]) {
      decoder.reset();
      try {
        decoder.decode(encodeLatin1(broken));
        decoder.decode(encodeLatin1('g'));
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
      decoder.reset();
      expect(decoder).toMatchObject({
        done: false,
        consumed: 0,
        chunkLeft: 0,
        trailers: undefined,
        violations: [],
      });
      expect(decodeLatin1(decoder.decode(encodeLatin1('3\r\nabc\r\n0\nA: b\r\n\r\n')))).toBe('abc');
      expect(decoder.done).toBe(true);
      expect(decoder.trailers!.toJSON()).toEqual([['A', 'b']]);
      expect(decoder.violations).toMatchObject([{ offset: 9 }]);
    }
  });
});

describe('decodeInto', () => {
  test('goes on through framing where the target is full', () => {
    const decoder = new ChunkedDecoder();
    const target = new Uint8Array(5);
    const input = encodeLatin1('5\r\nhello\r\n0\r\nX: y\r\n\r\nrest');
    expect(decoder.decodeInto(input, 0, input.length, target)).toBe(5);
    expect(decoder).toMatchObject({ done: true, consumed: input.length - 4 });
    // And once it is done it uses nothing.
    expect(decoder.decodeInto(input, input.length - 4, input.length, target)).toBe(0);
    expect(decoder.consumed).toBe(0);
  });

  test('stops at the data of the next chunk, and tells what is left of it', () => {
    const decoder = new ChunkedDecoder();
    const input = encodeLatin1('3\r\nabc\r\n4\r\ndefg\r\n');
    expect(decoder.decodeInto(input, 0, input.length, new Uint8Array(4))).toBe(4);
    expect(decoder).toMatchObject({ done: false, consumed: 12, chunkLeft: 3 });
    expect(decoder.decodeInto(input, 12, input.length, new Uint8Array(0))).toBe(0);
    expect(decoder).toMatchObject({ consumed: 0, chunkLeft: 3 });
  });

  test('works in place, runs of every size', () => {
    const runs = [1, 2, 15, 16, 17, 31, 64, 300];
    const data = runs.map((size, at) => String.fromCharCode(97 + at).repeat(size));
    const body = data.map((run) => `${run.length.toString(16)};x\r\n${run}\r\n`).join('') + END;
    expect(decodeEveryWay(body)).toMatchObject({ data: data.join(''), used: body.length });
    // With nothing in front there is nothing to move.
    const decoder = new ChunkedDecoder();
    decoder.decode(encodeLatin1('20\r\n'));
    const bytes = encodeLatin1('y'.repeat(32));
    expect(decoder.decodeInto(bytes, 0, 32, bytes)).toBe(32);
    expect(decodeLatin1(bytes)).toBe('y'.repeat(32));
  });

  test('refuses to write over what it has to read', () => {
    const bytes = encodeLatin1('1\r\na\r\n' + END);
    expect(() => new ChunkedDecoder().decodeInto(bytes, 0, bytes.length, bytes, 1)).toThrow(RangeError);
    expect(new ChunkedDecoder().decodeInto(bytes, 0, bytes.length, bytes, 0)).toBe(1);
  });

  test('counts from where it was told to begin', () => {
    const decoder = new ChunkedDecoder({ tolerate: ['bare-lf-in-chunks'] });
    const input = encodeLatin1('xx1\nayy');
    expect(decoder.decodeInto(input, 2, 5, input, 0)).toBe(1);
    expect(decoder).toMatchObject({ consumed: 3, violations: [{ offset: 1 }] });
    const more = encodeLatin1('zzzz\n');
    expect(decoder.decodeInto(more, 4, 5, more)).toBe(0);
    expect(decoder).toMatchObject({ consumed: 1, violations: [{ offset: 1 }, { offset: 3 }] });
  });
});

describe('decode', () => {
  test('gives bytes of the caller’s own, in memory of their own size', () => {
    const input = encodeLatin1('3\r\nabc\r\n' + END);
    const bytes = new ChunkedDecoder().decode(input);
    input.fill(0);
    expect(decodeLatin1(bytes)).toBe('abc');
    expect(bytes.buffer.byteLength).toBeLessThanOrEqual(6);
  });

  test('takes a body in any pieces', () => {
    const decoder = new ChunkedDecoder();
    const pieces = ['', '1', '0\r', '\n0123456', '789abcdef\r\n0', '\r\n\r', '\nrest'];
    const data = pieces.map((piece) => decodeLatin1(decoder.decode(encodeLatin1(piece)))).join('');
    expect(data).toBe('0123456789abcdef');
    expect(decoder).toMatchObject({ done: true, consumed: 1 });
  });
});

describe('onPart', () => {
  /** What it was told, neighbours of one kind joined, where lines are told one by one. */
  function parts(input: string, options: ChunkedDecoderOptions, cuts: number[]): string[] {
    const told: string[] = [];
    let open = false;
    drive(
      input,
      {
        ...options,
        onPart(part, bytes, start, end) {
          const text = decodeLatin1(bytes, start, end);
          expect(text).not.toBe('');
          const last = told.at(-1)?.split(' ')[0];
          if (open && last === part) told.push(told.pop()! + JSON.stringify(text).slice(1, -1));
          else told.push(`${part} ${JSON.stringify(text).slice(1, -1)}`);
          open = part === 'chunk-data' || !text.endsWith('\n');
        },
      },
      { cuts },
    );
    return told;
  }
  const rows: [string, ChunkedDecoderOptions, string[]][] = [
    [
      '5;a\r\nhello\r\n0\r\nX: y\r\nZ: w\r\n\r\nrest',
      {},
      [
        'chunk-size 5;a\\r\\n',
        'chunk-data hello',
        'chunk-end \\r\\n',
        'chunk-size 0\\r\\n',
        'trailer X: y\\r\\n',
        'trailer Z: w\\r\\n',
        'blank-line \\r\\n',
      ],
    ],
    [
      '1\r\na\r\n0\r\n\r\n',
      {},
      ['chunk-size 1\\r\\n', 'chunk-data a', 'chunk-end \\r\\n', 'chunk-size 0\\r\\n', 'blank-line \\r\\n'],
    ],
    [
      '1\naXY0\nX: y\n\n',
      { strict: false },
      [
        'chunk-size 1\\n',
        'chunk-data a',
        'chunk-end XY',
        'chunk-size 0\\n',
        'trailer X: y\\n',
        'blank-line \\n',
      ],
    ],
    [
      '1\r\na1\r\nb\r\n0\r\nX: y',
      { strict: false },
      ['chunk-size 1\\r\\n', 'chunk-data a', 'chunk-end 1\\r'],
    ],
    [
      '1\r\na1\r\nb\r\n0\r\nX',
      { tolerate: ['missing-chunk-crlf'] },
      [
        'chunk-size 1\\r\\n',
        'chunk-data a',
        'chunk-size 1\\r\\n',
        'chunk-data b',
        'chunk-end \\r\\n',
        'chunk-size 0\\r\\n',
      ],
    ],
    ['0\nX: y\nZ', { strict: false }, ['chunk-size 0\\n', 'trailer X: y\\n', 'trailer Z']],
  ];
  test.each(rows)('tells what each byte of %j is, once and in order', (input, options, told) => {
    expect(parts(input, options, [])).toEqual(told);
    for (let cut = 1; cut < input.length; cut++) expect(parts(input, options, [cut])).toEqual(told);
    expect(
      parts(
        input,
        options,
        Array.from(input, (_, at) => at),
      ),
    ).toEqual(told);
  });
});

test('errors are of the classes that the connection knows', () => {
  expect(() => new ChunkedDecoder({ strict: false }).decode(encodeLatin1('zz\r\n'))).toThrow(IncompleteRead);
  expect(() => new ChunkedDecoder().decode(encodeLatin1(`${'5;'.padEnd(400, 'x')}\0`))).toThrow(
    expect.objectContaining({ code: 'HTTP_INVALID_CHUNK', line: '5;'.padEnd(200, 'x') }),
  );
});
