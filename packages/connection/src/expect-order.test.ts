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
  moment,
  OK,
  REFUSAL,
  Source,
  start,
} from './testdata/expect-stage.js';

// The calls in any order, with the 100 anywhere between them, over real sockets.

test.each([false, true])('getResponse at once (connected: %s)', async (connected) => {
  const { server, connection } = await start(async (peer) => {
    await peer.until(HEAD_END);
    peer.send(CONTINUE);
    await peer.request();
    peer.send(OK);
  });
  if (connected) await connection.connect();
  const sending = connection.request('PUT', '/', { body: 'onetwo', headers: EXPECTS });
  const response = await connection.getResponse();
  await sending;
  expect(await response.text()).toBe('ok');
  expect(response.informational.map(({ status }) => status)).toEqual([100]);
  expect(content(server.peers[0]!)).toBe('onetwo');
});

test.each(['before', 'after'])('getResponse before send, and the 100 %s the latter', async (when) => {
  const looked = moment();
  const sent = moment();
  const { server, connection } = await start(
    async (peer) => {
      await peer.until(HEAD_END);
      if (when === 'after') await sent.come;
      peer.send(CONTINUE);
      await peer.request();
      peer.send(OK);
    },
    { onInformational: looked.now },
  );
  begin(connection, LENGTH);
  await connection.endHeaders();
  const answer = connection.getResponse();
  if (when === 'before') await looked.come;
  const body = connection.send('onetwo');
  sent.now();
  await body;
  const response = await answer;
  expect(await response.text()).toBe('ok');
  expect(response.informational.map(({ status }) => status)).toEqual([100]);
  expect(content(server.peers[0]!)).toBe('onetwo');
  expect(connection.reusable).toBe(true);
});

test.each([
  ['with a body', REFUSAL, 'no'],
  ['without one', 'HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n', ''],
])('getResponse before send, and then a final response %s', async (_which, refusal, text) => {
  const sent = moment();
  const { server, connection } = await start(async (peer) => {
    await peer.until(HEAD_END);
    await sent.come;
    peer.send(refusal);
    await peer.end();
  });
  const source = new Source();
  begin(connection, LENGTH);
  await connection.endHeaders();
  const answer = connection.getResponse();
  const body = connection.send(source.asyncIterable);
  sent.now();
  await body;
  const response = await answer;
  expect([response.status, response.willClose]).toEqual([417, true]);
  expect(await response.text()).toBe(text);
  await server.served();
  expect(server.peers[0]!.receivedText).toMatch(HEAD_ALONE);
  expect([source.asked, source.closed]).toEqual([0, 1]);
});

test('a final response before any body was passed', async () => {
  const { server, connection } = await start(async (peer) => {
    await peer.until(HEAD_END);
    peer.send(REFUSAL);
    await peer.end();
  });
  begin(connection, LENGTH);
  await connection.endHeaders();
  const response = await connection.getResponse();
  expect([response.status, response.willClose]).toEqual([417, true]);
  expect(await response.text()).toBe('no');
  expect(connection.transport).toBeUndefined();
  await server.served();
});

test('a final response that close() discards is not taken for that of the next request', async () => {
  const { connection } = await start(async (peer, { peers }) => {
    await peer.until(HEAD_END);
    peer.send(peers.length === 1 ? REFUSAL : OK);
    await peer.end();
  });
  await connection.request('PUT', '/', { body: 'onetwo', headers: EXPECTS });
  connection.close();
  await connection.request('GET', '/');
  const response = await connection.getResponse();
  expect([response.status, await response.text()]).toEqual([200, 'ok']);
});

test('several sends: all of them wait, and none is sent after a final response', async () => {
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

test('several sends: all of them are sent after the 100, in order', async () => {
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
  ['an empty Blob', { body: new Blob([]) }],
  ['an empty stream of known length', { body: [], headers: { ...EXPECTS, 'Content-Length': 0 } }],
])('there is no wait if there is nothing to send: %s', async (_, options) => {
  const { connection } = await start(async (peer) => {
    await peer.request();
    peer.send(OK);
  });
  await connection.request('PUT', '/', { headers: EXPECTS, ...options });
  const response = await connection.getResponse();
  expect([response.status, response.willClose]).toEqual([200, false]);
  await response.read();
  expect(connection.reusable).toBe(true);
});

test('one request after another on one connection, with Expect or without', async () => {
  const { server, connection } = await start(async (peer) => {
    for (const answer of [CONTINUE, '', CONTINUE, CONTINUE]) {
      if (answer !== '') await peer.until(HEAD_END);
      peer.send(answer);
      await peer.request();
      peer.send(OK);
    }
  });
  // Several fields form one list (RFC 9110, section 5.3).
  const fields = [
    EXPECTS,
    { Expect: 'something' },
    { expect: '100-Continue' },
    { Expect: ['100-continue', 'something'] },
  ];
  for (const headers of fields) {
    await connection.request('PUT', '/', { body: 'onetwo', headers });
    expect(await (await connection.getResponse()).text()).toBe('ok');
  }
  await server.served();
  expect(server.peers).toHaveLength(1);
});

// Decided while `getResponse` reads both heads in one go, and the body has not been sent yet.
test.each([true, false])(
  '100 and the final response together (getResponse first: %s): the connection is kept',
  async (first) => {
    const whole = moment();
    const { server, connection } = await start(async (peer) => {
      await peer.until(HEAD_END);
      peer.send(CONTINUE + OK);
      await peer.until('onetwo');
      whole.now();
    });
    const sending = connection.request('PUT', '/', { body: 'onetwo', headers: EXPECTS });
    if (!first) await sending;
    const response = await connection.getResponse();
    await sending;
    expect(response.willClose).toBe(false);
    expect(await response.text()).toBe('ok');
    await whole.come;
    expect(content(server.peers[0]!)).toBe('onetwo');
    expect(connection.reusable).toBe(true);
  },
);

test('nothing, sent first, is no body: the next data still waits for its 100', async () => {
  const asked = moment();
  const { server, connection } = await start(async (peer) => {
    await peer.until(HEAD_END);
    await asked.come;
    expect(peer.receivedText).toMatch(HEAD_ALONE);
    peer.send(CONTINUE);
    await peer.request();
    peer.send(OK);
  });
  begin(connection, LENGTH);
  await connection.endHeaders();
  await connection.send('');
  const sending = connection.send('onetwo');
  asked.now();
  await sending;
  const response = await connection.getResponse();
  expect(await response.text()).toBe('ok');
  expect(content(server.peers[0]!)).toBe('onetwo');
});
