import { describe, expect, test } from 'vitest';

import { aimedAt, NEW, planOf, type Composition } from './composition.js';

const names = (composition: Partial<Composition>): string[] =>
  planOf({ ...NEW, headers: [], ...composition }).map(({ call }) => call);

const sent = (composition: Partial<Composition>): string =>
  planOf({ ...NEW, headers: [], ...composition })
    .map((call) => (call.call === 'send' ? call.data : ''))
    .join('');

const put = (composition: Partial<Composition>): string[] =>
  planOf({ ...NEW, headers: [], ...composition }).flatMap((call) =>
    call.call === 'putHeader' ? [`${call.name}: ${call.value}`] : [],
  );

describe('step by step', () => {
  test.each<[string, Partial<Composition>, string[]]>([
    ['no body', {}, ['putRequest', 'endHeaders', 'getResponse', 'read']],
    ['a body', { body: 'x' }, ['putRequest', 'putHeader', 'endHeaders', 'send', 'getResponse', 'read']],
    [
      'a body in chunks of two bytes, and the last chunk',
      { body: 'abc', chunked: true, blockSize: 2 },
      ['putRequest', 'putHeader', 'endHeaders', 'send', 'send', 'send', 'getResponse', 'read'],
    ],
    [
      'fields without a name are left out',
      { headers: [['', 'x']] },
      ['putRequest', 'endHeaders', 'getResponse', 'read'],
    ],
  ])('%s', (_name, composition, calls) => {
    expect(names(composition)).toEqual(calls);
  });

  test.each<[Partial<Composition>, string[], string]>([
    // The length is in bytes: ü has two.
    [{ body: 'grün' }, ['Content-Length: 5'], 'grün'],
    [
      { body: 'grün', chunked: true, blockSize: 3 },
      ['Transfer-Encoding: chunked'],
      '2\r\ngr\r\n3\r\nün\r\n0\r\n\r\n',
    ],
    [
      { body: 'ab', trailers: [['X-Sum', '1']] },
      ['Transfer-Encoding: chunked'],
      '2\r\nab\r\n0\r\nX-Sum: 1\r\n\r\n',
    ],
    [{ trailers: [['X-Sum', '1']] }, ['Transfer-Encoding: chunked'], '0\r\nX-Sum: 1\r\n\r\n'],
    [{ body: 'ab', expectContinue: true }, ['Content-Length: 2', 'Expect: 100-continue'], 'ab'],
  ])('the framing of %j', (composition, fields, body) => {
    expect(put(composition)).toEqual(fields);
    expect(sent(composition)).toBe(body);
  });
});

test('all in one request', () => {
  const composition = { ...NEW, whole: true, body: 'ab', chunked: true, expectContinue: true };
  expect(planOf({ ...composition, trailers: [['X', '1']] })[0]).toEqual({
    call: 'request',
    method: 'GET',
    target: '/',
    headers: [
      ['Accept', 'text/plain'],
      ['Expect', '100-continue'],
    ],
    body: 'ab',
    blockSize: 16,
    trailers: [['X', '1']],
  });
});

test('choosing a server takes its example request, and that of the next server later', () => {
  const target = { name: 'x', title: '', about: '', kind: 'server', url: '' } as const;
  const aimed = aimedAt(NEW, { ...target, example: { method: 'POST', body: 'b', expectContinue: true } });
  expect(aimed).toMatchObject({ method: 'POST', body: 'b', expectContinue: true, settings: { server: 'x' } });
  expect(aimedAt(aimed, target)).toMatchObject({ method: 'GET', body: '', expectContinue: false });
});
