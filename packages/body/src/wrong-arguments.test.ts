import { HTTPMessage, type Tolerance } from '@http-client/headers';
import { expect, test } from 'vitest';

import {
  ChunkedDecoder,
  encodeBody,
  encodeChunk,
  encodeChunked,
  encodeLastChunk,
  encodeLatin1,
  persists,
  responseFraming,
} from './index.js';

const headers = new HTTPMessage();
const head = { method: 'GET', status: 200, version: 11, headers } as const;

/** Text in place of bytes might be sent as UTF-8 further down, and differ in length from what its chunk says. */
test.each<[call: string, run: () => unknown, message: string]>([
  [
    'encodeChunk(text)',
    () => encodeChunk('é' as never),
    'Cannot use "é" as the data of a chunk: expected a Uint8Array',
  ],
  [
    'encodeChunk(ArrayBuffer)',
    () => encodeChunk(new ArrayBuffer(4) as never),
    'Cannot use "[object ArrayBuffer]" as the data of a chunk: expected a Uint8Array',
  ],
  [
    'encodeChunked(text)',
    () => encodeChunked('text' as never),
    'Cannot encode a string in chunks: expected an iterable of Uint8Arrays',
  ],
  [
    'encodeChunked(object)',
    () => encodeChunked({} as never),
    'Cannot encode an Object in chunks: expected an iterable of Uint8Arrays',
  ],
  [
    'encodeChunked(body, fields)',
    () => encodeChunked([], {} as never),
    'Cannot use "[object Object]" as trailers: expected a function',
  ],
  [
    'encodeLastChunk(text)',
    () => encodeLastChunk('A: b' as never),
    'Cannot use a string as fields: it is not an object',
  ],
  [
    'encodeLatin1(number)',
    () => encodeLatin1(5 as never, 'name'),
    'Cannot encode the name as ISO-8859-1: it is a number, not a string',
  ],
  [
    'decode(text)',
    () => new ChunkedDecoder().decode('0\r\n' as never),
    'Cannot use "0\\r\\n" as chunks: expected a Uint8Array',
  ],
  [
    'new ChunkedDecoder(flag)',
    () => new ChunkedDecoder(false as never),
    'Cannot use "false" as options: expected an object with named options',
  ],
  [
    'encodeBody(body, size)',
    () => encodeBody('x', 8192 as never),
    'Cannot use "8192" as options: expected an object with named options',
  ],
  [
    'new ChunkedDecoder(maxHeaders)',
    () => new ChunkedDecoder({ maxHeaders: 5 } as never),
    'Cannot use "maxHeaders" as an option of ChunkedDecoder: it takes strict, tolerate, maxTrailers, ',
  ],
  [
    'encodeBody(body, blocksize)',
    () => encodeBody('x', { blocksize: 5 } as never),
    'Cannot use "blocksize" as an option of encodeBody: it takes blockSize',
  ],
  [
    'new ChunkedDecoder(), a misspelt rule',
    () => new ChunkedDecoder({ tolerate: ['bare-lf'] as unknown as Tolerance[] }),
    'Cannot use "bare-lf" as a rule to tolerate: expected one of bare-cr, ',
  ],
  [
    'new ChunkedDecoder(), onPart',
    () => new ChunkedDecoder({ onPart: 'chunk-data' as never }),
    'Cannot use "chunk-data" as onPart: expected a function',
  ],
  [
    'new ChunkedDecoder(), one rule',
    () => new ChunkedDecoder({ tolerate: 'bare-cr' as never }),
    'Cannot use "bare-cr" as tolerate: expected an array',
  ],
  [
    'new ChunkedDecoder(), null for the rules',
    () => new ChunkedDecoder({ tolerate: null as never }),
    'Cannot use "null" as tolerate: expected an array',
  ],
  // As text it would be none of those without a body, and the next response would be read as one.
  [
    'responseFraming(), status',
    () => responseFraming({ ...head, status: '204' as never }),
    'Cannot use "204" as status: it is not a number',
  ],
  [
    'responseFraming(), no method',
    () => responseFraming({ ...head, method: undefined as never }),
    'Cannot use "undefined" as method: expected a string',
  ],
  [
    'responseFraming(), one rule',
    () => responseFraming({ ...head, tolerate: 'bare-cr' as never }),
    'Cannot use "bare-cr" as tolerate: expected an array',
  ],
  [
    'responseFraming(), a misspelt rule',
    () => responseFraming({ ...head, tolerate: ['no-length'] as unknown as Tolerance[] }),
    'Cannot use "no-length" as a rule to tolerate: expected one of bare-cr, ',
  ],
  [
    'responseFraming(), nothing',
    () => responseFraming(undefined as never),
    'Cannot use "undefined" as a head: expected an object with method, status, version and headers',
  ],
  ...['1.1', 1.1, 20, null].map((version): [string, () => unknown, string] => [
    `responseFraming(), version ${version}`,
    () => responseFraming({ ...head, version: version as never }),
    `Cannot use "${version}" as version: expected 10 or 11`,
  ]),
  [
    'responseFraming(), plain headers',
    () => responseFraming({ ...head, headers: { 'Content-Length': '5' } as never }),
    'Cannot use an Object as headers: expected an HTTPMessage',
  ],
  [
    'persists(), the headers of the web',
    () => persists(11, new Headers({ Connection: 'close' }) as never),
    'Cannot use a Headers as headers: expected an HTTPMessage',
  ],
  ['persists(), no headers', () => persists(11, null as never), 'Cannot use null as headers: '],
  ['persists(), version', () => persists('1.1' as never, headers), 'Cannot use "1.1" as version: '],
  // Taken for false, it would let pass what frames a body in two ways.
  ...['no', null, 0, ''].flatMap((strict): [string, () => unknown, string][] => {
    const message = `Cannot use "${strict}" as strict: expected a boolean`;
    return [
      [
        `responseFraming(), strict ${strict}`,
        () => responseFraming({ ...head, strict: strict as never }),
        message,
      ],
      [`persists(), strict ${strict}`, () => persists(11, headers, strict as never), message],
    ];
  }),
])('%s', (_call, run, message) => {
  expect(run).toThrow(TypeError);
  expect(run).toThrow(message);
});

test.each([99, 1000, 200.5, NaN])('responseFraming(), status %s', (status) => {
  expect(() => responseFraming({ ...head, status })).toThrow(
    new RangeError(`Cannot use "${status}" as status: expected a whole number from 100 to 999`),
  );
});
