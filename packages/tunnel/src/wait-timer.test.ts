import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { WaitTimer } from './wait-timer.js';

/** The platform's clock and timers, stood still; `now` may be set apart from the timers, which may fire early. */
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

  test('begins anew where something has come', () => {
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

  test.each(['stop', 'dispose'] as const)('is over after %s, and another one may begin', (end) => {
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

  test('that follows one that was over at once has its whole time', () => {
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

  test('of months does not end at once: the platform’s timers go no further than 2^31-1', () => {
    const limit = 2 ** 32;
    make().start(limit);
    pass(2 ** 31 - 1);
    pass(2 ** 31 - 1);
    expect(expired).toEqual([]);
    pass(2);
    expect(expired).toEqual([limit]);
  });
});

describe('between waits', () => {
  /** What is left on the platform that would keep a process open. */
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

  test('the timer of one that was stopped holds no process open', () => {
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
