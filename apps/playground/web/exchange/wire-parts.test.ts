import { describe, expect, test } from 'vitest';

import type { ConnectionView, WireItem } from '../../src/serve/api.js';
import { lastResponse } from './received.js';
import { groupsOf } from './wire-parts.js';

function item(
  direction: WireItem['direction'],
  part: WireItem['part'],
  data: string,
  tunnel = false,
): WireItem {
  return { direction, part, data, size: data.length, tunnel, time: 0 };
}

const ITEMS = [
  item('sent', 'request-line', 'CONNECT a:1 HTTP/1.1\r\n', true),
  item('received', 'status-line', 'HTTP/1.1 200 OK\r\n', true),
  item('sent', 'request-line', 'GET /1 HTTP/1.1\r\n'),
  item('received', 'status-line', 'first'),
  item('sent', 'request-line', 'HEAD /2 HTTP/1.1\r\n'),
  item('received', 'status-line', 'sec'),
  item('received', 'body', 'ond'),
];

test('turns of a conversation, with offsets in each direction', () => {
  const groups = groupsOf(ITEMS);
  expect(groups.map(({ direction, tunnel, size }) => [direction, tunnel, size])).toEqual([
    ['sent', true, 22],
    ['received', true, 17],
    ['sent', false, 17],
    ['received', false, 5],
    ['sent', false, 18],
    ['received', false, 6],
  ]);
  expect(groups.at(-1)?.items.map(({ offset }) => offset)).toEqual([22, 25]);
});

describe('the last response', () => {
  const last = (wire: readonly WireItem[], untold = 0): ReturnType<typeof lastResponse> =>
    lastResponse({ wire, view: { untold } as ConnectionView });
  const [partial, ...rest] = ITEMS.slice(-2);

  test('is what came after the last request, whose method it answers', () => {
    expect(last(ITEMS)).toEqual({ bytes: 'second', method: 'HEAD' });
    expect(last(ITEMS.slice(0, 4))).toEqual({ bytes: 'first', method: 'GET' });
  });

  test.each<[string, readonly WireItem[], number?]>([
    ['nothing was received', ITEMS.slice(0, 3)],
    ['only the proxy has responded', ITEMS.slice(0, 2)],
    ['some of its bytes were not kept', [...ITEMS.slice(0, -2), { ...partial!, size: 4 }, ...rest]],
    ['some of it was not reported', ITEMS, 1],
  ])('is none if %s', (_name, wire, untold) => {
    expect(last(wire, untold)).toBeUndefined();
  });
});
