import { TooManyHeaders } from '@http-client/errors';
import { ByteReader, encodeLatin1 } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { type HTTPMessage, parseHeaderBlock, parseHeaders } from './index.js';
import { BLOCKS } from './testdata/blocks.js';

/** The reference's class for each defect. */
const CLASSES: Record<string, string> = {
  'no field line: it ends the fields': 'MissingHeaderBodySeparatorDefect',
  'it continues no field': 'FirstHeaderLineIsContinuationDefect',
  'an empty name': 'InvalidHeaderDefect',
  'a mailbox separator among the fields': 'MisplacedEnvelopeHeaderDefect',
};

const lenient = (text: string): HTTPMessage =>
  parseHeaderBlock(encodeLatin1(text), { strict: false })!.headers;

describe('recorded from Python 3.13', () => {
  test.each(BLOCKS)('$input', async ({ input, fields, defects, rest }) => {
    const fp = new ByteReader(encodeLatin1(input));
    const message = await parseHeaders(fp, { strict: false });
    // A fold is replaced by one space (behaviour.md, Receiving): the reference keeps the line break.
    const unfolded = fields.map(([name, value]) => [name, value.replace(/[ \t]*(\r\n|\r|\n)[ \t]+/g, ' ')]);
    expect(message.toJSON()).toEqual(unfolded);
    // The reference takes the block for a whole mail. Faults in the absent body are not defects here.
    const ofFields = defects.filter((name) => !/Multipart|Boundary/.test(name));
    expect(message.defects.map(({ detail }) => CLASSES[detail])).toEqual(ofFields);
    expect(await fp.read()).toEqual(encodeLatin1(rest));
  });
});

test('the recordings contain every kind of defect', () => {
  const recorded = new Set(BLOCKS.flatMap(({ defects }) => defects));
  for (const name of Object.values(CLASSES)) expect(recorded).toContain(name);
});

test('a defect shows its line, truncated', () => {
  const long = 'x'.repeat(300);
  expect(lenient(`: ${long}\r\n${long}\r\nA: 1\r\n\r\n`).defects).toEqual([
    { line: long.slice(0, 200), detail: 'no field line: it ends the fields' },
    { line: `: ${long}`.slice(0, 200), detail: 'an empty name' },
  ]);
});

describe('with strict off', () => {
  test('the maximum number of lines does not include the blank one, as in strict mode', () => {
    // The reference also counts the blank line, and rejects the 100th field (behaviour.md, Receiving).
    expect(lenient('A: 1\r\n'.repeat(100) + '\r\n').size).toBe(100);
    expect(() => lenient('A: 1\r\n'.repeat(101) + '\r\n')).toThrow('Cannot accept more than 100 field lines');
    expect(() => lenient('A: 1\r\n' + ' x\r\n'.repeat(100) + '\r\n')).toThrow(
      'Cannot accept more than 100 field lines',
    );
  });

  test.each([
    ['fields', 'a:'],
    ['folds', ' a'],
    ['lines with an empty name', ':'],
    ['mailbox separators', 'From a'],
  ])('the maximum number of lines includes those that end in a bare CR: %s', (_what, line) => {
    const lines = (count: number): string => `A: 1\r${`${line}\r`.repeat(count - 2)}${line}\r\n\r\n`;
    const { size, defects } = lenient(lines(100));
    expect(size).toBeLessThanOrEqual(100);
    expect(defects.length).toBeLessThanOrEqual(100);
    for (const count of [101, 9000]) {
      expect(() => lenient(lines(count))).toThrow(TooManyHeaders);
      expect(() => lenient(lines(count))).toThrow('Cannot accept more than 100 field lines');
    }
  });

  // As in email.feedparser.
  test('a name may be any visible ASCII characters except the colon', () => {
    const codes = Array.from({ length: 0x7e - 0x20 }, (_, at) => 0x21 + at);
    const name = String.fromCharCode(...codes).replace(':', '');
    expect(lenient(`${name}: x\r\n\r\n`).toJSON()).toEqual([[name, 'x']]);
  });

  test('lines after the end of the fields are not counted', () => {
    expect(lenient(`A: 1\r\r${'a:\r'.repeat(200)}\r\n\r\n`).toJSON()).toEqual([['A', '1']]);
    expect(lenient(`${'a:\r'.repeat(100)}no field\ra:\r\n\r\n`).defects).toHaveLength(1);
  });

  test('the largest limit', () => {
    const options = { strict: false, maxHeaders: Number.MAX_SAFE_INTEGER };
    const { headers } = parseHeaderBlock(encodeLatin1(`${'a:\r'.repeat(200)}\n\r\n`), options)!;
    expect(headers.size).toBe(200);
  });

  test('the maximum length of a line', () => {
    expect(lenient(`A:${'x'.repeat(65_532)}\r\n\r\n`).get('a')).toHaveLength(65_532);
    expect(() => lenient(`A:${'x'.repeat(65_533)}\r\n\r\n`)).toThrow(
      'Cannot accept a header line of more than 65536 bytes',
    );
  });

  test('what was parsed can be changed', () => {
    const message = lenient('A(b): 1\r\nB: x\r\n  y\r\nB: \0\r\n\r\n');
    message.append('C', '3');
    message.delete('a(B)');
    expect(message.toJSON()).toEqual([
      ['B', 'x y'],
      ['B', '\0'],
      ['C', '3'],
    ]);
  });

  // Copying what is before it for each line would exceed the time limit of a test.
  test.each(['A: 1\r\n', ' fold \r\n', '\tx\r', ': \r\n', 'From x\r\n', '\v\r\n', 'A:\r \r'])(
    'a block of nothing but %j after a long value takes linear time',
    (line) => {
      const text = `A: 1${'x'.repeat(3.2e7)}\r\n${line.repeat(300_000)}\r\n\r\n`;
      const { headers } = parseHeaderBlock(encodeLatin1(text), {
        strict: false,
        maxHeaders: 1e6,
        maxLineLength: 1e9,
      })!;
      expect(headers.get('a')).toMatch(/^1/);
    },
  );
});
