import { isBytes, isError, nameOf } from './kind.js';
import type { Transport } from './transport.js';

/**
 * Reads from a transport, which may be a caller's own. If it throws where it should reject, that is a rejection too; if
 * it returns anything but bytes or null, that is an error. So is an empty array: a transport that returns one at its
 * end, as Python's sockets do, would be read again forever, and no timeout would fire meanwhile.
 *
 * @internal
 */
export async function readFrom(transport: Pick<Transport, 'read'>): Promise<Uint8Array | null> {
  const block: unknown = await transport.read();
  if (block === null || (isBytes(block) && block.length > 0)) return block;
  const fault = isBytes(block) ? 'an empty array' : `${nameOf(block)} instead of a Uint8Array`;
  throw new TypeError(`Cannot read from the transport: it gave ${fault} (null is its end)`);
}

/**
 * Writes to a transport, which may be a caller's own, in a single write. Anything it throws is a rejection too.
 *
 * @internal
 */
export async function writeTo(transport: Transport, parts: readonly Uint8Array[]): Promise<void> {
  if (parts.length === 1) return transport.write(parts[0]!);
  return transport.writev === undefined ? transport.write(joined(...parts)) : transport.writev(parts);
}

/**
 * Checks that a value is a transport before it is used: a caller's own may lack a method.
 *
 * @throws TypeError
 * @internal
 */
export function checkTransport(value: unknown): void {
  for (const method of ['read', 'write', 'close'] as const) {
    if (typeof (value as Partial<Transport> | null | undefined)?.[method] !== 'function')
      throw new TypeError(`Cannot use ${nameOf(value)} as a transport: it has no ${method}()`);
  }
}

/**
 * Closes a transport, which may be a caller's own. An error in closing, whether thrown or rejected with, is ignored:
 * nothing more can be done, and whatever led to closing has its own error.
 *
 * @internal
 */
export function closeTransport(transport: { close(): unknown }): void {
  const close = async (): Promise<void> => {
    await transport.close();
  };
  close().catch(() => undefined);
}

/**
 * What a transport rejected with, wrapped if it is not an Error. Anything but text is named by its kind: an object
 * without a prototype has no `toString`, and an error thrown here would be an unhandled rejection.
 *
 * @internal
 */
export function transportError(reason: unknown): Error {
  if (isError(reason)) return reason;
  const what = typeof reason === 'string' ? reason : nameOf(reason);
  return new Error(`The transport failed: ${what}`, { cause: reason });
}

/**
 * Several arrays as one.
 *
 * @internal
 */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  length = 0;
  for (const part of parts) {
    whole.set(part, length);
    length += part.length;
  }
  return whole;
}
