import { encodeLatin1 } from '@http-client/io';
import { expect, test } from 'vitest';

import * as body from './index.js';

test('exports what the package promises', () => {
  expect(Object.keys(body).sort()).toEqual([
    'ChunkedDecoder',
    'bodyBlocks',
    'bodySource',
    'chunkStart',
    'contentLength',
    'encodeBody',
    'encodeChunk',
    'encodeChunked',
    'encodeLastChunk',
    'encodeLatin1',
    'inMemory',
    'incompleteBody',
    'persists',
    'responseFraming',
  ]);
  // The same function, so that a program that imports both packages has one.
  expect(body.encodeLatin1).toBe(encodeLatin1);
});
