import { InvalidChunk, InvalidHeader } from '@http-client/errors';
import { decodeLatin1, encodeLatin1 } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { ChunkedDecoder, type ChunkedDecoderOptions } from './chunked.js';
import { decodeEveryWay, drive } from './testdata/drive.js';

const END = '0\r\n\r\n';

describe('a fault after valid data', () => {
  const input = encodeLatin1('5\r\nhello\r\ng\r\n');

  test('is left to the next call, and then thrown by every call', () => {
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

  test('is thrown at once if the call returns no data', () => {
    const decoder = new ChunkedDecoder();
    decoder.decode(input.subarray(0, 8));
    expect(() => decoder.decode(input.subarray(8))).toThrow(InvalidChunk);
  });

  test('is forgotten by reset, with all other state', () => {
    const shown: string[] = [];
    const decoder = new ChunkedDecoder({
      tolerate: ['bare-lf-in-chunks', 'invalid-chunk-size'],
      onPart(part, bytes, start, end) {
        shown.push(`${part} ${decodeLatin1(bytes, start, end).trim()}`);
      },
    });
    for (const broken of [
      '5;a',
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
        trailers: undefined,
        violations: [],
      });
      shown.length = 0;
      expect(decodeLatin1(decoder.decode(encodeLatin1('+3\r\nabc\r\n0\nA: b\r\n\r\n')))).toBe('abc');
      expect(shown.slice(-2)).toEqual(['trailer A: b', 'blank-line ']);
      expect(decoder.done).toBe(true);
      expect(decoder.trailers!.toJSON()).toEqual([['A', 'b']]);
      expect(decoder.violations).toMatchObject([{ offset: 0 }, { offset: 10 }]);
      // Nor are the trailers of one body those of the next.
      decoder.reset();
      decoder.decode(encodeLatin1(END));
      expect(decoder.trailers!.toJSON()).toEqual([]);
    }
  });
});

describe('decodeInto', () => {
  test('continues through framing if the target is full', () => {
    const decoder = new ChunkedDecoder();
    const target = new Uint8Array(5);
    const input = encodeLatin1('5\r\nhello\r\n0\r\nX: y\r\n\r\nrest');
    expect(decoder.decodeInto(input, 0, input.length, target)).toBe(5);
    expect(decoder).toMatchObject({ done: true, consumed: input.length - 4 });
    // Once it is done, it uses nothing.
    expect(decoder.decodeInto(input, input.length - 4, input.length, target)).toBe(0);
    expect(decoder.consumed).toBe(0);
  });

  test('stops at the data of the next chunk, and finish reports what is missing from it', () => {
    const decoder = new ChunkedDecoder();
    const input = encodeLatin1('3\r\nabc\r\n4\r\ndefg\r\n');
    expect(decoder.decodeInto(input, 0, input.length, new Uint8Array(4))).toBe(4);
    expect(decoder).toMatchObject({ done: false, consumed: 12 });
    expect(decoder.decodeInto(input, 12, input.length, new Uint8Array(0))).toBe(0);
    expect(decoder.consumed).toBe(0);
    expect(() => {
      decoder.finish();
    }).toThrow(expect.objectContaining({ expected: 3 }));
  });

  test('works in place, with runs of every size', () => {
    const runs = [1, 2, 15, 16, 17, 31, 64, 300];
    const data = runs.map((size, at) => String.fromCharCode(97 + at).repeat(size));
    const body = data.map((run) => `${run.length.toString(16)};x\r\n${run}\r\n`).join('') + END;
    expect(decodeEveryWay(body)).toMatchObject({ data: data.join(''), used: body.length });
    // With nothing before it, the data need not be moved.
    const decoder = new ChunkedDecoder();
    decoder.decode(encodeLatin1('20\r\n'));
    const bytes = encodeLatin1('y'.repeat(32));
    expect(decoder.decodeInto(bytes, 0, 32, bytes)).toBe(32);
    expect(decodeLatin1(bytes)).toBe('y'.repeat(32));
  });

  test('refuses to overwrite what it has to read', () => {
    const bytes = encodeLatin1('1\r\na\r\n' + END);
    expect(() => new ChunkedDecoder().decodeInto(bytes, 0, bytes.length, bytes, 1)).toThrow(RangeError);
    expect(new ChunkedDecoder().decodeInto(bytes, 0, bytes.length, bytes, 0)).toBe(1);
  });

  test.each<[what: string, start: number, end: number, at: number, limit: number]>([
    ['an end beyond the bytes, which would add zeros to the body', 0, 100, 0, 4],
    ['a limit beyond the target, which would lose data', 0, 9, 0, 5],
    ['a negative start', -1, 9, 0, 4],
    ['a start beyond the end', 5, 4, 0, 4],
    ['a negative index in the target', 0, 9, -1, 4],
    ['an index beyond the limit', 0, 9, 4, 3],
    ['not a number', NaN, 9, 0, 4],
  ])('refuses %s', (_what, start, end, at, limit) => {
    const decoder = new ChunkedDecoder();
    const bytes = encodeLatin1('9\r\nhello!');
    const target = new Uint8Array(4);
    expect(() => decoder.decodeInto(bytes, start, end, target, at, limit)).toThrow(
      new RangeError(
        `Cannot decode bytes ${start} to ${end} into ${at} to ${limit}: there are 9, and room for 4`,
      ),
    );
    expect(decodeLatin1(target)).toBe('\0\0\0\0');
    expect(decoder.decodeInto(bytes, 0, 9, target)).toBe(4);
    expect(decodeLatin1(target)).toBe('hell');
  });

  test('counts from the given start', () => {
    const decoder = new ChunkedDecoder({ tolerate: ['bare-lf-in-chunks'] });
    const input = encodeLatin1('xx1\nayy');
    expect(decoder.decodeInto(input, 2, 5, input, 0)).toBe(1);
    expect(decoder).toMatchObject({ consumed: 3, violations: [{ offset: 1 }] });
    const more = encodeLatin1('zzzz\n');
    expect(decoder.decodeInto(more, 4, 5, more)).toBe(0);
    expect(decoder).toMatchObject({ consumed: 1, violations: [{ offset: 1 }, { offset: 3 }] });
  });

  test('also counts what it used before a fault from there', () => {
    const decoder = new ChunkedDecoder();
    const input = encodeLatin1('xx0\r\nno colon\r\n');
    expect(() => decoder.decodeInto(input, 2, input.length, input, 0)).toThrow(InvalidHeader);
    expect(decoder.consumed).toBe(3);
  });

  test('does not use older bytes after what has arrived, nor a piece after its call', () => {
    const body = '1F;a=b\r\n' + 'x'.repeat(31) + '\r\n0\r\nX: y\r\n\r\n';
    for (const older of ['\r\n', '\n', '0', 'f', ';', ': y\r\n\r\n']) {
      for (let cut = 1; cut < body.length; cut++) {
        const decoder = new ChunkedDecoder();
        const target = new Uint8Array(31);
        let filled = 0;
        for (const piece of [body.slice(0, cut), body.slice(cut)]) {
          const bytes = encodeLatin1(piece + older.repeat(9));
          filled += decoder.decodeInto(bytes, 0, piece.length, target, filled);
          expect(decoder.consumed).toBe(piece.length);
          bytes.fill(0);
        }
        expect(decodeLatin1(target, 0, filled)).toBe('x'.repeat(31));
        expect(decoder.trailers!.toJSON()).toEqual([['X', 'y']]);
      }
    }
  });
});

describe('decode', () => {
  test('returns bytes that the caller owns, in memory of about their size', () => {
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
  /** What it was called with. Neighbouring parts of one kind are joined up to a line ending. */
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
        'trailer X',
      ],
    ],
    ['0\r\nX: y\r\nZ', {}, ['chunk-size 0\\r\\n', 'trailer X: y\\r\\n', 'trailer Z']],
    ['0\nX: y\nZ', { strict: false }, ['chunk-size 0\\n', 'trailer X: y\\n', 'trailer Z']],
  ];
  test('takes a CR alone at the beginning of a trailer for a blank line, until it learns otherwise', () => {
    const input = '0\nx\n\rY: z\n\r\n';
    const before = ['chunk-size 0\\n', 'trailer x\\n'];
    const after = ['blank-line \\r\\n'];
    expect(parts(input, { strict: false }, [])).toEqual([...before, 'trailer \\rY: z\\n', ...after]);
    expect(parts(input, { strict: false }, [input.indexOf('Y')])).toEqual([
      ...before,
      'blank-line \\r',
      'trailer Y: z\\n',
      ...after,
    ]);
  });

  test.each(rows)('reports what each byte of %j is, once and in order', (input, options, told) => {
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
