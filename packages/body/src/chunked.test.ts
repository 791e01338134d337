import { IncompleteRead, InvalidChunk } from '@http-client/errors';
import { TOLERANCES } from '@http-client/headers';
import { encodeLatin1 } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { ChunkedDecoder } from './chunked.js';
import { decodeEveryWay, drive } from './testdata/drive.js';

const END = '0\r\n\r\n';
const LONG = 'x'.repeat(80);

describe('strict, by RFC 9112, section 7.1', () => {
  const accepted: [body: string, data: string, trailers?: [string, string][]][] = [
    [END, ''],
    ['5\r\nhello\r\n' + END, 'hello'],
    ['5\r\nhello\r\n1\r\n,\r\n6\r\n world\r\n' + END, 'hello, world'],
    ['A\r\n0123456789\r\n' + END, '0123456789'],
    ['a\r\n0123456789\r\n' + END, '0123456789'],
    ['1F\r\n' + 'x'.repeat(31) + '\r\n' + END, 'x'.repeat(31)],
    ['0000000000000000000000005\r\nhello\r\n000\r\n\r\n', 'hello'],
    // Data is not examined.
    ['9\r\n\r\n0\r\n\r\n\n\0\r\n' + END, '\r\n0\r\n\r\n\n\0'],
    // Whitespace after the size, and extensions, which are skipped.
    ['5 \r\nhello\r\n0\t \r\n\r\n', 'hello'],
    ['5;a\r\nhello\r\n0;b=c\r\n\r\n', 'hello'],
    ['5 ; a = "b;\\"c"\t; \xe9\r\nhello\r\n' + END, 'hello'],
    ['5;\r\nhello\r\n0;;\r\n\r\n', 'hello'],
    ['5;a="b;\\"c\\\\";d="\xff\t" ;e="";f=g\\"h"\r\nhello\r\n' + END, 'hello'],
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
    // Trailers are never merged and never acted on: whoever needs one gets it by name.
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
    // Bytes after the end are left alone.
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
    ['`\r\n', 'InvalidChunk', '`', 'must begin with a hexadecimal digit'],
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
    ['5;a\x1fb\r\nhello', 'InvalidChunk', '5;a\x1f', 'a control character stands in its extension'],
    ['5;a="b;\r\nhello', 'InvalidChunk', '5;a="b;', 'a quoted string in its extension is not closed'],
    ['5;a="b\\"\r\nhello', 'InvalidChunk', '5;a="b\\"', 'a quoted string in its extension is not closed'],
    ['5;a="b\\\r\nhello', 'InvalidChunk', '5;a="b\\', 'a quoted string in its extension is not closed'],
    ['5;a="b\nhello', 'InvalidChunk', '5;a="b', 'a quoted string in its extension is not closed'],
    ['5;"\x7f"\r\nhello', 'InvalidChunk', '5;"\x7f', 'a control character stands in its extension'],
    [`5;${LONG}\0`, 'InvalidChunk', `5;${LONG}\0`, `line …"${LONG.slice(1)}\\x00": a control`],
    ['20000000000000\r\n', 'InvalidChunk', '20000000000000', 'above 2^53-1'],
    ['1' + '0'.repeat(300) + '\r\n', 'InvalidChunk', '1' + '0'.repeat(14), 'above 2^53-1'],
    ['5\r\nhello\r\n\r\n', 'InvalidChunk', '', 'must begin with a hexadecimal digit'],
    ['5\r\nhelloX\r\n', 'InvalidChunk', 'X', '"X" stands where CRLF must follow'],
    ['5\r\nhelloX\n', 'InvalidChunk', 'X', '"X" stands where CRLF must follow'],
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
    ['HTTP/1.1 200 OK\r\nServer: x\r\n', '"H": it must', '"TTP/1.1 200 OK\\r\\nServer: x\\r\\n"'],
    [`<${LONG}`, '"<": it must', `"${'x'.repeat(40)}"`],
    ['5 x\r\nhello', '"5 x": only', '"\\r\\nhello"'],
    ['g', '"g": it must', undefined],
  ])('shows what follows the fault in %j', (body, line, follows) => {
    const bytes = encodeLatin1(body);
    const decode = (): unknown =>
      new ChunkedDecoder().decodeInto(bytes, 0, bytes.length, bytes, 0, bytes.length);
    expect(decode).toThrow(`Cannot read the chunk size line ${line}`);
    expect(decode).toThrow(follows === undefined ? /7\.1\)$/ : `7.1); then comes ${follows}`);
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
      expect(() => {
        decoder.finish();
      }).toThrow(expect.objectContaining({ expected: Number.MAX_SAFE_INTEGER }));
    } else {
      expect(() => decoder.decode(line)).toThrow(InvalidChunk);
    }
  });
});

