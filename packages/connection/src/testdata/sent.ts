import type { Transport } from '@http-client/io';

import { HTTPConnection } from '../index.js';
import { scriptedTransport } from '../testing.js';
import { plain } from './stage.js';

/** Runs calls on a connection. Returns what was sent, and in how many writes. */
export async function wire(
  calls: (connection: HTTPConnection) => Promise<void>,
  { writev = true } = {},
): Promise<{ sent: string; writes: number }> {
  const transport = scriptedTransport([]);
  const connector = (): Promise<Transport> => Promise.resolve(writev ? transport : plain(transport));
  const connection = new HTTPConnection('example.org', 80, { connector });
  await calls(connection);
  connection.close();
  return { sent: transport.writtenText, writes: transport.writes.length };
}

/** Yields its parts one by one, each in a later microtask. */
export async function* generated(
  ...parts: (string | Uint8Array)[]
): AsyncGenerator<string | Uint8Array, void, void> {
  for (const part of parts) {
    await Promise.resolve();
    yield part;
  }
}
