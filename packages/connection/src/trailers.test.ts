import { describe, expect, test } from 'vitest';

import type { HTTPConnectionOptions, HTTPResponse } from './index.js';
import { afterRequest, END } from './testing.js';
import { answer, fetched, head, rejection, stage } from './testdata/stage.js';

const CHUNKED = head('Transfer-Encoding: chunked', 'X: head');
const DATA = '4\r\nbody\r\n';

/** Ways to read a chunked body that has arrived completely, to its end. */
const ways: [name: string, read: (response: HTTPResponse) => Promise<unknown>][] = [
  ['read()', (response) => response.read()],
  ['read(n), with the last bytes', (response) => response.read(4)],
  ['readInto', (response) => response.readInto(new Uint8Array(4))],
  ['read1()', (response) => response.read1()],
  ['readLine()', (response) => response.readLine()],
];

describe('trailers', () => {
  const rows: [name: string, trailers: string, expected: [string, string][]][] = [
    ['none', '', []],
    ['one', 'A: 1\r\n', [['A', '1']]],
    [
      'several, with case, whitespace and duplicates',
      'a:1 \r\nB:  2\r\nA: 3\r\n',
      [
        ['a', '1'],
        ['B', '2'],
        ['A', '3'],
      ],
    ],
    [
      'fields of the head, and fields without effect in trailers',
      'X: trailer\r\nContent-Length: 9\r\n',
      [
        ['X', 'trailer'],
        ['Content-Length', '9'],
      ],
    ],
  ];
  for (const play of [{}, { split: 'bytes' as const }]) {
    test.each(rows)(
      `%s, kept apart from the head (${JSON.stringify(play)})`,
      async (_name, trailers, expected) => {
        const script = [`${CHUNKED}${DATA}0\r\n${trailers}\r\n`, afterRequest(), answer('next')];
        const { response, connection } = await fetched(script, { play });
        expect(response.trailers).toBeUndefined();
        expect(await response.text()).toBe('body');
        expect([...(response.trailers ?? [])]).toEqual(expected);
        expect([...response.headers]).toEqual([
          ['Transfer-Encoding', 'chunked'],
          ['X', 'head'],
        ]);
        expect(connection.reusable).toBe(true);
        await connection.request('GET', '/');
        expect(await (await connection.getResponse()).text()).toBe('next');
      },
    );
  }

  test.each(ways)('are available when the last chunk has been read, by %s', async (_name, read) => {
    const { response } = await fetched(`${CHUNKED}${DATA}0\r\nA: 1\r\n\r\n`);
    await read(response);
    expect(response.trailers?.get('a')).toBe('1');
    expect(response.closed).toBe(true);
  });

  test('are not waited for by a read that has all of its data', async () => {
    const { response } = await fetched([`${CHUNKED}${DATA}`, afterRequest()]);
    await response.read(4);
    expect(response.closed).toBe(false);
    expect(response.trailers).toBeUndefined();
    response.close();
  });

  test.each([
    ['with another framing', answer('body')],
    ['of a response without a body', 'HTTP/1.1 204 \r\n\r\n'],
  ])('%s: none', async (_name, script) => {
    const { response } = await fetched(script);
    await response.read();
    expect(response.trailers).toBeUndefined();
  });
});

describe('broken trailers', () => {
  const rows: [name: string, trailers: string, options: HTTPConnectionOptions, code: string][] = [
    ['too many', 'A: 1\r\nB: 2\r\nC: 3\r\n\r\n', { maxResponseHeaders: 2 }, 'HTTP_TOO_MANY_HEADERS'],
    [
      'too many lines, some of them folded',
      'A: 1\r\n 2\r\n 3\r\n\r\n',
      { maxResponseHeaders: 2 },
      'HTTP_TOO_MANY_HEADERS',
    ],
    ['over a hundred', `${'A: 1\r\n'.repeat(101)}\r\n`, {}, 'HTTP_TOO_MANY_HEADERS'],
    ['too long', `A: ${'a'.repeat(65_536)}\r\n\r\n`, {}, 'HTTP_LINE_TOO_LONG'],
    ['not a field', 'nothing\r\n\r\n', {}, 'HTTP_INVALID_HEADER'],
    ['a bare LF', 'A: 1\n\r\n', {}, 'HTTP_INVALID_CHUNK'],
  ];
  test.each(rows)('%s', async (_name, trailers, options, code) => {
    const { response, connection, transport } = await fetched(
      [`${CHUNKED}${DATA}0\r\n${trailers}`, END],
      options,
    );
    expect(await rejection(response.read())).toMatchObject({ code, delivery: 'answered' });
    expect(response.closed).toBe(true);
    expect(connection.reusable).toBe(false);
    expect(transport.closed).toBe(true);
  });

  test.each([
    ['as many as allowed', `${'A: 1\r\n'.repeat(100)}\r\n`, 100],
    ['as long as allowed', `A:${'a'.repeat(65_532)}\r\n\r\n`, 1],
  ])('%s are valid', async (_name, trailers, count) => {
    const { response } = await fetched(`${CHUNKED}${DATA}0\r\n${trailers}`);
    await response.read();
    expect(response.trailers?.size).toBe(count);
  });

  test('do not affect the data before them', async () => {
    const { connection } = stage([`${CHUNKED}${DATA}0\r\nnothing\r\n\r\n`]);
    await connection.request('GET', '/');
    const response = await connection.getResponse();
    expect(await response.read(4)).toHaveLength(4);
    expect(await rejection(response.read(1))).toMatchObject({ code: 'HTTP_INVALID_HEADER' });
  });
});
