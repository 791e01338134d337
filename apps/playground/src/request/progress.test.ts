import { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { Progress } from './progress.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function terminal(): { stream: WriteStream; shown: () => string } {
  let shown = '';
  const stream = new Writable({
    write(block: Buffer, _encoding, done) {
      shown += block.toString();
      done();
    },
  });
  return {
    stream: Object.assign(stream, { isTTY: true, columns: 80 }) as unknown as WriteStream,
    shown: () => shown,
  };
}

/** The total, the sizes of the blocks, how long they take, and what is shown. */
test.each<[string, number | undefined, number[], number, RegExp | undefined]>([
  ['a short body', 100, [50, 50], 0, undefined],
  ['an empty body', 0, [], 0, undefined],
  ['a short body of unknown length', undefined, [1_000_000], 0, undefined],
  [
    'a long body',
    1_048_576,
    [524_288],
    0,
    /receiving \[=+-+\] 50% of 1,048,576 bytes, [\d.]+ [kMG]B\/s, .* left/,
  ],
  [
    'a long body of unknown length',
    undefined,
    [1_048_575, 1],
    0,
    /receiving 1,048,576 bytes, [\d.]+ [kMG]B\/s/,
  ],
  ['a short body that takes long', 100, [25], 1000, /receiving \[=+-+\] 25% of 100 bytes, 25 byte\/s/],
  ['one of unknown length', undefined, [1], 1000, /receiving 1 byte\b/],
])('%s', (_name, total, counts, time, bar) => {
  const { stream, shown } = terminal();
  const progress = new Progress(stream, 'receiving');
  progress.total = total;
  vi.advanceTimersByTime(time);
  for (const count of counts) progress.advance(count);
  if (bar === undefined) expect(shown()).toBe('');
  else expect(shown()).toMatch(bar);
  progress.stop();
  expect(vi.getTimerCount()).toBe(0);
});

test('a bar that was removed does not come back', () => {
  const { stream, shown } = terminal();
  const progress = new Progress(stream, 'sending');
  progress.stop();
  progress.advance(2_000_000);
  expect(shown()).toBe('');
  expect(vi.getTimerCount()).toBe(0);
});

test('nothing is shown without a terminal', () => {
  const progress = new Progress(undefined, 'receiving');
  progress.advance(2_000_000);
  progress.stop();
  expect(vi.getTimerCount()).toBe(0);
});
