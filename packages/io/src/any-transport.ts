import { isBytes, nameOf } from './source.js';
import type { Transport } from './transport.js';

/**
 * Reads from a transport, whoever made it: one that throws where it should reject does no harm, and one that gives
 * something else than bytes or null is told so.
 *
 * @internal
 */
export async function readFrom(transport: Pick<Transport, 'read'>): Promise<Uint8Array | null> {
  const block: unknown = await transport.read();
  if (block === null || isBytes(block)) return block;
  throw new TypeError(
    `Cannot read from the transport: it gave ${nameOf(block)} instead of a Uint8Array (null is its end)`,
  );
}

/**
 * Writes to a transport, whoever made it, in one write where it can; what it throws is a rejection too.
 *
 * @internal
 */
export async function writeTo(transport: Transport, parts: readonly Uint8Array[]): Promise<void> {
  const [first, second] = parts;
  if (first !== undefined && second === undefined) return transport.write(first);
  return transport.writev === undefined ? transport.write(joined(...parts)) : transport.writev(parts);
}

/**
 * Looks at what shall be a transport, before anything is done with it: whoever made it may have forgotten something.
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
 * Closes a transport, whoever made it. An error of closing, thrown or rejected with, changes nothing: there is no more
 * that anybody could do, and whatever led to it has its own error.
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
 * What a transport rejected with, if it was no Error.
 *
 * @internal
 */
export function transportError(reason: unknown): Error {
  return reason instanceof Error
    ? reason
    : new Error(`The transport failed: ${String(reason)}`, { cause: reason });
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
