import { describe, expect, test } from 'vitest';

import { decodeLatin1, encodeLatin1 } from './index.js';
import { decodePortably, encodePortably, findDecoder, findEncoder } from './latin1.js';

const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const everyCharacter = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('');

describe.each([
  ['as the platform does it', decodeLatin1],
  ['portably', decodePortably],
])('decoding %s', (_way, decode) => {
  test.each([
    ['every byte', everyByte, 0, 256, everyCharacter],
    ['nothing', everyByte, 0, 0, ''],
    ['nothing of nothing', new Uint8Array(0), 0, 0, ''],
    ['a range', everyByte, 0x41, 0x44, 'ABC'],
    ['the end', everyByte, 0xfe, 0x100, 'þÿ'],
    ['a view of a larger buffer', everyByte.subarray(0x60, 0x70), 1, 4, 'abc'],
    ['what windows-1252 maps to other characters', everyByte, 0x80, 0xa0, everyCharacter.slice(0x80, 0xa0)],
    ['more than one call accepts', new Uint8Array(10_001).fill(0xe9), 1, 10_001, 'é'.repeat(10_000)],
  ])('%s', (_name, bytes, start, end, text) => {
    expect(decode(bytes, start, end)).toBe(text);
  });
});

test('the range defaults to everything up to the end', () => {
  expect(decodeLatin1(everyByte)).toBe(everyCharacter);
  expect(decodeLatin1(everyByte, 0xf0)).toBe(everyCharacter.slice(0xf0));
});

test.each([
  [-1, 2],
  [2, 1],
  [0, 257],
  [NaN, 1],
])('refuses the range from %d to %d of 256 bytes', (start, end) => {
  expect(() => decodeLatin1(everyByte, start, end)).toThrow(
    new RangeError(`Cannot decode bytes ${start} to ${end}: there are 256`),
  );
});

test('uses the platform’s method if there is one', () => {
  expect(findDecoder({})).toBe(decodePortably);
  expect(findDecoder({ Buffer: {} })).toBe(decodePortably);
  expect(findDecoder({ Buffer: { prototype: {} } })).toBe(decodePortably);
  const latin1Slice = (start: number, end: number): string => `${start} to ${end}`;
  expect(findDecoder({ Buffer: { prototype: { latin1Slice } } })(everyByte, 3, 5)).toBe('3 to 5');
});

test('uses the platform’s method for encoding if there is one', () => {
  expect(findEncoder({})).toBe(encodePortably);
  expect(findEncoder({ Buffer: {} })).toBe(encodePortably);
  expect(findEncoder({ Buffer: { prototype: {} } })).toBe(encodePortably);
  const latin1Write = function (this: Uint8Array, text: string, start: number, length: number): number {
    return this.fill(length, start).length + text.length;
  };
  const bytes = new Uint8Array(2);
  findEncoder({ Buffer: { prototype: { latin1Write } } })(bytes, 'ab');
  expect(bytes).toEqual(Uint8Array.of(2, 2));
});

test('encodes portably', () => {
  // Without the first character: its byte is what an array contains anyway.
  const bytes = new Uint8Array(255);
  encodePortably(bytes, everyCharacter.slice(1));
  expect(bytes).toEqual(everyByte.slice(1));
});

test('encodes each character as the byte with its code', () => {
  expect(encodeLatin1(everyCharacter)).toEqual(everyByte);
  expect(encodeLatin1('')).toEqual(new Uint8Array(0));
});

test.each([
  ['€', undefined, 'text', '"€" (U+20AC) at index 0'],
  ['aÿĀ', 'request body', 'request body', '"Ā" (U+0100) at index 2'],
  ['a😀', 'field value', 'field value', '"😀" (U+1F600) at index 1'],
  ['\ud83d!', undefined, 'text', 'U+D83D at index 0'],
  ['a\u202eb', undefined, 'text', 'U+202E at index 1'],
  ['a\u2028b', undefined, 'text', 'U+2028 at index 1'],
])('refuses %j', (text, what, named, character) => {
  expect(() => encodeLatin1(text, what)).toThrow(
    new TypeError(
      `Cannot encode the ${named} as ISO-8859-1: the character ${character} is beyond U+00FF; ` +
        'to send UTF-8, give new TextEncoder().encode(text)',
    ),
  );
});

test('refuses what is not text', () => {
  expect(() => encodeLatin1(404 as never, 'status')).toThrow(
    new TypeError('Cannot encode the status as ISO-8859-1: it is a number, not a string'),
  );
});
