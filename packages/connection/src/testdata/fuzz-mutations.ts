import * as fc from 'fast-check';

/** Damage done to a valid response in transit. */
export type Mutation = (text: string) => string;

const SNIPPETS = [
  ...[
    '\r',
    '\n',
    '\r\n',
    '\r\n\r\n',
    '\x00',
    '\t',
    ' ',
    ':',
    ',',
    ';',
    '0',
    '\x7f',
    '\x80',
    '\xff',
    '\x0b',
    '-',
  ],
  ...[
    'Content-Length: 3\r\n',
    'Transfer-Encoding: chunked\r\n',
    'Connection: close\r\n',
    '0\r\n\r\n',
    '\r\n ',
  ],
  ...['HTTP/1.1 200 OK\r\n', 'HTTP/1.1 100 Continue\r\n\r\n', '5\r\n', ' chunked'],
];

/** Changes `length` characters at some place in the text. */
const change = (by: (part: string) => string): fc.Arbitrary<Mutation> =>
  fc.tuple(fc.nat(100_000), fc.integer({ min: 1, max: 6 })).map(([place, length]) => (text) => {
    const at = place % (text.length + 1);
    return text.slice(0, at) + by(text.slice(at, at + length)) + text.slice(at + length);
  });

export const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.nat(255).chain((byte) => change((part) => String.fromCharCode(byte) + part.slice(1))),
  fc
    .nat(7)
    .chain((bit) =>
      change((part) => part.replace(/^[^]/, (at) => String.fromCharCode(at.charCodeAt(0) ^ (1 << bit)))),
    ),
  fc.constantFrom(...SNIPPETS).chain((snippet) => change((part) => snippet + part)),
  fc.constantFrom(...SNIPPETS).chain((snippet) => change((part) => snippet + part.slice(1))),
  change(() => ''),
  change((part) => part + part),
  change((part) => Array.from(part).reverse().join('')),
  fc.nat(100_000).map((place) => (text: string) => text.slice(0, place % (text.length + 1))),
  fc.constantFrom<Mutation>(
    (text) => text.replaceAll('\r\n', '\n'),
    (text) => text.replaceAll('\r\n', '\r'),
    (text) => text + text,
    (text) => text.replaceAll(': ', ' : '),
    (text) => text.replaceAll(': ', ':\t'),
    (text) => text.replaceAll(': ', ':\r\n '),
  ),
);
