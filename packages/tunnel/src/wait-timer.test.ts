import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { WaitTimer } from './wait-timer.js';

/** The platform's clock and timers, stopped. `now` may be set independently of the timers, which may fire early. */
let now: number;
let expired: number[] = [];
const make = (): WaitTimer => new WaitTimer((limit) => expired.push(limit));

function pass(milliseconds: number): void {
  now += milliseconds;
  vi.advanceTimersByTime(milliseconds);
}

beforeEach(() => {
  now = 5000;
  expired = [];
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('a wait', () => {
  test('ends at its limit, once', () => {
    make().start(100);
    pass(99);
    expect(expired).toEqual([]);
    pass(1);
    expect(expired).toEqual([100]);
    pass(1000);
    expect(expired).toEqual([100]);
  });

  test('never ends early, though the platform’s timer does', () => {
    make().start(100);
    vi.advanceTimersByTime(100);
    expect(expired).toEqual([]);
    now += 99.5;
    vi.advanceTimersByTime(100);
    expect(expired).toEqual([]);
    pass(1);
    expect(expired).toEqual([100]);
  });

  test('restarts when something arrives', () => {
    const timer = make();
    timer.start(100);
    pass(90);
    timer.start(100);
    pass(90);
    expect(expired).toEqual([]);
    pass(10);
    expect(expired).toEqual([100]);
  });

  test('may have another limit', () => {
    const timer = make();
    timer.start(100);
    timer.start(30);
    pass(30);
    timer.start(50);
    pass(49);
    expect(expired).toEqual([30]);
    pass(1);
    expect(expired).toEqual([30, 50]);
  });

  test.each(['stop', 'dispose'] as const)('ends with %s, and another one may begin', (end) => {
    const timer = make();
    timer.start(100);
    timer[end]();
    timer[end]();
    pass(1000);
    expect(expired).toEqual([]);
    timer.start(100);
    pass(100);
    expect(expired).toEqual([100]);
  });

  test('that follows a stopped one has its whole time', () => {
    const timer = make();
    timer.start(100);
    pass(60);
    timer.stop();
    pass(30);
    timer.start(100);
    pass(99);
    expect(expired).toEqual([]);
    pass(1);
    expect(expired).toEqual([100]);
  });

  test('of a fraction of a millisecond lasts that long', () => {
    make().start(0.5);
    pass(0);
    expect(expired).toEqual([]);
    pass(1);
    expect(expired).toEqual([0.5]);
  });

  test('of months does not end at once: the platform’s timers are limited to 2^31-1', () => {
    const limit = 2 ** 32;
    make().start(limit);
    pass(2 ** 31 - 1);
    pass(2 ** 31 - 1);
    expect(expired).toEqual([]);
    pass(2);
    expect(expired).toEqual([limit]);
  });
});

describe('a wait that is late because the event loop was blocked', () => {
  /** The event loop is blocked for `milliseconds`, and only then do the timers run, those of up to `delay`. */
  function holdUp(milliseconds: number, delay = 100): void {
    now += milliseconds;
    vi.advanceTimersByTime(delay);
  }

  test.each([
    ['is extended by a tenth if it is later than that', 300, 10],
    ['is extended to the latest time at which it may end, if that is still to come', 104, 6],
  ])('%s', (_what, late, left) => {
    make().start(100);
    holdUp(late);
    pass(left - 1);
    expect(expired).toEqual([]);
    pass(1);
    expect(expired).toEqual([100]);
  });

  test('is extended only once, however late it is then', () => {
    make().start(100);
    holdUp(300);
    holdUp(300);
    expect(expired).toEqual([100]);
  });

  test('ends if what was waited for has arrived', () => {
    const timer = make();
    timer.start(100);
    holdUp(300);
    timer.stop();
    pass(1000);
    expect(expired).toEqual([]);
  });

  test('restarts when something arrives, and may be late again', () => {
    const timer = make();
    timer.start(100);
    holdUp(300);
    timer.start(50);
    holdUp(300, 50);
    expect(expired).toEqual([]);
    pass(5);
    expect(expired).toEqual([50]);
  });
});

test.each(['stop', 'dispose'] as const)('%s: the next wait is on the clock that there is then', (end) => {
  const timer = make();
  timer.start(100);
  timer[end]();
  // Another clock takes the place of the first, which does not advance any more.
  vi.useRealTimers();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  timer.start(100);
  pass(99);
  expect(expired).toEqual([]);
  pass(1);
  expect(expired).toEqual([100]);
});

test('timers that are numbers, as in browsers, are supported', () => {
  const timers = new Map<number, () => void>();
  let last = 0;
  vi.stubGlobal('setTimeout', (action: () => void) => {
    timers.set(++last, action);
    return last;
  });
  vi.stubGlobal('clearTimeout', (timer: number) => timers.delete(timer));
  const timer = make();
  timer.start(100);
  timer.start(100);
  expect([...timers.keys()]).toEqual([1]);
  timer.stop();
  expect(timers.size).toBe(0);
  timer.start(100);
  now += 100;
  timers.get(last)!();
  expect(expired).toEqual([100]);
});

describe('between waits', () => {
  /** The number of timers that would keep a process alive. */
  const holding = (): number => vi.getTimerCount();

  test('nothing is left after dispose', () => {
    const timer = make();
    timer.start(100);
    expect(holding()).toBe(1);
    timer.start(100);
    expect(holding()).toBe(1);
    timer.start(50);
    expect(holding()).toBe(1);
    timer.dispose();
    expect(holding()).toBe(0);
  });

  test('nothing is left once a wait has ended', () => {
    make().start(100);
    pass(100);
    expect(holding()).toBe(0);
  });

  test('the timer of a stopped wait does not keep the process alive', () => {
    vi.useRealTimers();
    const timer = make();
    const handles = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = handles();
    timer.start(60_000);
    expect(handles()).toBe(before + 1);
    timer.stop();
    expect(handles()).toBe(before);
    timer.start(60_000);
    expect(handles()).toBe(before + 1);
    timer.dispose();
    expect(handles()).toBe(before);
  });
});
