import { ByteReader } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { type HTTPMessage, parseHeaderBlock, parseHeaders } from './index.js';
import { BLOCKS } from './testdata/blocks.js';
import { latin1 } from './testdata/pieces.js';

/** The reference's class for each defect. */
const CLASSES: Record<string, string> = {
  'no field line: it ends the fields': 'MissingHeaderBodySeparatorDefect',
  'it continues no field': 'FirstHeaderLineIsContinuationDefect',
  'an empty name': 'InvalidHeaderDefect',
  'a mailbox separator among the fields': 'MisplacedEnvelopeHeaderDefect',
};

const lenient = (text: string): HTTPMessage => parseHeaderBlock(latin1(text), { strict: false })!.headers;

describe('recorded from Python 3.13', () => {
  test.each(BLOCKS)('$input', async ({ input, fields, defects, rest }) => {
    const fp = new ByteReader(latin1(input));
    const message = await parseHeaders(fp, { strict: false });
    // "obsolete folding: one space in its place" (behaviour.md, Receiving): the reference keeps the line break.
    const unfolded = fields.map(([name, value]) => [name, value.replace(/[ \t]*(\r\n|\r|\n)[ \t]+/g, ' ')]);
    expect(message.toJSON()).toEqual(unfolded);
    // The reference takes the block for a whole mail; what is wrong with the body that is not there is no defect.
    const ofFields = defects.filter((name) => !/Multipart|Boundary/.test(name));
    expect(message.defects.map(({ detail }) => CLASSES[detail])).toEqual(ofFields);
    expect(await fp.read()).toEqual(latin1(rest));
  });
});

test('the recordings have every kind of defect', () => {
  const recorded = new Set(BLOCKS.flatMap(({ defects }) => defects));
  for (const name of Object.values(CLASSES)) expect(recorded).toContain(name);
});

test('a defect shows its line, cut', () => {
  const long = 'x'.repeat(300);
  expect(lenient(`: ${long}\r\n${long}\r\nA: 1\r\n\r\n`).defects).toEqual([
    { line: long.slice(0, 200), detail: 'no field line: it ends the fields' },
    { line: `: ${long}`.slice(0, 200), detail: 'an empty name' },
  ]);
});

describe('with strict off', () => {
  test('the most lines: the blank one is not counted, as in both modes', () => {
    // "over 100 fields (the reference counts the blank line too and refuses the 100th)" (behaviour.md, Receiving).
    expect(lenient('A: 1\r\n'.repeat(100) + '\r\n').size).toBe(100);
    expect(() => lenient('A: 1\r\n'.repeat(101) + '\r\n')).toThrow('Cannot accept more than 100 field lines');
    expect(() => lenient('A: 1\r\n' + ' x\r\n'.repeat(100) + '\r\n')).toThrow(
      'Cannot accept more than 100 field lines',
    );
  });

  test('the longest line', () => {
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

  // Quadratic work would take minutes, and the test's time would run out.
  test.each(['A: 1\r\n', ' fold \r\n', '\tx\r', ': \r\n', 'From x\r\n', '\v\r\n', 'A:\r \r'])(
    'a block of nothing but %j takes linear work',
    (line) => {
      const text = `A: 1\r\n${line.repeat(100_000)}\r\n\r\n`;
      const { headers } = parseHeaderBlock(latin1(text), {
        strict: false,
        maxHeaders: 1e6,
        maxLineLength: 1e9,
      })!;
      expect(headers.get('a')).toMatch(/^1/);
    },
  );
});
