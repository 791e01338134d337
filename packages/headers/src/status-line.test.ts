import { BadStatusLine, UnknownProtocol } from '@http-client/errors';
import { describe, expect, test } from 'vitest';

import { parseStatusLine } from './index.js';

const SP = ' ';

describe('strict, as RFC 9112 section 4', () => {
  test.each([
    ['HTTP/1.1 200 OK', 11, 200, 'OK'],
    ['HTTP/1.0 404 Not Found', 10, 404, 'Not Found'],
    ['HTTP/1.1 200', 11, 200, ''],
    ['HTTP/1.1 200 ', 11, 200, ''],
    ['HTTP/1.2 200 OK', 11, 200, 'OK'],
    ['HTTP/1.9 999 x', 11, 999, 'x'],
    ['HTTP/1.1 100 a\tb', 11, 100, 'a\tb'],
    ['HTTP/1.1 200  two blanks around ', 11, 200, 'two blanks around'],
    ['HTTP/1.1 200 caf\xe9', 11, 200, 'caf\xe9'],
  ])('%j', (line, version, status, reason) => {
    expect(parseStatusLine(line)).toEqual({ version, status, reason });
  });

  test.each([
    '',
    'garbage',
    'http/1.1 200 OK',
    ' HTTP/1.1 200 OK',
    'HTTP/1.1  200 OK',
    'HTTP/1.1\t200 OK',
    'HTTP/1.1 200\tOK',
    'HTTP/1.1 20 OK',
    'HTTP/1.1 2000 OK',
    'HTTP/1.1 099 OK',
    'HTTP/1.1 +20 OK',
    'HTTP/1.1 2x0 OK',
    'HTTP/1.1 200OK',
    'HTTP/1.10 200 OK',
    'HTTP/1. 200 OK',
    'HTTP/1 OK',
    'HTTP/2.0 20 OK',
    'HTTP/2.0 2000 OK',
    'HTTP/2.0 200OK',
    'HTTP/ 200 OK',
    'HTTP/2. 200 OK',
    'HTTP/2.0.0 200 OK',
    'xHTTP/2.0 200 OK',
    'HTTP/1.1 200 a\x00b',
    'HTTP/1.1 200 a\rb',
    'HTTP/1.1 200 OK\r',
    '\rHTTP/1.1 200 OK',
    'HTTP/1.1 200 a\x7fb',
  ])('%j is not a status line', (line) => {
    expect(() => parseStatusLine(line)).toThrow(BadStatusLine);
  });

  const far = 'x'.repeat(80);
  test.each([
    ['garbage', '"garbage" is not a status line (expected'],
    ['', '"" is not a status line (expected'],
    ['HTTP/1.1  200 OK', '"HTTP/1.1  200 OK" is not a status line (expected'],
    ['HTTP/1.1 200\tOK', '"HTTP/1.1 200\\tOK" is not a status line (expected'],
    ['HTTP/1.1 2x0 OK', ': its code is not three digits from 100 to 999 ('],
    ['HTTP/1.1 200OK', ': its code is not three digits from 100 to 999 ('],
    ['HTTP/1.1 099 OK', ': its code is not three digits from 100 to 999 ('],
    ['HTTP/1.1 ', ': its code is not three digits from 100 to 999 ('],
    ['HTTP/1.1 200 a\x00b', '"HTTP/1.1 200 a\\x00b" is not a status line: it has a control character ('],
    [
      `HTTP/1.1 200 ${far}\x1bx`,
      '…", at index 93: "\\x1bx" is not a status line: it has a control character (',
    ],
    // handshake_failure, as in RFC 8446; the SETTINGS frame with which a Go server begins.
    ['\x16\x03\x03\x00\x7a\x02', ': it is TLS, which the peer speaks on this port ('],
    ['\x16\x02\x03', ' is not a status line: it has a control character ('],
    ['\x17\x03\x03', ' is not a status line: it has a control character ('],
    ['\0\0\0\x01', ' is not a status line: it has a control character ('],
    ['\x15\x03\x01\x00\x02\x02\x28', ': it is TLS, which the peer speaks on this port ('],
    ['\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03', ': it is HTTP/2, which the peer speaks on this port ('],
  ])('the message for %j says why', (line, message) => {
    expect(() => parseStatusLine(line)).toThrow(message);
  });

  test.each([
    ['HTTP/2.0 200 OK', 'HTTP/2.0'],
    ['HTTP/2 200', 'HTTP/2'],
    ['HTTP/0.9 200 OK', 'HTTP/0.9'],
    ['HTTP/3 500 x', 'HTTP/3'],
    ['HTTP/10.23 199 x', 'HTTP/10.23'],
  ])('%j is another protocol', (line, version) => {
    const error = thrown(() => parseStatusLine(line));
    expect(error).toBeInstanceOf(UnknownProtocol);
    expect(error).toMatchObject({ version });
  });
});

