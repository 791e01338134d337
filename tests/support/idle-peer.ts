import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { onTestFinished } from 'vitest';

export interface ThreadData {
  /** What the peer does to its first connection while that is idle. */
  readonly what: 'end' | 'reset' | 'write';
  /** For a server that speaks TLS. */
  readonly certificate?: { readonly cert: string; readonly key: string } | undefined;
  /** Set to 1 when the first response has been read, and when the peer has done it. */
  readonly flags: Int32Array;
}

/** A connection, of whichever package is tested. */
interface Connection {
  request(method: string, target: string, options?: { body: string }): Promise<void>;
  getResponse(): Promise<{ text(): Promise<string> }>;
  close(): void;
}

/**
 * Makes two requests, between which the event loop stands still, as while a program computes, until the peer has done
 * something to the connection: only the system knows of it. `meanwhile` is called at the end of that time. Returns the
 * bodies of both responses, which name the connections that they came on.
 */
export async function acrossStandstill(
  { what, certificate }: Omit<ThreadData, 'flags'>,
  open: (port: number) => Connection,
  meanwhile: () => void = () => undefined,
): Promise<string[]> {
  const flags = new Int32Array(new SharedArrayBuffer(8));
  const workerData: ThreadData = { what, certificate, flags };
  const worker = new Worker(new URL('idle-peer-thread.js', import.meta.url), { workerData });
  onTestFinished(async () => {
    await worker.terminate();
  });
  const [port] = (await once(worker, 'message')) as [number];
  const connection = open(port);
  onTestFinished(() => {
    connection.close();
  });
  await connection.request('GET', '/1');
  const first = await connection.getResponse();
  const bodies = [await first.text()];
  Atomics.store(flags, 0, 1);
  Atomics.notify(flags, 0);
  Atomics.wait(flags, 1, 0, 60_000);
  // Within 5 ms of the last read, it would not look.
  const since = Date.now();
  while (Date.now() <= since + 5);
  meanwhile();
  await connection.request('POST', '/2', { body: 'once' });
  const second = await connection.getResponse();
  return [...bodies, await second.text()];
}
