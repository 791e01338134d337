import { encodeLatin1 } from '@http-client/io';
import { expect, test } from 'vitest';

import {
  checkHeadRules,
  findHeaderEnd,
  HeaderBlockParser,
  parseHeaderBlock,
  parseHeaders,
  type Tolerance,
} from './index.js';

const block = encodeLatin1('A: b\r\n\r\n');
const rules = { tolerate: ['bare-lf'] as unknown as Tolerance[] };

/** Without the check, a wrong argument would be searched, and nothing found. */
test.each<[call: string, run: () => unknown, message: string]>([
  [
    'parseHeaderBlock(text)',
    () => parseHeaderBlock('A: b' as never),
    'Cannot use "A: b" as a header block: expected a Uint8Array',
  ],
  [
    'parseHeaderBlock(DataView)',
    () => parseHeaderBlock(new DataView(new ArrayBuffer(4)) as never),
    'Cannot use "[object DataView]" as a header block: expected a Uint8Array',
  ],
  [
    'parseHeaderBlock(bytes, start)',
    () => parseHeaderBlock(block, 0 as never),
    'Cannot use "0" as options: expected an object with named options',
  ],
  [
    'findHeaderEnd(text)',
    () => findHeaderEnd('A: b' as never),
    'Cannot use "A: b" as a header block: expected a Uint8Array',
  ],
  [
    'parseHeaders(bytes)',
    () => parseHeaders(block as never),
    'Cannot parse headers from a Uint8Array: expected a ByteReader (parseHeaderBlock takes bytes)',
  ],
  [
    'parseHeaders()',
    () => parseHeaders(undefined as never),
    'Cannot parse headers from undefined: expected a ByteReader (parseHeaderBlock takes bytes)',
  ],
  [
    'new HeaderBlockParser(), a misspelt rule',
    () => new HeaderBlockParser(rules),
    'Cannot use "bare-lf" as a rule to tolerate: expected one of bare-cr, ',
  ],
  [
    'checkHeadRules(), a misspelt rule',
    () => checkHeadRules(rules),
    'Cannot use "bare-lf" as a rule to tolerate: expected one of bare-cr, ',
  ],
  [
    'checkHeadRules(), one rule',
    () => checkHeadRules({ tolerate: 'bare-cr' as never }),
    'Cannot use "bare-cr" as tolerate: expected an array',
  ],
])('%s', async (_call, run, message) => {
  const error = await Promise.resolve()
    .then(run)
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TypeError);
  expect((error as Error).message.slice(0, message.length)).toBe(message);
});
