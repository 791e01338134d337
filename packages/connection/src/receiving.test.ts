import { readFileSync } from 'node:fs';

import { decodeLatin1 } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { HTTPConnection } from './index.js';
import { END, reset, scriptedTransport, type ScriptStep } from './testing.js';

/** The outcome of a response: the error's name, or status and body, and whether the connection is closed afterwards. */
async function outcome(method: string, script: ScriptStep[], strict: boolean): Promise<string> {
  const { connector } = scriptedTransport(script);
  const connection = new HTTPConnection('example.org', 80, { connector, strict });
  try {
    await connection.request(method, '/');
    const response = await connection.getResponse();
    const body = decodeLatin1(await response.read());
    const fields = response.headers.toJSON().filter(([name]) => name.startsWith('X'));
    const trailers = response.trailers?.toJSON() ?? [];
    const shown = [...fields, ...trailers].map((pair) => ` ${pair.join('=')}`).join('');
    const closes = connection.reusable ? '' : ' closes';
    return `${response.status} ${JSON.stringify(body)}${shown}${closes}`;
  } catch (error) {
    return (error as Error).name;
  } finally {
    connection.close();
  }
}

const HEAD = 'HTTP/1.1 200 OK\r\n';
const LENGTH = `${HEAD}Content-Length: 2\r\n`;
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
const OK = `${LENGTH}\r\nhi`;
const many = (count: number, line: string): string => line.repeat(count);

/**
 * One or more rows for each row of docs/receiving.md: what is received, its result with strict, and with
 * `strict: false`. `=` means the same as with strict.
 */
const rows: Record<
  string,
  [answer: ScriptStep | ScriptStep[], strict: string, lenient: string, method?: string][]
