import { getEventListeners } from 'node:events';

import { describe, expect, test, vi } from 'vitest';

import { onAbort, within } from './index.js';

describe('onAbort', () => {
  test('tells everyone who waits then, by one listener, and nobody who has stopped waiting', () => {
    const controller = new AbortController();
    const { signal } = controller;
    const told = [vi.fn(), vi.fn(), vi.fn()];
    const [stop] = told.map((abort) => onAbort(signal, abort));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    stop!();
    stop!();
    controller.abort('enough');
    expect(told.map(({ mock }) => mock.calls)).toEqual([[], [['enough']], [['enough']]]);
  });

  test('leaves no listener once nobody waits, and adds one again for the next who does', () => {
    const { signal } = new AbortController();
    for (let time = 0; time < 2; time++) {
      const stops = [onAbort(signal, vi.fn()), onAbort(signal, vi.fn())];
      expect(getEventListeners(signal, 'abort')).toHaveLength(1);
      for (const stop of stops) stop();
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    }
  });

  test('is not needed without a signal', () => {
    const abort = vi.fn();
    onAbort(undefined, abort)();
    expect(abort).not.toHaveBeenCalled();
  });
});

describe('within', () => {
  test.each<[what: string, work: () => Promise<string>, expected: object]>([
    ['what its work gives', () => Promise.resolve('done'), { value: 'done' }],
    ['the error of its work', () => Promise.reject(new Error('mine')), { reason: new Error('mine') }],
    [
      'what its work throws',
      () => {
        throw new Error('thrown');
      },
      { reason: new Error('thrown') },
    ],
  ])('settles with %s, and leaves no listener and no timer', async (_what, work, expected) => {
    vi.useFakeTimers();
    try {
      const { signal } = new AbortController();
      const [settled] = await Promise.allSettled([within(work, { timeout: 100, signal })]);
      expect(settled).toMatchObject(expected);
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test('begins no work if its signal is already aborted', async () => {
    const work = vi.fn();
    await expect(within(work, { signal: AbortSignal.abort('before') })).rejects.toBe('before');
    expect(work).not.toHaveBeenCalled();
  });
});
