import { beforeEach, expect, test, vi } from 'vitest';

import { takeKey } from './key.js';

const stored = new Map<string, string>();
const location = { hash: '', pathname: '/' };

beforeEach(() => {
  stored.clear();
  vi.stubGlobal('location', location);
  vi.stubGlobal('localStorage', {
    getItem: (name: string) => stored.get(name) ?? null,
    setItem: (name: string, value: string) => stored.set(name, value),
  });
  vi.stubGlobal('history', {
    replaceState: (_state: unknown, _title: string, path: string) => {
      location.hash = path.replace(/^[^#]*/, '');
    },
  });
  return () => {
    vi.unstubAllGlobals();
  };
});

test('a key is removed from the address, and remembered', () => {
  location.hash = '#key=a-B_9';
  expect(takeKey()).toBe('a-B_9');
  expect(location.hash).toBe('');
  expect(takeKey()).toBe('a-B_9');
});

test.each(['#key=', '#key=TOKEN.', '#key=a b', '#key=a&key=b', '#key=a#'])(
  '%s is removed from the address, but is not a key',
  (hash) => {
    location.hash = '#key=good';
    takeKey();
    location.hash = hash;
    expect(takeKey()).toBeUndefined();
    expect(location.hash).toBe('');
  },
);

test('another fragment stays', () => {
  location.hash = '#rules';
  expect(takeKey()).toBeUndefined();
  expect(location.hash).toBe('#rules');
});