describe('as the reference', () => {
  test.each([
    ['HTTP/1.1 200 OK', 11, 200, 'OK'],
    ['  HTTP/1.1\t 200 \x0b OK \x1f\xa0', 11, 200, 'OK'],
    ['HTTP/1.1\x85200\xa0OK', 11, 200, 'OK'],
    ['HTTP/0.9 200 OK', 10, 200, 'OK'],
    ['HTTP/1.0 200', 10, 200, ''],
    ['HTTP/1.1 200 ', 11, 200, ''],
    ['HTTP/1.x 200 OK', 11, 200, 'OK'],
    ['HTTP/1.1 200 \x1cx', 11, 200, 'x'],
    ['HTTP/1.1\x1c200', 11, 200, ''],
    ['HTTP/1.1 200\t\v\f\r \x85\xa0', 11, 200, ''],
    ['HTTP/1.1 200 a\x00b', 11, 200, 'a\x00b'],
  ])('%j', (line, version, status, reason) => {
    expect(parseStatusLine(line, false)).toEqual({ version, status, reason });
  });

  test.each([
    '',
    'HTTP/1.1',
    'http/1.1 200 OK',
    'HTTP/1.1 99 x',
    'HTTP/1.1 1000 x',
    'HTTP/1.1 1200 x',
    'HTTP/1.1 x200 x',
    'HTTP/1.1 2_0 x',
    'ICY 200 OK',
    'HTTP/1.1 200\x1c',
    'HTTP/1.1 200 \x1f ',
  ])('%j is not a status line', (line) => {
    expect(() => parseStatusLine(line, false)).toThrow(BadStatusLine);
  });

  // The characters at which Python 3.13 splits a line, of all that a line can contain.
  const WHITE = '\t\v\f\r\x1c\x1d\x1e\x1f \x85\xa0';
  test.each(Array.from({ length: 256 }, (_, code) => code).filter((code) => code !== 0x0a))(
    'character %d is whitespace exactly if it is so in Python',
    (code) => {
      const character = String.fromCharCode(code);
      const read = { version: 11, status: 200, reason: 'OK' };
      const before = `HTTP/1.1${character}200 OK`;
      const behind = parseStatusLine(`HTTP/1.1 200 OK${character}`, false);
      if (WHITE.includes(character)) expect([parseStatusLine(before, false), behind]).toEqual([read, read]);
      else {
        expect(() => parseStatusLine(before, false)).toThrow(BadStatusLine);
        expect(behind).toEqual({ ...read, reason: `OK${character}` });
      }
    },
  );

  test.each(['HTTP/2 200 OK', 'HTTP/11 200 OK', 'HTTP/ 200 OK'])('%j is another protocol', (line) => {
    expect(() => parseStatusLine(line, false)).toThrow(UnknownProtocol);
  });
});

/**
 * What may stand at each place of a line up to the code, by RFC 9112, section 4. A version of several digits is that of
 * another protocol.
 */
const PLACES = [...Array.from('HTTP/'), /[0-9]/, /[.0-9]/, /[0-9]/, SP, /[1-9]/, /[0-9]/, /[0-9]/, SP];
const ALL = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));

test.each(PLACES.map((allowed, at) => [at, allowed] as const))(
  'every character at index %d',
  (at, allowed) => {
    for (const line of ['HTTP/1.1 200 OK', 'HTTP/2.0 200 OK']) {
      for (const character of ALL) {
        const other = line.slice(0, at) + character + line.slice(at + 1);
        const valid = typeof allowed === 'string' ? character === allowed : allowed.test(character);
        const expected = !valid
          ? 'BadStatusLine'
          : other.startsWith('HTTP/1.')
            ? 'nothing'
            : 'UnknownProtocol';
        expect([other, nameOf(() => parseStatusLine(other))]).toEqual([other, expected]);
        // With strict off, the code is three digits too.
        if (at >= 9 && at < 12)
          expect([other, nameOf(() => parseStatusLine(other, false))]).toEqual([other, expected]);
      }
    }
  },
);

test('every character in a reason', () => {
  for (const character of ALL) {
    const expected = /[\t -~\x80-\xff]/.test(character) ? 'nothing' : 'BadStatusLine';
    const line = `HTTP/1.1 200 a${character}b`;
    expect([line, nameOf(() => parseStatusLine(line))]).toEqual([line, expected]);
  }
});

test('the line in an error is truncated, and so is the one quoted in its message', () => {
  const error = thrown(() => parseStatusLine('x'.repeat(60_000)));
  expect(error).toMatchObject({ line: 'x'.repeat(200) });
  expect(error.message.length).toBeLessThan(300);
});

// Quadratic work would exceed the time limit of a test.
test('a long run of whitespace takes linear time', () => {
  const blanks = SP.repeat(3_000_000);
  expect(parseStatusLine(`HTTP/1.1 200${blanks}x`, false).reason).toBe('x');
  expect(parseStatusLine(`HTTP/1.1 200 a${blanks}`).reason).toBe('a');
  expect(parseStatusLine(`HTTP/1.1 200 a${blanks}x`).reason).toHaveLength(3_000_002);
  expect(() => parseStatusLine(`HTTP/1.1${blanks}x`, false)).toThrow(BadStatusLine);
});

/** The name of the error that is thrown. */
function nameOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as Error).name;
  }
  return 'nothing';
}

function thrown(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
