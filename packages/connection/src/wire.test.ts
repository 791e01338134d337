import { describe, expect, test } from 'vitest';

import { fetched, head, outcome } from './testdata/stage.js';

describe('a transport of somebody else’s', () => {
  test.each([1, 1024, 65_536, 65_537, 300_000])('gives blocks of %i bytes', async (size) => {
    const block = new Uint8Array(size).fill(0x61);
    const script = [head(`Content-Length: ${3 * size}`), block, block, block];
    const { response } = await fetched(script);
    const body = await outcome(response.read());
    expect(body.value).toHaveLength(3 * size);
  });
});
