// Not the global one, which Jest's jsdom lacks.
import { TextDecoder } from 'node:util';

/** What makes text of a whole body. */
export interface TextReader {
  decode(bytes: Uint8Array): string;
}

/**
 * What windows-1252 has in the place of the controls from U+0080 on (WHATWG Encoding standard). Some Nodes, 20.18.3 and
 * those of 2025, give these controls (nodejs/node#60888), and the quotes and the euro sign of a page are lost with them.
 */
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/** The decoder for UTF-8, which leaves a byte order mark out. One for all: of a whole body it keeps nothing. */
export const UTF_8: TextReader = /* @__PURE__ */ new TextDecoder();

/**
 * The decoder for a charset as Content-Type names it, in lower case, else for UTF-8. What is not text in it becomes U+FFFD.
 *
 * @throws RangeError where the platform does not know the charset.
 */
export function textDecoder(charset = ''): TextReader {
  // `charset=""` names none.
  if (charset === '' || charset === 'utf-8') return UTF_8;
  const decoder = platformDecoder(charset);
  switch (decoder.encoding) {
    case 'windows-1252':
      return {
        decode: (bytes) =>
          // Changes nothing where the platform has it right.
          decoder
            .decode(bytes)
            .replace(/[\x80-\x9f]/g, (control) => WINDOWS_1252[control.charCodeAt(0) - 0x80]!),
      };
    case 'utf-16le':
      return {
        decode: (bytes) =>
          // Under the name UTF-16 the byte order mark says which of the two it is (RFC 2781, section 4.3).
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
      `Cannot decode the response body: the charset ${JSON.stringify(charset)} is unknown here; bytes() gives it undecoded`,
    );
  }
}
