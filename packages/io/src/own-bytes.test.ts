import { expect, test } from 'vitest';

import { ownBytes } from './index.js';

const bytes = Uint8Array.from({ length: 10 }, (_, index) => index);

test.each([
  ['all', bytes, 0, 10, 'view'],
  ['half', bytes, 0, 5, 'view'],
  ['the other half', bytes, 5, 10, 'view'],
  ['less than half', bytes, 0, 4, 'copy'],
  ['all of a view of half', bytes.subarray(2, 7), 0, 5, 'view'],
  ['all of a view of less', bytes.subarray(2, 6), 0, 4, 'copy'],
  ['a part of a view', bytes.subarray(2, 8), 1, 6, 'view'],
  ['nothing', bytes, 3, 3, 'copy'],
  ['a Buffer’s', Buffer.from(bytes.buffer, 1, 8), 1, 7, 'view'],
  ['less of a Buffer’s, whose slice is a view', Buffer.from(bytes.buffer, 1, 8), 1, 4, 'copy'],
  ['less of it from its start', Buffer.from(bytes.buffer, 1, 8), 0, 4, 'copy'],
])('%s', (_name, source, start, end, kind) => {
  const own = ownBytes(source, start, end);
  expect(own).toEqual(new Uint8Array([...source].slice(start, end)));
  expect(own.buffer === source.buffer).toBe(kind === 'view');
  expect(own.buffer.byteLength).toBeLessThanOrEqual(2 * own.length);
});

test('the range defaults to everything up to the end', () => {
  expect(ownBytes(bytes)).toEqual(bytes);
  expect(ownBytes(bytes, 8)).toEqual(new Uint8Array([8, 9]));
});

test.each([
  [-1, 2],
  [2, 1],
  [0, 11],
  [NaN, 1],
])('refuses the range from %d to %d of 10 bytes', (start, end) => {
  expect(() => ownBytes(bytes, start, end)).toThrow(
    new RangeError(`Cannot take bytes ${start} to ${end}: there are 10`),
  );
});
