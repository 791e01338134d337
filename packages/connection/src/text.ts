import type { TextDecoder as Decoder } from 'node:util';

/**
 * The decoder for a charset as Content-Type names it, else for UTF-8. What is no text in it becomes U+FFFD.
 *
 * @throws RangeError where the platform does not know the charset.
 */
export function textDecoder(charset: string | undefined): Decoder {
  try {
    // `charset=""` names none.
    return new TextDecoder(charset === '' ? undefined : charset);
  } catch {
    throw new RangeError(
      `Cannot decode the response body: the charset ${JSON.stringify(charset)} is unknown here; bytes() gives it undecoded`,
    );
  }
}
