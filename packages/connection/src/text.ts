import { quote } from '@http-client/errors';
// Not the global one, which Jest's jsdom lacks.
import { TextDecoder } from 'node:util';

/** Decodes a whole body as text. */
export interface TextReader {
  decode(bytes: Uint8Array): string;
}

/**
 * The characters of windows-1252 in place of the controls from U+0080 on (WHATWG Encoding standard). Some versions of
 * Node, 20.18.3 and those of 2025, return the controls (nodejs/node#60888): quotes and euro signs are lost.
 */
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/** The decoder for UTF-8, which drops a byte order mark. Shared: it keeps no state after a whole body. */
export const UTF_8: TextReader = /* @__PURE__ */ new TextDecoder();

/**
 * The decoder for a charset as named in Content-Type, in lower case; UTF-8 by default. Invalid sequences become U+FFFD.
 *
 * @throws RangeError if the platform does not know the charset.
 */
export function textDecoder(charset = ''): TextReader {
  // `charset=""` names no charset.
  if (charset === '' || charset === 'utf-8') return UTF_8;
  const decoder = platformDecoder(charset);
  switch (decoder.encoding) {
    case 'windows-1252':
      return {
        decode: (bytes) =>
          // Changes nothing if the platform is correct.
          decoder
            .decode(bytes)
            .replace(/[\x80-\x9f]/g, (control) => WINDOWS_1252[control.charCodeAt(0) - 0x80]!),
      };
    case 'utf-16le':
      return {
        decode: (bytes) =>
          // Under the name UTF-16, the byte order mark determines the byte order (RFC 2781, section 4.3).
          (bytes[0] === 0xfe && bytes[1] === 0xff ? new TextDecoder('utf-16be') : decoder).decode(bytes),
      };
    default:
      return decoder;
  }
}

function platformDecoder(charset: string): TextReader & { readonly encoding: string } {
  try {
    return new TextDecoder(charset);
  } catch {
    throw new RangeError(
      `Cannot decode the response body: the charset ${quote(charset)} is unknown here; bytes() gives it undecoded`,
    );
  }
}
