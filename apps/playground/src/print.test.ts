import { describe, expect, test } from 'vitest';

import { bytes, excerpt, lines, oneLine, palette, rate, statusLine, TerminalText } from './print.js';

/** Every control character of C0 and C1, and those that change the direction of text. */
const CONTROLS = [
  ...Array.from({ length: 0x20 }, (_, code) => code),
  ...Array.from({ length: 0x21 }, (_, index) => 0x7f + index),
  ...[0x061c, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2066, 0x2069],
].map((code) => String.fromCodePoint(code));

describe('what a peer sends', () => {
  test.each(CONTROLS)('%j does not reach a line', (control) => {
    expect(oneLine(`a${control}b`)).toMatch(/^a\\(?:[rnt]|x[0-9a-f]{2}|u\{[0-9a-f]+\})b$/);
  });

  test.each(CONTROLS)('%j does not reach several lines, except for line feed and tab', (control) => {
    const kept = control === '\n' || control === '\t';
    expect(lines(`a${control}b`)).toBe(kept ? `a${control}b` : oneLine(`a${control}b`));
  });

  test.each(['plain', 'Grüße, 日本語', '👩‍👧 \u00a0 क्‍ष', ''])('%j stays as it is', (text) => {
    expect(oneLine(text)).toBe(text);
  });

  test.each([
    ['\x1b]0;title\x07', '\\x1b]0;title\\x07'],
    ['\x9b31m', '\\x9b31m'],
    ['a\r\n\tb', 'a\\r\\n\\tb'],
    ['\u202egnp.exe', '\\u{202e}gnp.exe'],
  ])('%j is %j', (text, shown) => {
    expect(oneLine(text)).toBe(shown);
  });
});

describe('a body on a terminal', () => {
  const show = (blocks: Uint8Array[], charset?: string): string => {
    const text = new TerminalText(charset);
    return blocks.map((block) => text.push(block)).join('') + text.end();
  };

  test.each([
    ['text with a line end', 'one\ntwo\n', undefined, 'one\ntwo\n'],
    ['text without one', 'one', undefined, 'one\n'],
    ['nothing', '', undefined, ''],
    ['CRLF', 'one\r\ntwo\r\n', undefined, 'one\ntwo\n'],
    ['a lone CR, which would overwrite the line', 'good\rbad', undefined, 'good\\rbad\n'],
    ['a CR at the end', 'one\r', undefined, 'one\\r\n'],
    ['characters of several bytes', 'ü€👍\n', undefined, 'ü€👍\n'],
    ['escape sequences', '\x1b[31mred\x1b[0m\t!\n', undefined, '\\x1b[31mred\\x1b[0m\t!\n'],
    ['bytes that are no UTF-8', 'a\xffb\n', 'latin1 bytes', 'a\ufffdb\n'],
    ['a charset that is known', 'a\xfcb\n', 'iso-8859-1', 'aüb\n'],
  ])('%s, split anywhere', (_name, text, charset, shown) => {
    const whole = Buffer.from(text, charset === undefined ? 'utf8' : 'latin1');
    for (let first = 0; first <= whole.length; first++) {
      for (let second = first; second <= whole.length; second++) {
        const blocks = [whole.subarray(0, first), whole.subarray(first, second), whole.subarray(second)];
        expect(show(blocks, charset)).toBe(shown);
      }
    }
  });
});

test.each([
  [11, 200, 'OK', 'HTTP/1.1 200 OK'],
  [10, 404, 'File not found', 'HTTP/1.0 404 File not found'],
  [11, 299, '', 'HTTP/1.1 299'],
] as const)('the status line of %j %j %j', (version, status, reason, line) => {
  expect(statusLine(version, status, reason)).toBe(line);
});

test.each([
  ['', ['']],
  ['one\ntwo\n', ['one', 'two']],
  ['1\n2\n3\n4', ['1', '2', '3', '…']],
  ['0123456789', ['0123456789']],
  ['0123456789A', ['012345678…']],
  ['\x1b\r\n\t|', ['\\x1b', '    |']],
  ['x'.repeat(1000), ['xxxxxxxxx…', '…']],
])('an excerpt of %j', (text, shown) => {
  expect(excerpt(Buffer.from(text), { lines: 3, width: 10 })).toEqual(shown);
});

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [1_234_567, '1,234,567 bytes'],
])('%j is %j', (count, text) => {
  expect(bytes(count)).toBe(text);
});

test.each([
  [0, 1000, '0 byte/s'],
  [999, 1000, '999 byte/s'],
  [1000, 1000, '1 kB/s'],
  [1_234_567, 1000, '1.2 MB/s'],
  [3_000_000_000, 500, '6 GB/s'],
  [5_000_000_000_000, 1000, '5,000 GB/s'],
  [5, 0, '5 kB/s'],
])('%j bytes in %j ms are %j', (count, milliseconds, text) => {
  expect(rate(count, milliseconds)).toBe(text);
});

test.each([
  ['a terminal', true, {}, true],
  ['no terminal', false, {}, false],
  ['no terminal, in CI', false, { CI: '1', FORCE_COLOR: '1' }, false],
  ['NO_COLOR', true, { NO_COLOR: '1' }, false],
  ['an empty NO_COLOR, which says nothing', true, { NO_COLOR: '' }, true],
  ['a dumb terminal', true, { TERM: 'dumb' }, false],
])('colours on %s', (_name, terminal, env, colored) => {
  expect(palette(terminal, env).green('x') !== 'x').toBe(colored);
});
