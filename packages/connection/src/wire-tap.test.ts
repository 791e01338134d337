import { encodeLatin1, joined } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { HTTPConnection, type WireEvent } from './index.js';
import { END, scriptedTransport } from './testing.js';
import {
  bytesOf,
  chunk,
  head,
  LAST,
  merged,
  ok,
  READERS,
  request,
  shown,
  type Pieces,
} from './testdata/wire-pieces.js';
import { exchange, expectWire } from './testdata/wire-stage.js';

const LARGE = 'large'.repeat(60_000);

/** Responses, one for each request, each read to its end. */
const ANSWERS: [name: string, answers: readonly Pieces[], end?: 'end'][] = [
  ['a length', [[...ok('Content-Length: 12'), ['body', 'hello\nworld!']]]],
  ['no body', [ok('Content-Length: 0')]],
  ['204', [head('status-line', 'HTTP/1.1 204 No Content', 'X: 1', 'X:2')]],
  ['no fields at all', [[...ok(), ['body', 'all of it']]], 'end'],
  ['to the end of the stream', [[...ok('Connection: close'), ['body', 'hello\n\r\nworld']]], 'end'],
  ['HTTP/1.0', [[...head('status-line', 'HTTP/1.0 200', 'Server: x'), ['body', 'hello, world']]], 'end'],
  [
    'chunks',
    [
      [
        ...ok('Transfer-Encoding: chunked'),
        ...chunk('5', 'hello'),
        ...chunk('00A ; x="\xe9"', '0123456789'),
        ...LAST,
      ],
    ],
  ],
  [
    'chunks and trailers',
    [
      [
        ...ok('Transfer-Encoding: chunked', 'Trailer: A, B'),
        ...chunk('1', 'a'),
        ...chunk('2', '\r\n'),
        ['chunk-size', '000;last\r\n'],
        ['trailer', 'A: 1\r\n'],
        ['trailer', 'B: 2\r\n 3\r\n'],
        ['blank-line', '\r\n'],
      ],
    ],
  ],
  ['only the last chunk', [[...ok('Transfer-Encoding: chunked'), ...LAST]]],
  [
    'a folded field, and lines ending in LF',
    [
      [
        ['status-line', 'HTTP/1.1 200 OK\n'],
        ['header', 'A: 1\r\n\t2\n'],
        ['header', 'Content-Length: 2\n'],
        ['blank-line', '\n'],
        ['body', 'ok'],
      ],
    ],
  ],
  [
    'interim responses',
    [
      [
        ...head('status-line', 'HTTP/1.1 100 Continue'),
        ...head('status-line', 'HTTP/1.1 103 Early Hints', 'Link: </a>', 'Link: </b>'),
        ...ok('Content-Length: 7'),
        ['body', 'at last'],
      ],
    ],
  ],
  [
    'one response after another',
    [
      [...ok('Content-Length: 3'), ['body', 'one']],
      [...ok('Transfer-Encoding: chunked'), ...chunk('3', 'two'), ...LAST],
      ok('Content-Length: 0'),
    ],
  ],
  ['a large body', [[...ok(`Content-Length: ${LARGE.length}`), ['body', LARGE]]]],
  [
    'large chunks',
    [
      [
        ...ok('Transfer-Encoding: chunked'),
        ...chunk('493E0', LARGE),
        ...chunk('7', 'a small'),
        ...chunk('493E0', LARGE),
        ...LAST,
      ],
    ],
  ],
];

describe('what is received', () => {
  const rows = ANSWERS.flatMap(([name, answers, end]) =>
    Object.keys(READERS).map((reader) => ({ name, answers, end, reader })),
  );

  test.each(rows)('$name, by $reader', async ({ answers, end, reader }) => {
    const size = joined(...answers.map(bytesOf)).length;
    for (const block of size > 5000 ? [size, 40_000] : [size, 7, 1]) {
      const seen = await exchange(
        async (peer) => {
          for (const pieces of answers) {
            await peer.request();
            await peer.sendIn(block, bytesOf(pieces));
          }
          if (end !== undefined) peer.finish();
        },
        async (connection) => {
          for (let count = 0; count < answers.length; count++) {
            await connection.request('GET', '/');
            await READERS[reader]!(await connection.getResponse());
          }
        },
      );
      expectWire(
        seen,
        answers.flatMap(() => request('GET /')),
        answers.flat(),
      );
    }
  });

  test.each(ANSWERS.slice(0, -2))('%s, split anywhere', async (_, answers, end) => {
    // In memory, where each part is certain to be a separate block.
    const bytes = bytesOf(answers[0]!);
    const seen = new Set<string>();
    for (let cut = 0; cut <= bytes.length; cut++) {
      const events: WireEvent[] = [];
      const { connector } = scriptedTransport(end === undefined ? [bytes] : [bytes, END], { split: [cut] });
      const connection = new HTTPConnection('a', 80, { connector, onWire: (event) => events.push(event) });
      await connection.request('GET', '/');
      await (await connection.getResponse()).read();
      connection.close();
      seen.add(JSON.stringify(merged(shown(events, 'received'))));
    }
    expect([...seen]).toEqual([JSON.stringify(merged(answers[0]!))]);
  });
});

