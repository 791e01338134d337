import { isDeepStrictEqual } from 'node:util';

import { encodeLatin1 } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { HeaderBlockParser, type HeaderBlockParserOptions, type Tolerance } from './index.js';
import { BLOCKS } from './testdata/blocks.js';
import { read, readInPieces } from './testdata/pieces.js';
import { TOLERATED } from './testdata/tolerated.js';

describe('any segmentation gives the same outcome', () => {
  const TEXTS = [
    ...TOLERATED.map(([lines]) => `${lines}\r\nbody`),
    ...BLOCKS.map(({ input }) => input).filter((input) => input.length < 200),
    'A: 1\r\n'.repeat(5) + '\r\n',
    'A: 1\r\n'.repeat(4) + '\r\r\n',
    'A: 1\n'.repeat(4) + '\n',
    'A: 1\r\n'.repeat(4) + ' \r\n\r\n',
    `A: ${'x'.repeat(35)}\r\n\r\n`,
    `A: ${'x'.repeat(36)}\r\n\r\n`,
    `A: 1\r\n${'x'.repeat(50)}`,
    `\0${'x'.repeat(50)}\r\n`,
    `A : ${'\r'.repeat(36)}\n`,
  ];
  const limits = { maxHeaders: 4, maxLineLength: 40 };
  const all: Tolerance[] = ['bare-cr', 'space-before-colon', 'malformed-field-line', 'bare-lf-in-chunks'];

  test.each<[string, HeaderBlockParserOptions]>([
    ['strict', limits],
    ['strict, in trailers', { ...limits, where: 'trailers' }],
    ['tolerant', { ...limits, tolerate: all }],
    ['tolerant, in trailers', { ...limits, tolerate: all, where: 'trailers' }],
    ['strict off', { ...limits, strict: false }],
    ['strict, default limits', {}],
    ['strict off, default limits', { strict: false }],
  ])('%s', (_, options) => {
    for (const text of TEXTS) {
      const whole = read(text, options, true);
      const every = Array.from({ length: text.length + 1 }, (_piece, cut) => cut);
      expect([text, readInPieces(text, every, options, true)]).toEqual([text, whole]);
      const differing = every.filter((cut) => {
        const inTwo = readInPieces(text, [cut, text.length], options, true);
        // If the input ends there: the same outcome if it is known by then, otherwise none yet.
        const cutOff = read(text.slice(0, cut), options) ?? whole;
        return !isDeepStrictEqual([inTwo, cutOff], [whole, whole]);
      });
      expect([text, differing]).toEqual([text, []]);
    }
  });
});

describe('one parser for several blocks', () => {
  test('reset forgets the last one, even after an error', () => {
    const parser = new HeaderBlockParser({ maxHeaders: 2, tolerate: ['space-before-colon'] });
    const parse = (text: string): unknown => {
      const bytes = encodeLatin1(text);
      parser.reset();
      const end = parser.scan(bytes, 0, bytes.length);
      return end < 0 ? end : [parser.finish(bytes, 0).toJSON(), parser.violations.length];
    };
    expect(parse('A: 1\r\nB : x\r\n\r\n')).toEqual([
      [
        ['A', '1'],
        ['B', 'x'],
      ],
      1,
    ]);
    expect(parse('C: 1\r\n y\r\n\r\n')).toEqual([[['C', '1 y']], 1]);
    expect(() => parse('A: 1\r\nB: 2\r\nC: 3\r\n')).toThrow('Cannot accept more than 2 field lines');
    expect(parse('D: 1\r\nE')).toBe(-1);
    expect(() => parse(' x\r\n\r\n')).toThrow('it continues no field');
    expect(parse('\r\n')).toEqual([[], 0]);
  });

  test.each([
    ['in sight', 79, ''],
    ['beyond the truncation', 80, ', at index 80: "\\x1b[2J"'],
  ])('the message shows an invalid character %s', (_, at, shown) => {
    const line = `A: ${'x'.repeat(at - 3)}\x1b[2J`;
    for (const tolerate of [[], ['space-before-colon']] as const) {
      const parser = new HeaderBlockParser({ tolerate });
      const bytes = encodeLatin1(`${line}\r\n\r\n`);
      expect(() => parser.scan(bytes, 0, bytes.length)).toThrow(`…"${shown}`);
    }
  });

  test('messages and violations of one block are not those of the next', () => {
    const parser = new HeaderBlockParser();
    const bytes = encodeLatin1('A: 1\r\n x\r\n\r\n');
    parser.scan(bytes, 0, bytes.length);
    const first = parser.finish(bytes, 0);
    const { violations } = parser;
    first.append('B', '2');
    parser.reset();
    parser.scan(bytes, 0, bytes.length);
    const second = parser.finish(bytes, 0);
    expect(first.toJSON()).toEqual([
      ['A', '1 x'],
      ['B', '2'],
    ]);
    expect(second.toJSON()).toEqual([['A', '1 x']]);
    expect(violations).toHaveLength(1);
  });

  test('the partial of an IncompleteRead is a copy', () => {
    const parser = new HeaderBlockParser();
    const bytes = Buffer.from('xxA: 1\r\n');
    expect(parser.scan(bytes, 2, bytes.length)).toBe(-1);
    let partial: Uint8Array | undefined;
    try {
      parser.finishAtEnd(bytes, 2, bytes.length);
    } catch (error) {
      ({ partial } = error as { partial: Uint8Array });
    }
    bytes.fill(0);
    expect(partial).toEqual(encodeLatin1('A: 1\r\n'));
  });
});

// So much has arrived before that scanning it again for each byte would exceed the time limit of a test.
describe('a byte at a time takes linear work', () => {
  test.each<[string, string, HeaderBlockParserOptions]>([
    ['a plain line', `A: ${'x'.repeat(4e6)}\r\n`, {}],
    ['spaces', `A: x${' '.repeat(4e6)}\r\n`, {}],
    ['many lines', 'A: x\r\n'.repeat(700_000), {}],
    ['many folds', `A: x\r\n${' \r\n'.repeat(1_000_000)}`, {}],
    ['bare CRs', `A: x${'\r'.repeat(4e6)}x\r\n`, { tolerate: ['bare-cr'] }],
    ['a name', `${'x'.repeat(4e6)}: x\r\n`, {}],
    ['strict off', `A: ${'x'.repeat(2e6)}\r\n${' x\r\n'.repeat(500_000)}`, { strict: false }],
  ])('%s', (_, text, options) => {
    const bytes = encodeLatin1(`${text}\r\n`);
    const parser = new HeaderBlockParser({ maxHeaders: 2e6, maxLineLength: 1e9, ...options });
    let end = -1;
    for (let at = bytes.length - 1e6; at <= bytes.length; at++) end = parser.scan(bytes, 0, at);
    expect(end).toBe(bytes.length);
    expect(parser.finish(bytes, 0).size).toBeGreaterThan(0);
  });
});
