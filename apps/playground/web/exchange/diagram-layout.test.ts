import { TRANSITIONS } from '@http-client/client';
import { describe, expect, test } from 'vitest';

import { everywhere, layoutOf, type Box } from './diagram-layout.js';

const overlap = (one: Box, other: Box): boolean =>
  Math.abs(one.x - other.x) < (one.width + other.width) / 2 &&
  Math.abs(one.y - other.y) < (one.height + other.height) / 2;

describe.each([false, true])('standing: %s', (standing) => {
  const layout = layoutOf(TRANSITIONS, standing);

  test('has every transition of the table, and no other', () => {
    const drawn = layout.edges.flatMap(({ from, to, events }) => events.map((event) => [from, event, to]));
    const table = Object.entries(TRANSITIONS).flatMap(([from, row]) =>
      Object.entries(row)
        .filter(([event]) => event !== 'close')
        .map(([event, to]) => [from, event, to]),
    );
    expect(drawn.sort()).toEqual(table.sort());
  });

  test('has every state, within its bounds, and none on another', () => {
    const boxes = Object.values(layout.boxes);
    expect(Object.keys(layout.boxes).sort()).toEqual(Object.keys(TRANSITIONS).sort());
    for (const [index, box] of boxes.entries()) {
      expect(box.x - box.width / 2).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width / 2).toBeLessThanOrEqual(layout.width);
      expect(box.y + box.height / 2).toBeLessThanOrEqual(layout.height);
      for (const other of boxes.slice(index + 1)) expect(overlap(box, other)).toBe(false);
    }
  });
});

test('close leads to Idle from everywhere', () => {
  expect(everywhere(TRANSITIONS)).toEqual([['close', 'Idle']]);
});
