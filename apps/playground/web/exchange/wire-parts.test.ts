import { expect, test } from 'vitest';

import type { WireItem } from '../../src/serve/api.js';
import { receivedOf } from './received.js';
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
  item('sent', 'request-line', 'GET /2 HTTP/1.1\r\n'),
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
    ['sent', false, 17],
    ['received', false, 6],
  ]);
  expect(groups.at(-1)?.items.map(({ offset }) => offset)).toEqual([22, 25]);
});

test('the last response', () => {
  expect(receivedOf(ITEMS)).toBe('second');
  expect(receivedOf(ITEMS.slice(0, 2))).toBe('');
});
