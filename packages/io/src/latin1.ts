import { nameOf } from './kind.js';

type Decode = (bytes: Uint8Array, start: number, end: number) => string;
type Encode = (bytes: Uint8Array, text: string) => void;

/** What is used of a platform. Node and Bun have a `Buffer`, whose methods work on any Uint8Array. */
interface Platform {
  readonly Buffer?: {
    readonly prototype?: {
      readonly latin1Slice?: (start: number, end: number) => string;
      readonly latin1Write?: (text: string, start: number, length: number) => number;
    };
  };
}

/** A number of arguments that every JavaScript engine accepts in one call; the stack is the limit. */
const SLICE = 4096;

/** The portable implementation, for browsers and workers. */
export function decodePortably(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at += SLICE) {
    const slice = bytes.subarray(at, Math.min(at + SLICE, end));
    text += Reflect.apply(String.fromCharCode, undefined, slice) as string;
  }
  return text;
}

/**
 * The fastest decoder that a platform has. The method of Node and Bun is many times as fast as any loop; it is found
 * without Node's types or modules.
 */
export function findDecoder(platform: Platform): Decode {
  const native = platform.Buffer?.prototype?.latin1Slice;
  if (native === undefined) return decodePortably;
  return (bytes, start, end) => Reflect.apply(native, bytes, [start, end]);
}

const decode = /* @__PURE__ */ findDecoder(globalThis as Platform);

/** The portable implementation, for browsers and workers. */
export function encodePortably(bytes: Uint8Array, text: string): void {
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
}

/** The fastest encoder that a platform has, found in the same way as the decoder. */
export function findEncoder(platform: Platform): Encode {
  const native = platform.Buffer?.prototype?.latin1Write;
  if (native === undefined) return encodePortably;
  return (bytes, text) => {
    Reflect.apply(native, bytes, [text, 0, text.length]);
  };
}

const encode = /* @__PURE__ */ findEncoder(globalThis as Platform);

const BEYOND = /[^\0-\xff]/;

/**
 * The bytes from `start` up to `end` as text, each byte as the character with the same code (ISO-8859-1).
 *
 * A `TextDecoder` cannot do this: its latin1 is windows-1252, which maps 0x80 to 0x9F to other characters.
 *
 * @throws RangeError if the range is not within `bytes`.
 */
export function decodeLatin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  if (!(0 <= start && start <= end && end <= bytes.length)) {
    throw new RangeError(`Cannot decode bytes ${start} to ${end}: there are ${bytes.length}`);
  }
  return decode(bytes, start, end);
}

/**
 * Text as bytes, one per character (ISO-8859-1).
 *
 * @param what names the text in the error message, such as 'request body'.
 * @throws TypeError at the first character above U+00FF; the message names it and its index, and how to send UTF-8.
 */
export function encodeLatin1(text: string, what = 'text'): Uint8Array {
  checkLatin1(text, what);
  const bytes = new Uint8Array(text.length);
  encode(bytes, text);
  return bytes;
}

/**
 * Rejects text that cannot be encoded, as `encodeLatin1` does.
 *
 * @internal
 */
export function checkLatin1(text: string, what: string): void {
  const given: unknown = text;
  if (typeof given !== 'string') throw cannotEncode(what, `it is ${nameOf(given)}, not a string`);
  const at = text.search(BEYOND);
  if (at < 0) return;
  const point = text.codePointAt(at)!;
  const character = String.fromCodePoint(point);
  const name = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
  // Invisible characters, and those that change the direction of text, are not shown: the message may be logged.
  const shown = /[\p{C}\p{Z}]/u.test(character) ? name : `"${character}" (${name})`;
  throw cannotEncode(
    what,
    `the character ${shown} at index ${at} is beyond U+00FF; to send UTF-8, give new TextEncoder().encode(text)`,
  );
}

function cannotEncode(what: string, why: string): TypeError {
  return new TypeError(`Cannot encode the ${what} as ISO-8859-1: ${why}`);
}