describe('what is received with strict off', () => {
  const rows: [name: string, pieces: Pieces][] = [
    [
      'lines that are no fields, some of which look like the end',
      [
        ['status-line', 'HTTP/1.1 200 OK\r\n'],
        ['header', 'A: b\r\r\n'],
        ['header', 'x\n'],
        ['header', '\rC: d\n'],
        ['header', '\r\r\n'],
        ['blank-line', '\r\n'],
        ['body', 'hello'],
      ],
    ],
    [
      'a head that ends within a line',
      [
        ['status-line', 'HTTP/1.1 200 OK\r\n'],
        ['header', 'A: b'],
      ],
    ],
    ['a status line that does not end', [['status-line', 'HTTP/1.1 200 OK']]],
    [
      'chunks that do not end as they should',
      [
        ...ok('Transfer-Encoding: chunked'),
        ['chunk-size', '2;x\n'],
        ['chunk-data', 'ok'],
        ['chunk-end', '??'],
        ['chunk-size', '0\r\n'],
        ['trailer', 'T: u\n'],
        ['blank-line', '\n'],
      ],
    ],
    [
      'a last chunk without an end',
      [...ok('Transfer-Encoding: chunked'), ...chunk('2', 'ok'), ['chunk-size', '0']],
    ],
  ];
  test.each(rows)('%s, split anywhere', async (_, pieces) => {
    const bytes = bytesOf(pieces);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const events: WireEvent[] = [];
      const { connector } = scriptedTransport([bytes, END], { split: [cut] });
      const onWire = (event: WireEvent): number => events.push(event);
      const connection = new HTTPConnection('a', 80, { connector, strict: false, onWire });
      await connection.request('GET', '/');
      await (await connection.getResponse()).read();
      connection.close();
      expect(merged(shown(events, 'received'))).toEqual(merged(pieces));
    }
  });
});

