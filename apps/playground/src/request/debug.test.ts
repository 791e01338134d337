import { expect, test } from 'vitest';

import { memoryIo } from '../testing/memory-io.js';
import { redirectDebug } from './debug.js';

/** Lines as `debugLevel` prints them, and what is shown of them. */
test.each([
  [
    "send: 'GET / HTTP/1.1\\r\\nAuthorization: Basic c2VjcmV0\\r\\nA: b\\r\\n\\r\\n'",
    "send: 'GET / HTTP/1.1\\r\\nAuthorization: [hidden]\\r\\nA: b\\r\\n\\r\\n'",
  ],
  // A backslash and an r within the value are not a line end, and a quote is not the end of the value.
  [
    "send: 'G\\r\\nCookie: a=\\\\r\\\\nb\\'c\\td\\xe9\\r\\n\\r\\n'",
    "send: 'G\\r\\nCookie: [hidden]\\r\\n\\r\\n'",
  ],
  [
    "send: 'C\\r\\nproxy-authorization:x\\r\\n\\r\\n'",
    "send: 'C\\r\\nproxy-authorization:[hidden]\\r\\n\\r\\n'",
  ],
  ['header: Set-Cookie: a=b; Path=/', 'header: Set-Cookie: [hidden]'],
  ['header: Location: http://me:secret@h/', 'header: Location: http://[hidden]@h/'],
  ['header: X-Cookie: a', 'header: X-Cookie: a'],
  ["reply: 'HTTP/1.1 200 OK\\r\\n'", "reply: 'HTTP/1.1 200 OK\\r\\n'"],
])('%s', (line, left) => {
  const { log } = console;
  const { io, stdout } = memoryIo();
  const restore = redirectDebug(io.stdout, false);
  console.log(line);
  restore();
  expect(console.log).toBe(log);
  expect(stdout()).toBe(`${left}\n`);
});
