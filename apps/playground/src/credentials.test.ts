import { describe, expect, test } from 'vitest';

import { hideInMessage, hideInValue, LineFilter } from './credentials.js';

/** Fields, and what is shown of their values. */
test.each([
  ['Authorization', 'Basic bWU6c2VjcmV0', 'Basic [hidden]'],
  ['AUTHORIZATION', 'bearer secret', 'bearer [hidden]'],
  ['Proxy-Authorization', 'Digest username="secret", nonce="secret"', 'Digest [hidden]'],
  ['authorization', 'secret', '[hidden]'],
  ['authorization', 'secret of its own', '[hidden]'],
  ['authorization', 'Basically secret', '[hidden]'],
  ['Cookie', 'Basic secret', '[hidden]'],
  ['Cookie', 'a=secret; b=secret', '[hidden]'],
  ['Set-Cookie', 'a=secret; Path=/', '[hidden]'],
  ['Set-Cookie', '', ''],
  ['Location', 'http://me:secret@h/x?y=a@b', 'http://[hidden]@h/x?y=a@b'],
  ['Link', '<https://secret@h/>, <http://me:sec@ret@h>', '<https://[hidden]@h/>, <http://[hidden]@h>'],
  ['X', 'me@example.org, http://h/@x', 'me@example.org, http://h/@x'],
  ['WWW-Authenticate', 'Basic realm="x"', 'Basic realm="x"'],
])('%s: %s', (name, value, shown) => {
  expect(hideInValue(name, value)).toBe(shown);
});

/** Lines of a head, and what is shown of them. */
test.each([
  [
    ['Authorization: Basic secret\r\n', 'A: b\r\n'],
    ['Authorization: Basic [hidden]\r\n', 'A: b\r\n'],
  ],
  [
    ['Cookie: a=secret;\r\n', '\tb=secret\r\n', ' c=secret\r\n', 'A: b\r\n', ' c\r\n'],
    ['Cookie: [hidden]\r\n', '\t[hidden]\r\n', ' [hidden]\r\n', 'A: b\r\n', ' c\r\n'],
  ],
  [
    ['Set-Cookie:\r\n', ' a=secret\r\n'],
    ['Set-Cookie:\r\n', ' [hidden]\r\n'],
  ],
  [['set-cookie : secret\n'], ['set-cookie : [hidden]\n']],
  [['Set-Cookie secret\n'], ['Set-Cookie [hidden]\n']],
  [[' Cookie: secret\n'], [' Cookie: [hidden]\n']],
  [['A: b\rSet-Cookie: secret\r\n'], ['A: b\rSet-Cookie: [hidden]\r\n']],
  [
    ['Cookies: 3\r\n', 'X-Cookie: 4\r\n'],
    ['Cookies: 3\r\n', 'X-Cookie: 4\r\n'],
  ],
  [['GET http://me:secret@h/ HTTP/1.1\r\n'], ['GET http://[hidden]@h/ HTTP/1.1\r\n']],
])('%j', (lines, shown) => {
  const filter = new LineFilter();
  expect(lines.map((line) => filter.line(line))).toEqual(shown);
});

describe('messages', () => {
  test.each([
    ['Cannot use "http://me:secret@h:x/" as a URL', 'Cannot use "http://[hidden]@h:x/" as a URL'],
    ['Cannot accept "Set-Cookie : a=secret\\"x" here', 'Cannot accept "Set-Cookie : [hidden]" here'],
    ['Cannot use "authorization Basic secret": no "b"', 'Cannot use "authorization Basic [hidden]": no "b"'],
    ['it wants Cookie: a=b', 'it wants Cookie: a=b'],
  ])('%s', (message, shown) => {
    expect(hideInMessage(message)).toBe(shown);
  });
});