> = {
  'the end of the stream, with nothing before it': [[[END], 'RemoteDisconnected', '=']],
  'a status line that does not begin with `HTTP/`, or whose code is not three digits from 100 to 999': [
    ['hello\r\n\r\n', 'BadStatusLine', '='],
    ['HTTP/1.1 099 x\r\n\r\n', 'BadStatusLine', '='],
    ['HTTP/1.1 1000 x\r\n\r\n', 'BadStatusLine', '='],
    ['HTTP/1.1  200 OK\r\nContent-Length: 2\r\n\r\nhi', 'BadStatusLine', '200 "hi"'],
    // An empty line before it is not skipped, as it is in some clients; nor is one after an interim response.
    [`\r\n${OK}`, 'BadStatusLine', '='],
    [`HTTP/1.1 100 Continue\r\n\r\n\r\n${OK}`, 'BadStatusLine', '='],
  ],
  '`HTTP/2.0 200` and the like': [['HTTP/2.0 200 OK\r\n\r\n', 'UnknownProtocol', '=']],
  '`HTTP/1.1 200` without a reason, with or without the space before it': [
    ['HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi', '200 "hi"', '='],
    ['HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nhi', '200 "hi"', '='],
  ],
  '1xx other than 101': [
    [`HTTP/1.1 100 Continue\r\n\r\n${OK}`, '200 "hi"', '='],
    [`HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${OK}`, '200 "hi"', '103 "" closes'],
    [many(101, 'HTTP/1.1 100 Continue\r\n\r\n') + OK, 'HTTPException', '='],
  ],
  'a 101 that was not asked for': [['HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n', 'HTTPException', '=']],
  'a line over 65,536 bytes; over 100 fields': [
    [`${HEAD}X: ${'x'.repeat(65_536)}\r\n\r\n`, 'LineTooLong', '='],
    [`${LENGTH}${many(99, 'A: b\r\n')}\r\nhi`, '200 "hi"', '='],
    [`${LENGTH}${many(100, 'A: b\r\n')}\r\nhi`, 'TooManyHeaders', '='],
  ],
  'lines ended by a bare LF': [
    ['HTTP/1.1 200 OK\nContent-Length: 2\n\nhi', '200 "hi"', '='],
    [`${CHUNKED}2\nhi\r\n0\r\n\r\n`, 'InvalidChunk', '200 "hi"'],
  ],
  'a bare CR, a NUL in a field line': [
    [`${LENGTH}X: a\rb\r\n\r\nhi`, 'InvalidHeader', '200 "hi" X=a'],
    [`${LENGTH}X: a\0b\r\n\r\nhi`, 'InvalidHeader', '200 "hi" X=a\0b'],
  ],
  'space before the colon, no colon, an empty name, a name that is not a token': [
    [`${LENGTH}X : a\r\n\r\nhi`, 'InvalidHeader', '200 "hi"'],
    [`${LENGTH}X\r\n\r\nhi`, 'InvalidHeader', '200 "hi"'],
    [`${LENGTH}: a\r\n\r\nhi`, 'InvalidHeader', '200 "hi"'],
    [`${LENGTH}X(: a\r\n\r\nhi`, 'InvalidHeader', '200 "hi" X(=a'],
  ],
  'obsolete folding': [
    [`${LENGTH}X: a\r\n  b\r\n\r\nhi`, '200 "hi" X=a b', '='],
    // Also in a field that determines the framing. A coding that is folded is not `chunked` for the reference, which
    // keeps the line break.
    [`${HEAD}Content-Length:\r\n 2\r\n\r\nhi`, '200 "hi"', '='],
    [`${HEAD}Content-Length: 2\r\n 3\r\n\r\nhi`, 'InvalidHeader', 'to the end'],
    [`${LENGTH}Connection: x,\r\n close\r\n\r\nhi`, '200 "hi" closes', '='],
    [
      `${LENGTH}Transfer-Encoding:\r\n chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
      '200 "abc" closes',
      '200 "3\\r" closes',
    ],
    [`${LENGTH}Transfer-Encoding: chunked\r\n x\r\n\r\nhi`, 'UnknownTransferEncoding', '200 "hi"'],
    // What is folded into another field is no field.
    [
      `${LENGTH}X: a\r\n Transfer-Encoding: chunked\r\n\r\nhi`,
      '200 "hi" X=a Transfer-Encoding: chunked',
      '=',
    ],
  ],
  'Content-Length `5, 5`, or two equal fields': [
    [`${HEAD}Content-Length: 2, 2\r\n\r\nhi`, '200 "hi"', 'to the end'],
    [`${LENGTH}Content-Length: 2\r\n\r\nhi`, '200 "hi"', '='],
  ],
  'Content-Length differing, signed, not digits, above 2^53-1': [
    [`${LENGTH}Content-Length: 3\r\n\r\nhi`, 'InvalidHeader', '200 "hi"'],
    [`${HEAD}Content-Length: +2\r\n\r\nhi`, 'InvalidHeader', '200 "hi"'],
    [`${HEAD}Content-Length: x\r\n\r\nhi`, 'InvalidHeader', 'to the end'],
    [`${HEAD}Content-Length: -2\r\n\r\nhi`, 'InvalidHeader', 'to the end'],
    [[`${HEAD}Content-Length: 9007199254740992\r\n\r\nhi`, END], 'InvalidHeader', 'IncompleteRead'],
  ],
  'Transfer-Encoding and Content-Length': [
    [`${LENGTH}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`, '200 "abc" closes', '200 "abc"'],
  ],
  'Transfer-Encoding that does not end in chunked, has another coding, is empty, has empty elements or names chunked twice':
    ['gzip', 'chunked, gzip', 'gzip, chunked', '', 'chunked,', 'chunked, chunked'].map((coding) => [
      `${LENGTH}Transfer-Encoding: ${coding}\r\n\r\nhi`,
      'UnknownTransferEncoding',
      '200 "hi"',
    ]),
  'Transfer-Encoding on HTTP/1.0': [
    [
      'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n',
      '200 "hi" closes',
      '200 "hi"',
    ],
  ],
  'chunk size: empty, signed, `0x`, underscore, space inside, over 2^53-1; a missing CRLF after the data': [
    [[`${CHUNKED}\r\nhi\r\n0\r\n\r\n`, END], 'InvalidChunk', 'IncompleteRead'],
    [`${CHUNKED}+2\r\nhi\r\n0\r\n\r\n`, 'InvalidChunk', '200 "hi"'],
    [`${CHUNKED}0x2\r\nhi\r\n0\r\n\r\n`, 'InvalidChunk', '200 "hi"'],
    [`${CHUNKED}0_2\r\nhi\r\n0\r\n\r\n`, 'InvalidChunk', '200 "hi"'],
    [[`${CHUNKED}1 0\r\nhi\r\n0\r\n\r\n`, END], 'InvalidChunk', 'IncompleteRead'],
    [[`${CHUNKED}20000000000000\r\nhi`, END], 'InvalidChunk', 'IncompleteRead'],
    [`${CHUNKED}2\r\nhi!!0\r\n\r\n`, 'InvalidChunk', '200 "hi"'],
  ],
  'chunk extensions': [[`${CHUNKED}2;a="b"\r\nhi\r\n0;c\r\n\r\n`, '200 "hi"', '=']],
  trailers: [[`${CHUNKED}2\r\nhi\r\n0\r\nT: v\r\n\r\n`, '200 "hi" T=v', '=']],
  'the end inside a body with Content-Length, inside chunks or trailers': [
    [[`${HEAD}Content-Length: 3\r\n\r\nhi`, END], 'IncompleteRead', '='],
    [[`${CHUNKED}3\r\nhi`, END], 'IncompleteRead', '='],
    [[`${CHUNKED}2\r\nhi\r\n0\r\n`, END], 'IncompleteRead', '200 "hi" closes'],
  ],
  'a reset before the response, inside the body, after it': [
    [[reset()], 'Error', '='],
    [[`${HEAD}Content-Length: 3\r\n\r\nhi`, reset()], 'IncompleteRead', '='],
    [[OK, reset()], '200 "hi"', '='],
  ],
  'HEAD, 204, 304, 1xx, CONNECT 2xx': [
    [`${HEAD}Content-Length: x\r\nTransfer-Encoding: gzip\r\n\r\n`, '200 ""', '=', 'HEAD'],
    ['HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n', '204 ""', '='],
    ['HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n', '304 ""', '='],
    [`${LENGTH}\r\n`, '200 "" closes', '=', 'CONNECT'],
  ],
  'bytes after the end of a response that keeps the connection open': [
    [`${OK}HTTP/1.1 200`, '200 "hi" closes', '='],
  ],
  '`Connection`': [
    [`${LENGTH}Connection: x, Close\r\n\r\nhi`, '200 "hi" closes', '='],
    [`${LENGTH}Connection: not-close\r\n\r\nhi`, '200 "hi"', '200 "hi" closes'],
    ['HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi', '200 "hi"', '='],
    ['HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi', '200 "hi" closes', '='],
  ],
};

describe.each(Object.entries(rows))('%s', (_row, answers) => {
  for (const [index, [answer, strict, lenient, method = 'GET']] of answers.entries()) {
    const steps = Array.isArray(answer) ? answer : [answer];
    test(`strict, response ${index + 1}`, async () => {
      expect(await outcome(method, steps, true)).toBe(strict);
    });
    test(`strict: false, response ${index + 1}`, async () => {
      // A body to the end of the stream is complete only when the stream ends.
      const toTheEnd = lenient === 'to the end';
      const expected = toTheEnd ? '200 "hi" closes' : lenient === '=' ? strict : lenient;
      expect(await outcome(method, toTheEnd ? [...steps, END] : steps, false)).toBe(expected);
    });
  }
});

test('docs/receiving.md has a row for each of these, and no other', () => {
  const page = readFileSync(new URL('../../../docs/receiving.md', import.meta.url), 'utf8');
  const documented = page
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---') && !line.startsWith('| received'))
    .map((line) => line.slice(2).split(' | ')[0]!.trim());
  expect(documented).toEqual(Object.keys(rows));
});
