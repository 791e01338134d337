import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { encodeLatin1 } from '@http-client/io';
import { expect, test } from 'vitest';

import { type HTTPMessage, parseHeaderBlock } from './index.js';

const COUNT = 200;
const COOKIE = 'c'.repeat(20_000);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** The size of the heap without garbage. */
function heap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

type Look = (headers: HTTPMessage) => unknown;

test.each<[string, boolean, Look]>([
  ['get', true, (headers) => headers.get('ETag')],
  ['get, strict: false', false, (headers) => headers.get('ETag')],
  ['getAll', true, (headers) => headers.getAll('ETag')],
  ['getSetCookie', true, (headers) => headers.getSetCookie()[0]],
  ['getParam', true, (headers) => headers.getParam('boundary')],
])('a value that is stored does not retain the head that it arrived in: %s', (_, strict, look) => {
  const stored: unknown[] = [];
  const before = heap();
  for (let at = 0; at < COUNT; at++) {
    const fields = [
      `ETag: "the version of page ${at}"`,
      `Content-Type: multipart/mixed; boundary="the boundary of page ${at}"`,
      `Set-Cookie: session=the-session-of-page-${at}`,
      `Set-Cookie: ${COOKIE}`,
    ];
    const block = encodeLatin1(`${fields.join('\r\n')}\r\n\r\n`);
    stored.push(look(parseHeaderBlock(block, { strict })!.headers));
  }
  // The heads have 4 MB.
  expect(heap() - before).toBeLessThan(1_000_000);
  expect(stored).toHaveLength(COUNT);
});
