import { TOLERANCES } from '@http-client/client';
import { describe, expect, test } from 'vitest';

import { judge } from './judge.js';
import { LIMITS } from './limits.js';
import { ANSWERS } from './targets/answers.js';

/** The modes that accept a whole response. */
async function passedBy(bytes: string, method = 'GET'): Promise<string[]> {
  const verdicts = await judge({ bytes, method }, LIMITS);
  return verdicts.filter(({ error }) => error === undefined).map(({ judge }) => judge);
}

const EVERYBODY = [
  'strict',
  'lenient',
  ...TOLERANCES.filter(
    (rule) => rule !== 'obsolete-fold' && rule !== 'content-length-with-transfer-encoding',
  ),
];

describe('which modes accept the sample responses', () => {
  // By docs/behaviour.md: the rule in the last column, and lenient if its column has no error.
  test.each<[string, string[]]>([
    ['truncated', ['truncated-body']],
    ['conflicting-lengths', ['lenient', 'conflicting-content-length']],
    ['folded', EVERYBODY],
    ['space-before-colon', ['lenient', 'space-before-colon']],
    ['no-colon', ['lenient', 'malformed-field-line']],
    ['bare-cr', ['lenient', 'bare-cr']],
    ['length-and-chunked', EVERYBODY],
    ['odd-chunk-size', ['lenient', 'invalid-chunk-size']],
    ['unterminated-chunk', ['missing-chunk-crlf']],
    ['lf-chunks', ['bare-lf-in-chunks']],
    ['script', EVERYBODY],
  ])('%s', async (name, judges) => {
    expect(await passedBy(ANSWERS.find((answer) => answer.name === name)!.bytes)).toEqual(judges);
  });

  test('all of them are listed', () => {
    expect(ANSWERS).toHaveLength(11);
  });
});

test('an empty response is rejected by every mode', async () => {
  expect(await passedBy('')).toEqual([]);
});

test('the method matters: with HEAD there is no body that could be truncated', async () => {
  expect(await passedBy('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 'HEAD')).toEqual(EVERYBODY);
});

test('a truncated body is reported with the error', async () => {
  const [strict] = await judge(
    { bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab', method: 'GET' },
    LIMITS,
  );
  expect(strict).toMatchObject({ response: { status: 200 }, error: { name: 'IncompleteRead' } });
});
