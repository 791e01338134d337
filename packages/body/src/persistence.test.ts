import { HTTPMessage } from '@http-client/headers';
import { expect, test } from 'vitest';

import { persists } from './persistence.js';

// Whether the connection stays open with HTTP/1.1 and with HTTP/1.0 (RFC 9112, section 9.3). The results of the
// reference are in the recorded vectors.
test.each<[fields: [string, string][], on11: boolean, on10: boolean]>([
  [[], true, false],
  [[['Connection', 'close']], false, false],
  [[['Connection', 'Close']], false, false],
  [[['connection', 'keep-alive']], true, true],
  [[['Connection', 'Keep-Alive']], true, true],
  [[['Connection', 'keep-alive, close']], false, false],
  [[['Connection', 'close , \tkeep-alive']], false, false],
  [
    [
      ['Connection', 'keep-alive'],
      ['Connection', 'close'],
    ],
    false,
    false,
  ],
  [
    [
      ['Connection', 'upgrade'],
      ['Connection', 'keep-alive'],
    ],
    true,
    true,
  ],
  [[['Connection', 'upgrade, ,']], true, false],
  [[['Connection', '']], true, false],
  // Tokens, not parts of words.
  [[['Connection', 'closed, foreclose, x-close']], true, false],
  [[['Connection', 'not-keep-alive, keep-alives']], true, false],
  [[['Connection', 'keep-alive\xa0']], true, false],
  // Other fields than Connection.
  [[['Keep-Alive', 'timeout=5']], true, false],
  [[['Proxy-Connection', 'keep-alive']], true, false],
  [[['Proxy-Connection', 'close']], true, false],
])('%j', (fields, on11, on10) => {
  const headers = new HTTPMessage(fields);
  expect(persists(11, headers)).toBe(on11);
  expect(persists(10, headers)).toBe(on10);
});
