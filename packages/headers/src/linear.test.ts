import { encodeLatin1 } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { parseHeaderBlock } from './index.js';

// With raised limits. Quadratic work on blocks of these sizes would exceed the time limit of a test.
describe('the work is linear', () => {
  const options = { maxHeaders: 2e6, maxLineLength: 1e9 };

  test('10,000 fields: each is found', () => {
    const text = Array.from({ length: 10_000 }, (_, at) => `Name-${at}: ${at}\r\n`).join('');
    const { headers } = parseHeaderBlock(encodeLatin1(`${text}\r\n`), options)!;
    expect(headers.size).toBe(10_000);
    for (let at = 0; at < 10_000; at += 100) {
      expect(headers.get(`name-${at}`)).toBe(String(at));
      expect(headers.getAll(`NAME-${at}`)).toEqual([String(at)]);
      expect(headers.has(`name-${at}x`)).toBe(false);
    }
  });

  test('a million fields of one name', () => {
    const { headers } = parseHeaderBlock(encodeLatin1(`${'A: 1\r\n'.repeat(1e6)}\r\n`), options)!;
    expect(headers.getAll('a')).toHaveLength(1e6);
    headers.set('A', '2');
    expect(headers.toJSON()).toEqual([['A', '2']]);
  });

  test.each([' x\r\n', '\t\r\n', '    \r\n'])('a million folds of %j after a long value', (fold) => {
    const block = `A: 1${'x'.repeat(1.6e7)}\r\n${fold.repeat(1e6)}B: 2\r\n\r\n`;
    const { headers } = parseHeaderBlock(encodeLatin1(block), options)!;
    expect(headers.get('a')).toMatch(/^1/);
    expect(headers.get('b')).toBe('2');
  });

  test.each(['x', ' ', ':', '\t '])('3 million bytes of %j in one line', (piece) => {
    const value = piece.repeat(3e6 / piece.length);
    const { headers } = parseHeaderBlock(encodeLatin1(`A: x${value}x\r\n\r\n`), options)!;
    expect(headers.get('a')).toHaveLength(3_000_002);
  });
});
