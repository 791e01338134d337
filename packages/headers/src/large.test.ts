import { encodeLatin1 } from '@http-client/io';
import { constants } from 'node:buffer';
import { expect, test } from 'vitest';

import { parseHeaderBlock } from './index.js';

const LENGTH = 2 ** 31 + 100;

// Its pages are zeros and untouched, so it takes next to no memory. Browsers allocate no such array.
test.skipIf(constants.MAX_LENGTH < LENGTH)('a block after the first 2 GiB of an array', () => {
  const bytes = new Uint8Array(LENGTH);
  for (const start of [2 ** 31 - 5, 2 ** 31 + 10]) {
    bytes.set(encodeLatin1('A: 1\r\nB: 2\r\n\r\n'), start);
    const { headers, end } = parseHeaderBlock(bytes, { start })!;
    expect(headers.toJSON()).toEqual([
      ['A', '1'],
      ['B', '2'],
    ]);
    expect(end).toBe(start + 14);
  }
  expect(parseHeaderBlock(bytes, { start: LENGTH - 10 })).toBeUndefined();
});