describe('what is sent', () => {
  const blocks = ['one', '', 'three'];
  const later = async function* (...of: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
    for (const block of of) {
      await Promise.resolve();
      yield block;
    }
  };
  const own = { 'Transfer-Encoding': 'chunked' };
  const coding = 'Transfer-Encoding: chunked';
  const many = Array.from({ length: 300 }, (_, index): [string, string] => [`T${index}`, 'x'.repeat(300)]);
  const wide: [string, string][] = [['T', 'x'.repeat(70_000)]];

  const rows: [name: string, run: (connection: HTTPConnection) => Promise<void>, sent: Pieces][] = [
    [
      'text',
      (c) => c.request('POST', '/', { body: 'h\xe9llo' }),
      [...request('POST /', 'Content-Length: 5'), ['body', 'h\xe9llo']],
    ],
    ['an empty body', (c) => c.request('POST', '/', { body: '' }), request('POST /', 'Content-Length: 0')],
    [
      'a large body in memory',
      (c) => c.request('PUT', '/', { body: encodeLatin1(LARGE) }),
      [...request('PUT /', `Content-Length: ${LARGE.length}`), ['body', LARGE]],
    ],
    [
      'a body in blocks',
      (c) => c.request('PUT', '/', { body: blocks }),
      [...request('PUT /', coding), ...chunk('3', 'one'), ...chunk('5', 'three'), ...LAST],
    ],
    [
      'large blocks',
      (c) => c.request('PUT', '/', { body: later(LARGE, 'a', LARGE) }),
      [
        ...request('PUT /', coding),
        ...chunk('493E0', LARGE),
        ...chunk('1', 'a'),
        ...chunk('493E0', LARGE),
        ...LAST,
      ],
    ],
    [
      'trailers',
      (c) => c.request('PUT', '/', { body: later('\r\n0\r\n\r\n'), trailers: () => ({ A: '1\x01', B: '' }) }),
      [
        ...request('PUT /', coding),
        ...chunk('7', '\r\n0\r\n\r\n'),
        ['chunk-size', '0\r\n'],
        ['trailer', 'A: 1\x01\r\n'],
        ['trailer', 'B: \r\n'],
        ['blank-line', '\r\n'],
      ],
    ],
    ...[many, wide].map((trailers): [string, (c: HTTPConnection) => Promise<void>, Pieces] => [
      `${trailers.length} trailers of ${trailers[0]![1].length} characters`,
      (c) => c.request('PUT', '/', { body: 'a', trailers: () => trailers }),
      [
        ...request('PUT /', coding),
        ...chunk('1', 'a'),
        ['chunk-size', '0\r\n'],
        ...trailers.map(([name, value]) => ['trailer', `${name}: ${value}\r\n`] as const),
        ['blank-line', '\r\n'],
      ],
    ]),
    [
      'the caller’s transfer coding, encoded here',
      (c) => c.request('PUT', '/', { body: 'hello', headers: own, encodeChunked: true }),
      [...request('PUT /', coding), ...chunk('5', 'hello'), ...LAST],
    ],
    [
      'the caller’s transfer coding, unchanged',
      (c) => c.request('PUT', '/', { body: ['1\r\na', '\r\n0\r\n\r\n'], headers: own }),
      [...request('PUT /', coding), ['body', '1\r\na\r\n0\r\n\r\n']],
    ],
    [
      'the caller’s length',
      (c) => c.request('PUT', '/', { body: blocks, headers: { 'content-length': 8 } }),
      [...request('PUT /', 'content-length: 8'), ['body', 'onethree']],
    ],
    [
      'step by step',
      async (c) => {
        c.putRequest('PUT', '/');
        c.putHeader('A', '1', '2');
        c.putHeader('Content-Length', 11);
        await c.endHeaders();
        await c.send(['on', '', 'etw']);
        await c.send('othree');
      },
      [...request('PUT /', 'A: 1\r\n\t2', 'Content-Length: 11'), ['body', 'onetwothree']],
    ],
    [
      'step by step, in chunks',
      async (c) => {
        c.putRequest('PUT', '/');
        c.putHeader('Transfer-Encoding', 'chunked');
        await c.endHeaders(blocks, { encodeChunked: true });
      },
      [...request('PUT /', coding), ...chunk('3', 'one'), ...chunk('5', 'three'), ...LAST],
    ],
    [
      'two uploads on one connection',
      async (c) => {
        await c.request('PUT', '/1', { body: blocks });
        await (await c.getResponse()).read();
        await c.request('PUT', '/2', { body: blocks });
      },
      [1, 2].flatMap((n) => [
        ...request(`PUT /${n}`, coding),
        ...chunk('3', 'one'),
        ...chunk('5', 'three'),
        ...LAST,
      ]),
    ],
  ];

  test.each(rows)('%s', async (_, run, sent) => {
    const answers: Pieces[] = [];
    const seen = await exchange(
      async (peer) => {
        do {
          await peer.request();
          answers.push(ok('Content-Length: 0'));
          peer.send(bytesOf(ok('Content-Length: 0')));
        } while (answers.length < sent.filter(([part]) => part === 'request-line').length);
      },
      async (connection) => {
        await run(connection);
        await (await connection.getResponse()).read();
      },
    );
    expectWire(seen, sent, answers.flat());
  });
});

describe('Expect: 100-continue', () => {
  const headers = { Expect: '100-continue' };
  const announced = request('PUT /', 'Content-Length: 4', 'Expect: 100-continue');
  const CONTINUE = head('status-line', 'HTTP/1.1 100 Continue');

  test.each<[string, Pieces, Pieces]>([
    ['a 100', CONTINUE, [['body', 'body']]],
    [
      'an early hint and a 100',
      [...head('status-line', 'HTTP/1.1 103 Hint', 'A: 1'), ...CONTINUE],
      [['body', 'body']],
    ],
    ['a refusal', [], []],
  ])('%s', async (_, interim, body) => {
    const refusal: Pieces = [...head('status-line', 'HTTP/1.1 417 No', 'Content-Length: 2'), ['body', 'no']];
    const seen = await exchange(
      async (peer) => {
        await peer.until('\r\n\r\n');
        peer.send(bytesOf(interim));
        if (body.length > 0) await peer.until('body');
        peer.send(bytesOf(refusal));
      },
      async (connection) => {
        await connection.request('PUT', '/', { body: 'body', headers });
        await (await connection.getResponse()).read();
      },
      { continueTimeout: 60_000 },
    );
    expectWire(seen, [...announced, ...body], [...interim, ...refusal]);
    // In the order of events: nothing of the body before the 100.
    const parts = seen.events.map(({ direction, part }) => `${direction} ${part}`);
    if (body.length > 0)
      expect(parts.indexOf('sent body')).toBeGreaterThan(parts.indexOf('received blank-line'));
  });
});