describe('limits', () => {
  const limits = { maxLineLength: 20, maxTrailers: 3 };
  const field = (length: number): string => 'X:'.padEnd(length - 2, 'y') + '\r\n';
  test.each([
    // The limit includes the line ending.
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

  test('lines of two bytes, under the lowest limit', () => {
    const { fault } = decodeEveryWay('0\n\n', { maxLineLength: 2, tolerate: ['bare-lf-in-chunks'] });
    expect(fault).toBeUndefined();
  });

  test.each([
    [undefined, 100],
    [0, 0],
  ])('maxTrailers: %j allows %i trailers', (maxTrailers, count) => {
    const trailers = (number: number): string => `0\r\n${'X: y\r\n'.repeat(number)}\r\n`;
    expect(drive(trailers(count), { maxTrailers }).trailers).toHaveLength(count);
    expect(drive(trailers(count + 1), { maxTrailers }).fault?.name).toBe('TooManyHeaders');
  });

  test('a line that is too long is rejected before its end has arrived', () => {
    const decoder = new ChunkedDecoder();
    decoder.decode(encodeLatin1('1;' + 'x'.repeat(65_534)));
    const message = `Cannot accept a chunk size line of more than 65536 bytes: "1;${'x'.repeat(38)}…"`;
    expect(() => decoder.decode(encodeLatin1('x'))).toThrow(
      expect.objectContaining({ name: 'LineTooLong', what: 'chunk size line', limit: 65_536, message }),
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

describe('the end of the stream', () => {
  const body = '5;a\r\nhello\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n';
  // The framing only determines what is missing from the current chunk.
  const expected = (cut: number): number | undefined =>
    cut >= 5 && cut < 10 ? 10 - cut : cut >= 15 && cut < 25 ? 25 - cut : undefined;

  for (let cut = 0; cut < body.length; cut++) {
    test(`strict, after ${cut} bytes`, () => {
      const { data, fault } = drive(body.slice(0, cut));
      expect(data).toBe(
        'hello'.slice(0, Math.max(0, cut - 5)) + '0123456789'.slice(0, Math.max(0, cut - 15)),
      );
      const missing = expected(cut);
      const place =
        missing === undefined
          ? 'before the blank line after the last chunk'
          : `${missing} bytes before the end of a chunk`;
      expect(fault).toMatchObject({
        name: 'IncompleteRead',
        message: `Cannot read the whole body: the stream ended ${place}`,
        expected: missing,
      });
    });
  }

  test('is not an error once the body has ended', () => {
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
    ['5;a="b\r\nhello\r\n0;"\n\n', []],
    ['5\r\nhello\r\n0\r\nX: y', [['X', 'y']]],
    ['5\r\nhello\r\n0\r\nX: y\r\n', [['X', 'y']]],
  ])('strict: false accepts %j', (input, trailers) => {
    expect(decodeEveryWay(input, { strict: false })).toMatchObject({
      data: 'hello',
      trailers,
      used: input.length,
    });
  });

  test.each([
    ['', '', undefined],
    ['5', '', 5],
    ['5\r\nhel', 'hel', 2],
    ['5\r\nhello', 'hello', undefined],
    ['5\r\nhello\r', 'hello', undefined],
    ['5\r\nhello\r\n', 'hello', undefined],
    ['5\r\nhello\r\ng', 'hello', undefined],
    // A chunk that is read to the end of the stream lacks no bytes, but the body lacks its end.
    ['-1\r\nhello', 'hello', undefined],
    ['-1', '', undefined],
    // No chunk has such a size.
    ['-2\r\nhello', '', undefined],
    ['-2', '', undefined],
    ['five\r\nhello', '', undefined],
  ])('strict: false does not accept %j', (input, data, missing) => {
    // Not even if the rule is relaxed: the rules are those of strict decoding.
    for (const tolerate of [[], TOLERANCES]) {
      const decoded = decodeEveryWay(input, { strict: false, tolerate });
      expect(decoded).toMatchObject({
        data,
        fault: { name: 'IncompleteRead', expected: missing },
      });
      expect(decoded.fault!.message).not.toMatch(/Infinity|undefined/);
    }
  });

  test.each([
    ['5\r\nhel', true],
    ['five\r\n', false],
  ])('has no bytes in its error, after %j: they have been returned', (input, strict) => {
    const decoder = new ChunkedDecoder({ strict });
    expect(() => {
      decoder.decode(encodeLatin1(input));
      decoder.finish();
    }).toThrow(expect.objectContaining({ name: 'IncompleteRead', partial: new Uint8Array(0) }));
  });
});

test.each<[options: object, kind: typeof RangeError | typeof TypeError]>([
  [{ maxTrailers: -1 }, RangeError],
  [{ maxTrailers: 0.5 }, RangeError],
  [{ maxTrailers: '5' }, TypeError],
  [{ maxLineLength: 1 }, RangeError],
  [{ maxLineLength: null }, TypeError],
  [{ strict: 'no' }, TypeError],
  [{ strict: null }, TypeError],
  [{ strict: 0 }, TypeError],
])('is not created with %j', (options, kind) => {
  expect(() => new ChunkedDecoder(options)).toThrow(kind);
});

test('nothing is used after a truncation that was tolerated', () => {
  const decoder = new ChunkedDecoder({ tolerate: ['truncated-body'] });
  decoder.decode(encodeLatin1('5\r\nhel'));
  decoder.finish();
  expect(decoder.decode(encodeLatin1('lo\r\n'))).toHaveLength(0);
  expect(decoder).toMatchObject({ done: true, consumed: 0 });
});

test.each([undefined, true])('is strict with strict: %j: only false turns it off', (strict) => {
  const decoder = new ChunkedDecoder({ strict });
  expect(() => decoder.decode(encodeLatin1('0x1\r\na\r\n'))).toThrow(InvalidChunk);
});

test('errors are of the classes that a connection expects', () => {
  expect(() => new ChunkedDecoder({ strict: false }).decode(encodeLatin1('zz\r\n'))).toThrow(IncompleteRead);
  expect(() => new ChunkedDecoder().decode(encodeLatin1(`${'5;'.padEnd(400, 'x')}\0`))).toThrow(
    expect.objectContaining({ code: 'HTTP_INVALID_CHUNK', line: '5;'.padEnd(200, 'x') }),
  );
});
