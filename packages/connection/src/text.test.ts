import { IncompleteRead } from '@http-client/errors';
import { describe, expect, test } from 'vitest';

import { afterWrite, END } from './testing.js';
import { answer, bytes, fetched, rejection, text } from './testdata/stage.js';

const utf8 = (string: string): string => text(new TextEncoder().encode(string));

describe('text()', () => {
  const rows: [name: string, contentType: string | undefined, body: string, expected: string][] = [
    ['no Content-Type is UTF-8', undefined, utf8('grüße €'), 'grüße €'],
    ['no charset is UTF-8', 'text/html', utf8('grüße €'), 'grüße €'],
    ['an empty charset is UTF-8', 'text/html; charset=""', utf8('grüße €'), 'grüße €'],
    ['UTF-8, in any case', 'text/plain; CHARSET="Utf-8"', utf8('grüße €'), 'grüße €'],
    ['a byte order mark is removed', 'text/plain; charset=utf-8', utf8('\ufeffgrüße'), 'grüße'],
    ['ISO-8859-1', 'text/plain; charset=iso-8859-1', 'gr\xfc\xdfe', 'grüße'],
    ['UTF-16', 'text/plain; charset=utf-16le', 'a\0\xac\x20', 'a€'],
    ['UTF-16 in the byte order of its mark', 'text/plain; charset=utf-16', '\xfe\xff\0a\x20\xac', 'a€'],
    ['UTF-16 in the other byte order', 'text/plain; charset=UTF-16', '\xff\xfea\0\xac\x20', 'a€'],
    ['UTF-16 without a mark, ending as one', 'text/plain; charset=utf-16', '\x21\xff', 'Ａ'],
    ['UTF-16 without a mark, beginning as one', 'text/plain; charset=utf-16', '\xfe\x41', '䇾'],
    ['Shift JIS', 'text/plain; charset=shift_jis', '\x93\xfa\x96\x7b', '日本'],
    ['invalid UTF-8', undefined, 'a\xffb', 'a\ufffdb'],
    ['nothing', 'text/plain', '', ''],
  ];
  test.each(rows)('%s', async (_name, type, body, expected) => {
    const fields = type === undefined ? [] : [`Content-Type: ${type}`];
    for (const split of ['bytes', 1000] as const) {
      const { response } = await fetched(answer(body, ...fields), { play: { split } });
      expect(await response.text()).toBe(expected);
    }
  });

  test('an unknown charset is a RangeError, and the body can still be read', async () => {
    const { response, connection } = await fetched(
      answer('body', 'Content-Type: text/plain; charset=klingon'),
    );
    const error = await rejection(response.text());
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toContain('"klingon"');
    expect(response.closed).toBe(false);
    expect(await response.bytes()).toEqual(bytes('body'));
    expect(connection.reusable).toBe(true);
  });

  test('a charset of any length is truncated in the error', async () => {
    const { response } = await fetched(answer('', `Content-Type: text/plain; charset=${'k'.repeat(60_000)}`));
    expect((await rejection(response.text())).message.length).toBeLessThan(200);
  });

  test('returns what is left', async () => {
    const { response } = await fetched(answer('one\ntwo'));
    await response.readLine();
    expect(await response.text()).toBe('two');
    expect(await response.text()).toBe('');
  });

  test('is not affected by a truncated character of the previous response', async () => {
    for (const half of ['\xc3', '\xa4']) {
      const { response } = await fetched(answer(half));
      expect(await response.text()).toBe('\ufffd');
    }
  });

  test('takes nothing of the next response in the same block', async () => {
    const first = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n';
    const { response, connection } = await fetched([first, afterWrite(1), `one${answer('two')}`]);
    await connection.request('GET', '/');
    expect(await response.text()).toBe('one');
    const next = await connection.getResponse();
    expect(await next.text()).toBe('two');
    expect(connection.reusable).toBe(true);
  });

  test.each(['te', 'text'])('of a response that was closed after "%s" is not empty', async (come) => {
    const { response } = await fetched([`HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n${come}`]);
    response.close();
    const closed = 'Cannot read the response body: ';
    await expect(response.text()).rejects.toThrow(closed);
    await expect(response.json()).rejects.toThrow(closed);
    await expect(response.bytes()).rejects.toThrow(closed);
  });

  // Who logs the failure, and passes the response on, must not make an empty body of a truncated one.
  test('of a response that broke off rejects again', async () => {
    const { response } = await fetched(['HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nte', END]);
    await expect(response.text()).rejects.toThrow(IncompleteRead);
    await expect(response.text()).rejects.toThrow('Cannot read the response body: ');
    await expect(response.bytes()).rejects.toThrow('Cannot read the response body: ');
  });

  // The index of windows-1252 in the WHATWG Encoding standard, from 0x80 on.
  const index = [
    [0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d],
    [0x17d, 0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a],
    [0x153, 0x9d, 0x17e, 0x178],
  ].flat();
  const upper = Array.from({ length: 0x60 }, (_, at) => 0xa0 + at);
  test.each(['windows-1252', 'iso-8859-1', 'latin1', 'us-ascii'])(
    'in %s is the same on every platform, as browsers read it',
    async (charset) => {
      const body = text(Uint8Array.from({ length: 256 }, (_, at) => at));
      const { response } = await fetched(answer(body, `Content-Type: text/plain; charset=${charset}`));
      const codes = Array.from(await response.text(), (character) => character.charCodeAt(0));
      expect(codes.slice(0x80)).toEqual([...index, ...upper]);
    },
  );
});

describe('json()', () => {
  const rows: [name: string, body: string, expected: unknown][] = [
    ['an object', '{"a": [1, null, "\\u20ac"]}', { a: [1, null, '€'] }],
    ['UTF-8, whatever the charset says', utf8('"grüße"'), 'grüße'],
    ['a byte order mark', utf8('\ufeff[]'), []],
    ['a member named __proto__', '{"__proto__": 1}', JSON.parse('{"__proto__": 1}')],
  ];
  test.each(rows)('%s', async (_name, body, expected) => {
    const { response } = await fetched(answer(body, 'Content-Type: application/json; charset=iso-8859-1'));
    expect(await response.json()).toEqual(expected);
  });

  test.each([[''], ['{'], ['nothing of the kind'], ['[1,]']])('%o is a SyntaxError', async (body) => {
    const { response, connection } = await fetched([answer(body), afterWrite(1), answer('{}')]);
    expect(await rejection(response.json())).toBeInstanceOf(SyntaxError);
    expect(connection.reusable).toBe(true);
    await connection.request('GET', '/');
    const next = await connection.getResponse();
    expect(await next.json()).toEqual({});
  });
});
