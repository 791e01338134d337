import { HTTPMessage } from '@http-client/headers';
import { decodeLatin1, encodeLatin1, joined } from '@http-client/io';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { encodeChunked } from './encode-chunked.js';
import { drive, type Pieces } from './testdata/drive.js';

const run = { seed: 9112, numRuns: 500 };

/** Where to split a body of up to some length, and what to decode it into. */
const pieces = fc.record({
  cuts: fc.uniqueArray(fc.nat(400), { maxLength: 20 }).map((cuts) => cuts.sort((a, b) => a - b)),
  targets: fc.option(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 })),
});
const within = ({ cuts, targets }: { cuts: number[]; targets: number[] | null }, length: number): Pieces => ({
  cuts: cuts.filter((cut) => cut < length),
  ...(targets === null ? {} : { targets }),
});

const token = fc.stringMatching(/^[!#$%&'*+.^_`|~\w-]+$/);
const fieldValue = fc.stringMatching(/^(?:[!-~\xa1-\xff](?:[ -~\xa1-\xff]*[!-~\xa1-\xff])?)?$/);

test('what was encoded is decoded, in any pieces, into targets of any size', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 8 }),
      fc.array(
        fc.tuple(
          token.map((name) => `x-${name}`),
          fieldValue,
        ),
        { maxLength: 5 },
      ),
      fc.uint8Array({ maxLength: 10 }),
      pieces,
      async (blocks, fields, excess, ways) => {
        const body: Uint8Array[] = [];
        for await (const block of encodeChunked(blocks, () => new HTTPMessage(fields))) body.push(block);
        const input = joined(...body, excess);
        expect(drive(input, {}, within(ways, input.length))).toEqual({
          data: blocks.map((block) => decodeLatin1(block)).join(''),
          trailers: fields,
          used: input.length - excess.length,
          violations: [],
        });
      },
    ),
    run,
  );
});

const RIGHT = ['5\r\nhello\r\n', '1\r\na\r\n', '00a;x="y"\r\n0123456789\r\n', '2 \t;\r\n\r\n\r\n'];
const WRONG = ['3\nabc\n', '+1\r\nb\r\n', '1\r\ncXY', '0x1\r\nd\r\n', ' 2\r\nef\r\n'];
const RIGHT_ENDS = ['0\r\n\r\n', '000;end\r\n\r\n', '0\r\nX: y\r\nZ:w \r\n\r\n', '0\r\nX: y\r\n z\r\n\r\n'];
const WRONG_ENDS = ['-0\n\n', '0\r\nbad\r\n\r\n', ''];
const BYTES = [...Array.from('0123456789abcfxX_+-; \t\r\n\v\0:=",\x7f\xe9Zz\\'), '\r\n', '0\r\n', ' ;', ''];

/** Bodies that are nearly valid: often complete ones, in which bytes are replaced, inserted or deleted. */
const nearlyRight = fc
  .tuple(
    fc.oneof(
      fc.array(fc.constantFrom(...RIGHT), { maxLength: 5 }),
      fc.array(fc.constantFrom(...RIGHT, ...WRONG), { maxLength: 5 }),
    ),
    fc.oneof(fc.constantFrom(...RIGHT_ENDS), fc.constantFrom(...RIGHT_ENDS, ...WRONG_ENDS)),
    fc.array(fc.tuple(fc.nat(80), fc.nat(2), fc.constantFrom(...BYTES)), { maxLength: 3 }),
  )
  .map(([chunks, end, edits]) => {
    let body = chunks.join('') + end;
    for (const [place, removed, put] of edits) {
      const at = place % (body.length + 1);
      body = body.slice(0, at) + put + body.slice(at + removed);
    }
    return body;
  });

const modes = fc.oneof(
  fc.constantFrom({ strict: false }, {}),
  fc.record({
    tolerate: fc.subarray([
      'bare-lf-in-chunks',
      'invalid-chunk-size',
      'missing-chunk-crlf',
      'truncated-body',
      'bare-cr',
      'space-before-colon',
      'malformed-field-line',
    ] as const),
  }),
);

test('any pieces and any targets give the same data, error, trailers and violations', () => {
  fc.assert(
    fc.property(nearlyRight, modes, pieces, (body, mode, ways) => {
      const options = { ...mode, maxLineLength: 40, maxTrailers: 3 };
      expect(drive(body, options, within(ways, body.length))).toEqual(drive(body, options));
    }),
    { ...run, numRuns: 3000 },
  );
});

test('any bytes result in data or an HTTP error, never in anything else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), modes, pieces, (bytes, mode, ways) => {
      const { data, fault } = drive(bytes, mode, within(ways, bytes.length));
      expect(data.length).toBeLessThan(Math.max(1, bytes.length));
      if (fault !== undefined) {
        expect(fault.name).toMatch(
          /^(?:InvalidChunk|InvalidHeader|IncompleteRead|LineTooLong|TooManyHeaders)$/,
        );
      }
    }),
    run,
  );
});

/**
 * An independent implementation of chunked-body of RFC 9112, section 7.1: the decoded data, or undefined.
 *
 *     chunked-body    = *chunk last-chunk trailer-section CRLF
 *     trailer-section = *( field-line CRLF ), with a fold as part of its line (section 5.2)
 */
function byGrammar(body: string): { data: string; used: number } | undefined {
  // Quoted strings in an extension must be closed.
  const sizeLine =
    /([\da-f]+)[ \t]*(?:;(?:[\t !\x23-\x7e\x80-\xff]|"(?:[\t !\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*")*)?\r\n/iy;
  const trailers =
    /(?:[!#$%&'*+.^_`|~\w-]+:[\t\x20-\x7e\x80-\xff]*\r\n(?:[ \t][\t\x20-\x7e\x80-\xff]*\r\n)*)*\r\n/y;
  let data = '';
  let at = 0;
  for (;;) {
    sizeLine.lastIndex = at;
    const match = sizeLine.exec(body);
    if (match === null) return undefined;
    const start = at + match[0].length;
    const size = Number.parseInt(match[1]!, 16);
    if (size === 0) {
      trailers.lastIndex = start;
      return trailers.test(body) ? { data, used: trailers.lastIndex } : undefined;
    }
    at = start + size + 2;
    if (body.slice(start + size, at) !== '\r\n') return undefined;
    data += body.slice(start, start + size);
  }
}

test('strict accepts what the grammar accepts, and nothing else', () => {
  let accepted = 0;
  fc.assert(
    fc.property(nearlyRight, (body) => {
      const expected = byGrammar(body);
      const { data, used, fault } = drive(encodeLatin1(body));
      if (expected === undefined) {
        expect(fault).toBeDefined();
      } else {
        accepted++;
        expect({ data, used }).toEqual(expected);
      }
    }),
    { ...run, numRuns: 5000 },
  );
  // Both kinds have occurred, and often.
  expect(accepted).toBeGreaterThan(500);
  expect(accepted).toBeLessThan(4500);
});
