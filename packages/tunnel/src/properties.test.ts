import { HTTPException, TunnelError } from '@http-client/errors';
import { decodeLatin1 } from '@http-client/io';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { openTunnel } from './index.js';
import { END, Proxy, readAll, RESET, type Step } from './testdata/proxy.js';

const heads = [
  'HTTP/1.1 ',
  'HTTP/1.0 ',
  'HTTP/2.0 ',
  '100',
  '101',
  '200',
  '204',
  '299',
  '403',
  '407',
  ' Reason',
];
const fields = [
  'A: b',
  'Content-Length: 3',
  'Content-Length: 1, 2',
  'Transfer-Encoding: chunked',
  'Connection: close',
  ' folded',
];
const bytes = [
  '\r\n',
  '\r\n',
  '\r\n\r\n',
  '\n',
  '\r',
  ' ',
  ':',
  '\0',
  '\xff',
  'x',
  '3\r\nabc\r\n',
  '0\r\n\r\n',
];

/** Replies, mostly almost valid ones. */
const reply = fc
  .array(fc.constantFrom(...heads, ...fields, ...fields, ...bytes, ...bytes), { maxLength: 20 })
  .chain((pieces) =>
    fc.constantFrom('', 'HTTP/1.1 200 OK\r\n', 'HTTP/1.1 403 No\r\n').map((line) => line + pieces.join('')),
  );

/** All that a caller can see of the outcome. */
async function outcome(steps: readonly Step[], strict: boolean): Promise<unknown> {
  const proxy = new Proxy(steps);
  try {
    const tunnel = await openTunnel(proxy, { host: 'destination.com', port: 443 }, { strict });
    const { status, reason, headers, transport } = tunnel;
    const rest = await readAll(transport).catch((error: unknown) => error);
    return { status, reason, headers: headers.toJSON(), rest, closed: proxy.closed };
  } catch (error) {
    expect(proxy.closed).toBe(true);
    if (error === RESET) return error;
    expect(error).toBeInstanceOf(HTTPException);
    const { name, message } = error as HTTPException;
    if (!(error instanceof TunnelError)) return { name, message };
    // How much of the text after an invalid chunk size is quoted depends on the block.
    const cause = String(error.cause).replace(/; then comes ".*/, '');
    return { name, message, body: decodeLatin1(error.body), cause };
  }
}

test('the outcome does not depend on how a reply is split', async () => {
  await fc.assert(
    fc.asyncProperty(
      reply,
      fc.array(fc.nat(200), { maxLength: 5 }),
      fc.constantFrom(END, RESET),
      fc.boolean(),
      async (text, cuts, end, strict) => {
        const whole = await outcome(text === '' ? [end] : [text, end], strict);
        expect(await outcome([...Array.from(text), end], strict)).toEqual(whole);
        const offsets = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length];
        const blocks = offsets.slice(1).map((offset, index) => text.slice(offsets[index], offset));
        expect(await outcome([...blocks.filter((block) => block !== ''), end], strict)).toEqual(whole);
      },
    ),
    { numRuns: 300 },
  );
});
