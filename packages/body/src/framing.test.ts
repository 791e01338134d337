import { quote } from '@http-client/errors';
import { HTTPMessage, type Tolerance } from '@http-client/headers';
import { describe, expect, test } from 'vitest';

import { responseFraming, type FramingInput } from './framing.js';

/** Fields as one line each; the values are used unchanged. */
const fields = (...lines: string[]): HTTPMessage =>
  new HTTPMessage(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
    }),
  );

const frame = (lines: string[], input: Partial<FramingInput> = {}): object => {
  const { violations, ...framing } = responseFraming({
    method: 'GET',
    status: 200,
    version: 11,
    headers: fields(...lines),
    strict: true,
    ...input,
  });
  return { ...framing, rules: violations.map(({ rule }) => rule) };
};
const error = (lines: string[], input?: Partial<FramingInput>): unknown => {
  try {
    return frame(lines, input);
  } catch (thrown) {
    return thrown;
  }
};

const CHUNKED = 'Transfer-Encoding: chunked';
const BOTH: Tolerance = 'content-length-with-transfer-encoding';
const open = { willClose: false, rules: [] };
const closing = { willClose: true, rules: [] };

describe('RFC 9112, section 6.3', () => {
  // Fields that would be rejected anywhere else, or contradict each other.
  const wild = [
    [],
    ['Content-Length: 5'],
    ['Content-Length: five'],
    ['Content-Length: 5', 'Content-Length: 6'],
    [CHUNKED],
    ['Transfer-Encoding: gzip'],
    [CHUNKED, 'Content-Length: 5'],
  ];
  test.each(wild.map((lines) => [lines]))('1. and 2.: no body, whatever %j says', (lines) => {
    for (const strict of [true, false]) {
      for (const version of [10, 11] as const) {
        const none = { kind: 'none', willClose: version === 10, rules: [] };
        for (const status of [100, 101, 103, 199, 204, 304]) {
          expect(frame(lines, { status, strict, version })).toEqual(none);
        }
        for (const status of [200, 204, 404]) {
          expect(frame(lines, { method: 'HEAD', status, strict, version })).toEqual(none);
        }
        for (const status of [200, 201, 299]) {
          expect(frame(lines, { method: 'CONNECT', status, strict, version })).toEqual(none);
        }
      }
    }
  });

  test.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ])('but after a coding in an HTTP/1.0 response to %s with %i, the connection closes', (method, status) => {
    // RFC 9112, section 6.1: "as if the framing is faulty", in spite of keep-alive.
    const lines = [CHUNKED, 'Connection: keep-alive'];
    expect(frame(lines, { method, status, version: 10 })).toEqual({ kind: 'none', ...closing });
    for (const other of [{ version: 11 as const }, { version: 10 as const, strict: false }])
      expect(frame(lines, { method, status, ...other })).toEqual({ kind: 'none', ...open });
  });

  test.each([
    ['CONNECT', 407],
    ['CONNECT', 300],
    ['connect', 200],
    ['head', 200],
    ['GET', 205],
    ['GET', 305],
    ['OPTIONS', 200],
    ['POST', 201],
    ['GET', 999],
  ])('but the response to %s with %i has one', (method, status) => {
    expect(frame(['Content-Length: 5'], { method, status })).toEqual({ kind: 'length', length: 5, ...open });
  });

  test('3. Transfer-Encoding beside Content-Length: chunked, and the connection is not reused', () => {
    for (const length of ['5', 'five', '5, 6', '-1', '']) {
      expect(frame([CHUNKED, `Content-Length: ${length}`])).toEqual({
        kind: 'chunked',
        willClose: true,
        rules: [BOTH],
      });
    }
    // The reference would reuse it.
    const reference = frame([CHUNKED, 'Content-Length: 5'], { strict: false });
    expect(reference).toEqual({ kind: 'chunked', willClose: false, rules: [BOTH] });
  });

  test.each(['chunked', 'Chunked', 'CHUNKED'])('4. the coding %s', (coding) => {
    expect(frame([`Transfer-Encoding: ${coding}`])).toEqual({ kind: 'chunked', ...open });
    expect(frame([`transfer-encoding: ${coding}`, 'Connection: close'])).toEqual({
      kind: 'chunked',
      ...closing,
    });
    // HTTP/1.0 has no codings, so the connection closes in spite of keep-alive.
    const old = frame([`Transfer-Encoding: ${coding}`, 'Connection: keep-alive'], { version: 10 });
    expect(old).toEqual({ kind: 'chunked', ...closing });
  });

  test('4. chunked with whitespace around it, as in a message that was not received', () => {
    expect(frame(['Transfer-Encoding: \tChunked '])).toEqual({ kind: 'chunked', ...open });
  });

  // With the rule relaxed, it is framed as by the reference.
  test.each<[lines: string[], kind: string]>([
    [['Transfer-Encoding: gzip'], 'close'],
    [['Transfer-Encoding: identity'], 'close'],
    [['Transfer-Encoding: gzip, chunked'], 'close'],
    [['Transfer-Encoding: chunked, gzip'], 'close'],
    [['Transfer-Encoding: chunked, chunked'], 'close'],
    [['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], 'chunked'],
    [['Transfer-Encoding: chunked', 'Transfer-Encoding: gzip'], 'chunked'],
    [['Transfer-Encoding: gzip', 'Transfer-Encoding: chunked'], 'close'],
    [['Transfer-Encoding: chunked', 'Transfer-Encoding:'], 'chunked'],
    [['Transfer-Encoding:'], 'close'],
    [['Transfer-Encoding: ,'], 'close'],
    [['Transfer-Encoding: chunked,'], 'close'],
    [['Transfer-Encoding: ,chunked'], 'close'],
    [['Transfer-Encoding: chunked;a=b'], 'close'],
    [['Transfer-Encoding: chun ked'], 'close'],
    [['Transfer-Encoding: "chunked"'], 'close'],
    [['Transfer-Encoding: xchunked'], 'close'],
    [['Transfer-Encoding: chunkedchunked'], 'close'],
    [['Transfer-Encoding: chunked\xa0'], 'close'],
  ])('4. the coding in %j is unknown', (lines, kind) => {
    const values = lines.map((line) => line.slice('Transfer-Encoding:'.length)).join(',');
    const codings = values.split(',').map((coding) => coding.replace(/^[ \t]+|[ \t]+$/g, ''));
    for (const version of [10, 11] as const) {
      expect(error(lines, { version })).toMatchObject({ name: 'UnknownTransferEncoding' });
      const relaxed = { version, tolerate: ['unknown-transfer-coding'] as const };
      expect(frame(lines, relaxed)).toEqual({ kind, willClose: true, rules: ['unknown-transfer-coding'] });
      const beside = kind === 'close' ? { kind: 'length', length: 5 } : { kind };
      const rules = ['unknown-transfer-coding', BOTH];
      expect(frame([...lines, 'Content-Length: 5'], relaxed)).toEqual({ ...beside, willClose: true, rules });
    }
    expect(String(error(lines))).toContain(`the transfer coding ${quote(codings.join(', '))} is not`);
  });

  test.each<[lines: string[], broken: Tolerance[], length: number | undefined]>([
    [['-1'], ['invalid-content-length'], undefined],
    [['+5'], ['invalid-content-length'], 5],
    [['-0'], ['invalid-content-length'], 0],
    [['5_0'], ['invalid-content-length'], 50],
    [['0x5'], ['invalid-content-length'], undefined],
    [['5.0'], ['invalid-content-length'], undefined],
    [['five'], ['invalid-content-length'], undefined],
    [[''], ['invalid-content-length'], undefined],
    [['\xb2'], ['invalid-content-length'], undefined],
    [['5\xa0'], ['invalid-content-length'], 5],
    [['5 5'], ['invalid-content-length'], undefined],
    [['5;6'], ['invalid-content-length'], undefined],
    // The characters just before 0 and just after 9.
    [['5/'], ['invalid-content-length'], undefined],
    [['5:'], ['invalid-content-length'], undefined],
    [['9007199254740992'], ['invalid-content-length'], Number.MAX_SAFE_INTEGER],
    [['1' + '0'.repeat(400)], ['invalid-content-length'], Number.MAX_SAFE_INTEGER],
    [['5,'], ['invalid-content-length'], 5],
    [[',5'], ['invalid-content-length'], undefined],
    [['5', ''], ['invalid-content-length'], 5],
    [['5', '+5'], ['invalid-content-length'], 5],
    [['x', '5'], ['invalid-content-length'], undefined],
    [['5, 6'], ['conflicting-content-length'], 5],
    [['5', '6'], ['conflicting-content-length'], 5],
    [['6', '5'], ['conflicting-content-length'], 6],
    [['5, 05'], ['conflicting-content-length'], 5],
    [['5', '5', '6'], ['conflicting-content-length'], 5],
    [['5', '+5', '6'], ['invalid-content-length', 'conflicting-content-length'], 5],
    [['x, 5, 6'], ['invalid-content-length', 'conflicting-content-length'], undefined],
  ])('5. Content-Length %j', (values, broken, length) => {
    const lines = values.map((value) => `Content-Length: ${value}`);
    const refused = error(lines);
    expect(refused).toMatchObject({ name: 'InvalidHeader' });
    // The limit is named: a number that only exceeds it looks valid.
    const why =
      broken[0] === 'invalid-content-length' ? 'is not a number from 0 to 2^53-1' : 'names several lengths';
    expect(String(refused)).toContain(
      `Content-Length ${quote(values.join(', '))} ${why} (RFC 9110, section 8.6)`,
    );
    expect((refused as { line: string }).line).toBe(`Content-Length: ${values.join(', ')}`.slice(0, 200));
    // Each rule has to be relaxed by itself.
    const others: Tolerance[] = ['unknown-transfer-coding', 'truncated-body', 'invalid-chunk-size'];
    for (const rule of broken) {
      expect(
        error(lines, { tolerate: [...others, ...broken.filter((other) => other !== rule)] }),
      ).toMatchObject({
        name: 'InvalidHeader',
      });
    }
    const kind = length === undefined ? { kind: 'close' } : { kind: 'length', length };
    expect(frame(lines, { tolerate: broken })).toEqual({ ...kind, willClose: true, rules: broken });
  });

  test.each([
    [['5'], 5],
    [['0'], 0],
    [['007'], 7],
    [['9007199254740991'], Number.MAX_SAFE_INTEGER],
    [['0'.repeat(5000) + '5'], 5],
    [['5, 5'], 5],
    [['5,5 ,\t5'], 5],
    [['5', '5'], 5],
  ])('6. Content-Length %j', (values, length) => {
    const lines = values.map((value) => `content-length: ${value}`);
    expect(frame(lines)).toEqual({ kind: 'length', length, ...open });
    expect(frame(lines, { version: 10 })).toEqual({ kind: 'length', length, ...closing });
    const kept = frame([...lines, 'Connection: keep-alive'], { version: 10 });
    expect(kept).toEqual({ kind: 'length', length, ...open });
  });

  test('8. neither field: up to the end of the stream', () => {
    expect(frame([])).toEqual({ kind: 'close', ...closing });
    expect(frame(['Connection: keep-alive'])).toEqual({ kind: 'close', ...closing });
    expect(frame([], { strict: false })).toEqual({ kind: 'close', ...closing });
  });
});

