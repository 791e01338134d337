import { encodeLatin1 } from '@http-client/io';
import { expect, test } from 'vitest';

import { ChunkedDecoder } from './chunked.js';

const limits = { maxLineLength: 1e9, maxTrailers: 1e6, tolerate: ['invalid-chunk-size'] } as const;
const target = new Uint8Array(1);

// So much has arrived before that examining or copying it again for each byte would exceed the time limit of a test.
test.each([
  ['a size line', `1;${'x'.repeat(1.6e7)}\r\na\r\n0\r\n\r\n`],
  // It is validated at its end: a regular expression overflowed the stack.
  ['a size line whose notation is tolerated', `+1;${'x'.repeat(1.6e7)}\r\na\r\n0\r\n\r\n`],
  ['a trailer', `0\r\nX: ${'y'.repeat(1.6e7)}\r\n\r\n`],
  ['many trailers', `0\r\nX: ${'y'.repeat(1.6e7)}\r\n${'X: y\r\n'.repeat(200_000)}\r\n`],
])('%s takes linear work, if it comes a byte at a time', (_what, body) => {
  const bytes = encodeLatin1(body);
  const decoder = new ChunkedDecoder(limits);
  const middle = bytes.length - 1e6;
  decoder.decodeInto(bytes, 0, middle, target);
  for (let at = middle; at < bytes.length; at++) decoder.decodeInto(bytes, at, at + 1, target);
  expect(decoder.done).toBe(true);
});

test('many bodies in one array take linear work: what follows each is not copied', () => {
  const count = 300_000;
  const body = '0\r\nX: y\r\n\r\n';
  const bytes = encodeLatin1(body.repeat(count) + '0'.repeat(3.2e7));
  const decoder = new ChunkedDecoder();
  let at = 0;
  for (let read = 0; read < count; read++) {
    decoder.reset();
    decoder.decodeInto(bytes, at, bytes.length, target);
    at += decoder.consumed;
  }
  expect(at).toBe(count * body.length);
});
