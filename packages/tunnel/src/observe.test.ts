import type { HTTPMessage } from '@http-client/headers';
import { decodeLatin1 } from '@http-client/io';
import { expect, test, vi } from 'vitest';

import { openTunnel, type TunnelObserver } from './index.js';
import { END, Proxy, rejection, split } from './testdata/proxy.js';

const target = { host: 'destination.com', port: 443 };
const challenge = 'HTTP/1.1 407 Who\r\nContent-Length: 4\r\n\r\nwho?';
const chunked = 'HTTP/1.1 403 \r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: x\r\n\r\n';

test.each([1, 1000])('an observer sees every byte, labelled, in blocks of %d', async (size) => {
  const seen: [part: string, text: string][] = [];
  const observer: TunnelObserver = {
    sentHead: (text) => seen.push(['sent', text]),
    receivedHead: (bytes, start, end) => seen.push(['head', decodeLatin1(bytes, start, end)]),
    received: (part, bytes, start, end) => {
      // Pieces of one part are joined, so that the result does not depend on the blocks.
      const text = decodeLatin1(bytes, start, end);
      if (seen.at(-1)?.[0] === part) seen.at(-1)![1] += text;
      else if (text !== '') seen.push([part, text]);
    },
  };
  const interim = 'HTTP/1.1 100 \r\n\r\n';
  const proxy = new Proxy(split(interim + challenge, size), [
    ...split(chunked, size),
    ...(size > 1 ? [END] : []),
  ]);
  await rejection(openTunnel(proxy, target, { observer, authenticate: () => ({ A: 'b' }) }));
  expect(seen).toEqual([
    ['sent', proxy.writes[0]],
    ['head', interim],
    ['head', challenge.slice(0, -4)],
    ['body', 'who?'],
    ['sent', proxy.writes[1]],
    ['head', chunked.slice(0, chunked.indexOf('3\r\n'))],
    ['chunk-size', '3\r\n'],
    ['chunk-data', 'abc'],
    ['chunk-end', '\r\n'],
    ['chunk-size', '0\r\n'],
    ['trailer', 'T: x\r\n'],
    ['blank-line', '\r\n'],
  ]);
});

test('an observer sees the bytes after a refusal', async () => {
  const received = vi.fn<TunnelObserver['received']>();
  const observer = { sentHead: () => undefined, receivedHead: () => undefined, received };
  await rejection(openTunnel(new Proxy([`${challenge}more`]), target, { observer }));
  expect(
    received.mock.calls.map(([part, bytes, start, end]) => [part, decodeLatin1(bytes, start, end)]),
  ).toEqual([
    ['body', 'who?'],
    ['excess', 'more'],
  ]);
});

test('onReply is called with each final reply, including refusals', async () => {
  const replies: [number, string, HTTPMessage][] = [];
  const proxy = new Proxy([`HTTP/1.1 100 \r\n\r\n${challenge}`], ['HTTP/1.1 200 OK\r\nA: b\r\n\r\n']);
  const { headers } = await openTunnel(proxy, target, {
    authenticate: () => ({}),
    onReply: (reply) => replies.push([reply.status, reply.reason, reply.headers]),
  });
  expect(replies).toEqual([
    [407, 'Who', expect.anything()],
    [200, 'OK', headers],
  ]);
});

test('an error thrown by onReply is passed through', async () => {
  const proxy = new Proxy(['HTTP/1.1 200 OK\r\n\r\n']);
  const error = new Error('not so');
  const onReply = (): never => {
    throw error;
  };
  expect(await rejection(openTunnel(proxy, target, { onReply }))).toBe(error);
  expect(proxy.closed).toBe(true);
});

test('debugLevel prints what is sent and received, without control characters', async () => {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  const reply = "HTTP/1.1 200 It's\t\x9b\\\r\nX-Dummy: 1\r\nY: \xe9\r\n\r\n";
  await openTunnel(new Proxy([reply]), target, { debugLevel: 1 });
  const lines = log.mock.calls.map(([line]: unknown[]) => line);
  await openTunnel(new Proxy([reply]), target, { debugLevel: 0 });
  await openTunnel(new Proxy([reply]), target);
  expect(log.mock.calls).toHaveLength(lines.length);
  log.mockRestore();
  expect(lines).toEqual([
    "send: 'CONNECT destination.com:443 HTTP/1.1\\r\\nHost: destination.com:443\\r\\n\\r\\n'",
    "reply: 'HTTP/1.1 200 It\\'s\\t\\x9b\\\\\\r\\n'",
    'header: X-Dummy: 1',
    'header: Y: \\xe9',
  ]);
});
