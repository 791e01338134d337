import { decodeLatin1, encodeLatin1, joined } from '@http-client/io';
import { describe, expect, test } from 'vitest';

import { HTTPConnection, type HTTPResponse, type WireEvent } from './index.js';
import { END, scriptedTransport } from './testing.js';
import { outcome } from './testdata/stage.js';
import {
  bytesOf,
  chunk,
  head,
  LAST,
  merged,
  ok,
  request,
  shown,
  type Pieces,
} from './testdata/wire-pieces.js';
import { exchange, expectWire } from './testdata/wire-stage.js';

describe('what is left if an exchange ends early', () => {
  const CHUNKED = ok('Transfer-Encoding: chunked');
  const rows: [name: string, came: Pieces, fails: string | undefined][] = [
    [
      'bytes after the response',
      [...ok('Content-Length: 2'), ['body', 'ok'], ['excess', 'HTTP/1.1 200 OK\r\n\r\n']],
      undefined,
    ],
    ['bytes after the last chunk', [...CHUNKED, ...chunk('2', 'ok'), ...LAST, ['excess', '\r\n']], undefined],
    [
      'bytes after a response without a body',
      [...head('status-line', 'HTTP/1.1 204 None'), ['excess', 'body']],
      undefined,
    ],
    ['a truncated body', [...ok('Content-Length: 10'), ['body', 'hello']], 'IncompleteRead'],
    [
      'a truncated chunk',
      [...CHUNKED, ...chunk('2', 'ok'), ['chunk-size', 'A\r\n'], ['chunk-data', 'hello']],
      'IncompleteRead',
    ],
    [
      'a chunk without its end',
      [...CHUNKED, ['chunk-size', '2\r\n'], ['chunk-data', 'ok']],
      'IncompleteRead',
    ],
    ['a body without its last chunk', [...CHUNKED, ...chunk('2', 'ok')], 'IncompleteRead'],
    ['half a status line', [['excess', 'HTTP/1.1 20']], 'IncompleteRead'],
    ['half a head', [['excess', 'HTTP/1.1 200 OK\r\nA: 1\r\nB']], 'IncompleteRead'],
    [
      'an interim response and half a head',
      [...head('status-line', 'HTTP/1.1 102 P'), ['excess', 'HTTP']],
      'IncompleteRead',
    ],
    ['half a chunk size', [...CHUNKED, ...chunk('2', 'ok'), ['chunk-size', '1']], 'IncompleteRead'],
    ['half a last chunk', [...CHUNKED, ...chunk('2', 'ok'), ['chunk-size', '0\r\n']], 'IncompleteRead'],
    ['half the trailers', [...CHUNKED, ['chunk-size', '0\r\n'], ['trailer', 'A: 1\r\nB']], 'IncompleteRead'],
    ['an invalid status line', [['excess', 'SSH-2.0\r\n']], 'BadStatusLine'],
    ['an invalid field', [['excess', 'HTTP/1.1 200 OK\r\nA b\r\n\r\n']], 'InvalidHeader'],
    [
      'framing that contradicts itself',
      [...ok('Content-Length: 1', 'Content-Length: 2'), ['excess', 'ab']],
      'InvalidHeader',
    ],
    ['an invalid trailer', [...CHUNKED, ['chunk-size', '0\r\n'], ['excess', 'A b\r\n\r\n']], 'InvalidHeader'],
    ['an invalid chunk size', [...CHUNKED, ...chunk('2', 'ok'), ['excess', 'x\r\n']], 'InvalidChunk'],
  ];

  test.each(rows)('%s', async (_, came, fails) => {
    const seen = await exchange(
      async (peer) => {
        await peer.request();
        peer.send(bytesOf(came));
        peer.finish();
      },
      async (connection) => {
        await connection.request('GET', '/');
        const reading = connection.getResponse().then((response) => response.read());
        await reading.then(
          () => {
            expect(fails).toBeUndefined();
          },
          (error: unknown) => {
            expect(error).toHaveProperty('name', fails);
          },
        );
      },
    );
    expectWire(seen, request('GET /'), came);
  });

  test.each(rows)('%s, split anywhere', async (_, came) => {
    const bytes = bytesOf(came);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const events: WireEvent[] = [];
      const { connector } = scriptedTransport([bytes, END], { split: [cut] });
      const connection = new HTTPConnection('a', 80, { connector, onWire: (event) => events.push(event) });
      await connection.request('GET', '/');
      await outcome(connection.getResponse().then((response) => response.read()));
      connection.close();
      const put = joined(
        ...events.filter(({ direction }) => direction === 'received').map(({ data }) => data),
      );
      // Bytes after the fault, or after the end of the response, may arrive too late.
      expect(Buffer.compare(put, bytes.subarray(0, put.length))).toBe(0);
      expect(put.length).toBeGreaterThanOrEqual(Math.min(cut, bytes.length));
    }
  });

  const LONG = 'x'.repeat(50_000);

  test.each<[string, (connection: HTTPConnection, response: HTTPResponse) => Promise<void> | void]>([
    [
      'the response is closed',
      (_, response) => {
        response.close();
      },
    ],
    [
      'the connection is closed',
      (connection) => {
        connection.close();
      },
    ],
    [
      'the connection is closed after a peek',
      async (connection, response) => {
        await response.peek(5);
        connection.close();
      },
    ],
  ])('a body that is not read to its end: %s', async (_, giveUp) => {
    const came: Pieces = [...ok(`Content-Length: ${LONG.length * 2}`), ['body', LONG]];
    const { events, peer } = await exchange(
      async (peer) => {
        await peer.request();
        peer.send(bytesOf(came));
      },
      async (connection) => {
        await connection.request('GET', '/');
        const response = await connection.getResponse();
        await response.read(10);
        await giveUp(connection, response);
      },
    );
    const received = shown(events, 'received');
    const text = received.map(([, data]) => data).join('');
    expect(decodeLatin1(peer.sent).startsWith(text)).toBe(true);
    expect(
      merged(received)
        .map(([part]) => part)
        .slice(0, 4),
    ).toEqual(['status-line', 'header', 'blank-line', 'body']);
    expect(text.length).toBeGreaterThanOrEqual(bytesOf(came).length - LONG.length + 10);
  });

  test('a chunked body with trailers, closed after any byte', async () => {
    const bytes = bytesOf([
      ...CHUNKED,
      ...chunk('2;a', 'ok'),
      ['chunk-size', '0\r\n'],
      ['trailer', 'A: 1\r\n\r\n'],
    ]);
    for (let cut = 1; cut < bytes.length; cut++) {
      const events: WireEvent[] = [];
      const peer = scriptedTransport([bytes.subarray(0, cut)], { split: 'bytes' });
      const { connector } = peer;
      const connection = new HTTPConnection('a', 80, { connector, onWire: (event) => events.push(event) });
      await connection.request('GET', '/');
      const reading = outcome(connection.getResponse().then((response) => response.read()));
      // One more read is pending once all has been received.
      while (peer.reads <= cut) await new Promise(setImmediate);
      connection.close();
      await reading;
      const received = events.filter(({ direction }) => direction === 'received').map(({ data }) => data);
      expect(decodeLatin1(joined(...received))).toBe(decodeLatin1(bytes.subarray(0, cut)));
    }
  });

  test.each([
    ['GET', { Connection: 'Upgrade', Upgrade: 'x' }, 'HTTP/1.1 101 Switching Protocols'],
    ['CONNECT', {}, 'HTTP/1.1 200 OK'],
  ])('a transport that is detached after %s', async (method, headers, line) => {
    const answer = head('status-line', line, 'X: 1');
    let detached: Uint8Array = new Uint8Array();
    const seen = await exchange(
      async (peer) => {
        await peer.request();
        peer.send(joined(bytesOf(answer), encodeLatin1('first')));
        await peer.until('second');
        peer.send('third');
      },
      async (connection) => {
        await connection.request(method, '/', { headers });
        await connection.getResponse();
        const { transport, head } = connection.detach();
        await transport.write(encodeLatin1('second'));
        detached = joined(head, (await transport.read()) ?? encodeLatin1(''));
        transport.close();
      },
    );
    const sent = merged(shown(seen.events, 'sent'))
      .map(([, text]) => text)
      .join('');
    expect(`${sent}second`).toBe(seen.peer.receivedText);
    expect(merged(shown(seen.events, 'received'))).toEqual([...answer, ['excess', 'first']]);
    expect(decodeLatin1(detached)).toBe('firstthird');
  });

  test('an upload that is cancelled', async () => {
    const given = new AbortController();
    const { events, peer } = await exchange(
      async (peer) => {
        await peer.until('two\r\n');
        given.abort(new Error('enough'));
        await peer.end();
      },
      async (connection) => {
        const body = (async function* () {
          yield 'one';
          yield 'two';
          await new Promise(() => undefined);
        })();
        await expect(connection.request('PUT', '/', { body, signal: given.signal })).rejects.toThrow(
          'enough',
        );
      },
    );
    expect(merged(shown(events, 'sent')).slice(-6)).toEqual([...chunk('3', 'one'), ...chunk('3', 'two')]);
    expect(
      shown(events, 'sent')
        .map(([, text]) => text)
        .join(''),
    ).toBe(peer.receivedText);
  });
});
