import { expect, test } from 'vitest';

import type { RequestOptions } from './index.js';
import {
  begin,
  content,
  CONTINUE,
  EXPECTS,
  HEAD_ALONE,
  HEAD_END,
  LENGTH,
  OK,
  REFUSAL,
  Source,
  start,
} from './testdata/expect-stage.js';

// Several calls for one request, and several requests on one connection; over real sockets.

test('several sends: all of them wait, and none goes out behind a final answer', async () => {
  const { server, connection } = await start(async (peer) => {
    await peer.until(HEAD_END);
    peer.send(REFUSAL);
    await peer.end();
  });
  const sources = [new Source(), new Source(), new Source()];
  begin(connection, LENGTH);
  await connection.endHeaders();
  await Promise.all(sources.slice(0, 2).map((source) => connection.send(source.asyncIterable)));
  await connection.send(sources[2]!.asyncIterable);
  await connection.send('more');
  const response = await connection.getResponse();
  expect(response.status).toBe(417);
  await response.read();
  await server.served();
  expect(server.peers[0]!.receivedText).toMatch(HEAD_ALONE);
  expect(sources.map(({ asked, closed }) => [asked, closed])).toEqual([
    [0, 1],
    [0, 1],
    [0, 1],
  ]);
});

test('several sends: all of them go out behind the 100, in their order', async () => {
  const { server, connection } = await start(async (peer) => {
    await peer.until(HEAD_END);
    peer.send(CONTINUE);
    await peer.request();
    peer.send(OK);
  });
  begin(connection, LENGTH);
  await connection.endHeaders();
  await Promise.all(['on', ['e', 't'], 'wo'].map((part) => connection.send(part)));
  expect(await (await connection.getResponse()).text()).toBe('ok');
  expect(content(server.peers[0]!)).toBe('onetwo');
});

test.each<[string, RequestOptions]>([
  ['no body', {}],
  ['null', { body: null }],
  ['an empty text', { body: '' }],
  ['no bytes', { body: new Uint8Array(0) }],
])('nobody waits where there is nothing to send: %s', async (_, options) => {
  const { connection } = await start(async (peer) => {
    await peer.request();
    peer.send(OK);
  });
  await connection.request('PUT', '/', { ...options, headers: EXPECTS });
  const response = await connection.getResponse();
  expect([response.status, response.willClose]).toEqual([200, false]);
  await response.read();
  expect(connection.reusable).toBe(true);
});

test('one request after the other on one connection, expected or not', async () => {
  const { server, connection } = await start(async (peer) => {
    for (const answer of [CONTINUE, '', CONTINUE]) {
      if (answer !== '') await peer.until(HEAD_END);
      peer.send(answer);
      await peer.request();
      peer.send(OK);
    }
  });
  for (const headers of [EXPECTS, { Expect: 'something' }, { expect: '100-Continue' }]) {
    await connection.request('PUT', '/', { body: 'onetwo', headers });
    expect(await (await connection.getResponse()).text()).toBe('ok');
  }
  await server.served();
  expect(server.peers).toHaveLength(1);
});
