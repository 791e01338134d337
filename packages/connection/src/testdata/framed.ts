import { END, type ScriptStep } from '../testing.js';
import { bytes, head } from './stage.js';

/** The ways to frame the body of a response (RFC 9112, section 6.3). */
export const FRAMINGS = ['length', 'chunked', 'close'] as const;
export type FramingName = (typeof FRAMINGS)[number];

/** How a stream is split into blocks. */
export const SPLITS = ['whole', 'bytes', 3, 7] as const;

/**
 * The script of a response with this body: its head, the body, and the end of the stream. The last `cut` bytes of the
 * framed body are left out.
 */
export function framedScript(
  framing: FramingName,
  body: string | Uint8Array,
  options: { readonly chunk?: number; readonly cut?: number; readonly fields?: readonly string[] } = {},
): ScriptStep[] {
  const { chunk = 5, cut = 0, fields = [] } = options;
  const data = typeof body === 'string' ? bytes(body) : body;
  const framed = framing === 'chunked' ? chunked(data, chunk) : data;
  const field = {
    length: [`Content-Length: ${data.length}`],
    chunked: ['Transfer-Encoding: chunked'],
    close: [],
  }[framing];
  return [head(...field, ...fields), framed.subarray(0, framed.length - cut), END];
}

/** A body in chunks of one size. */
export function chunked(data: Uint8Array, size: number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < data.length; at += size) {
    const part = data.subarray(at, at + size);
    parts.push(bytes(`${part.length.toString(16)}\r\n`), part, bytes('\r\n'));
  }
  return Buffer.concat([...parts, bytes('0\r\n\r\n')]);
}

/** The option that plays a script in these blocks. */
export function playOf(split: (typeof SPLITS)[number]): { play?: { split: 'bytes' | number } } {
  return split === 'whole' ? {} : { play: { split } };
}