test('only false turns strict off', () => {
  for (const strict of [undefined, true]) {
    expect(error(['Transfer-Encoding: gzip'], { strict })).toMatchObject({ name: 'UnknownTransferEncoding' });
    expect(error(['Content-Length: +5'], { strict })).toMatchObject({ name: 'InvalidHeader' });
    expect(frame(['Content-Length: 5', CHUNKED], { strict })).toMatchObject({ willClose: true });
    expect(frame(['Connection: foreclosed', 'Content-Length: 5'], { strict })).toMatchObject({
      willClose: false,
    });
  }
});

test('describes what was tolerated', () => {
  const { violations } = responseFraming({
    method: 'GET',
    status: 200,
    version: 11,
    headers: fields('Transfer-Encoding: gzip, chunked', 'Content-Length: +5, 6, 7'),
    strict: true,
    tolerate: ['unknown-transfer-coding', 'invalid-content-length', 'conflicting-content-length'],
  });
  expect(violations).toEqual([
    {
      rule: 'unknown-transfer-coding',
      detail: 'the transfer coding "gzip, chunked" is not one "chunked" (RFC 9112, section 6.1)',
    },
    {
      rule: 'content-length-with-transfer-encoding',
      detail: 'Content-Length "+5, 6, 7" stands beside a Transfer-Encoding',
    },
    {
      rule: 'invalid-content-length',
      detail: 'Content-Length "+5, 6, 7" is not a number from 0 to 2^53-1 (RFC 9110, section 8.6)',
    },
    {
      rule: 'conflicting-content-length',
      detail: 'Content-Length "+5, 6, 7" names several lengths (RFC 9110, section 8.6)',
    },
  ]);
});
