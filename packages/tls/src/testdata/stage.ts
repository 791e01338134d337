import { connect } from 'node:net';

import { connectTCP } from '@http-client/connection';
import type { Connector, Transport } from '@http-client/io';
import { inject, onTestFinished } from 'vitest';

import { HTTPSConnection, type HTTPSConnectionOptions, type TLSContext } from '../index.js';

/** Milliseconds: a wait that takes longer fails its test, however slow the machine. */
export const TIMEOUT = 60_000;

/** Trusts the tests' authority. Each call creates a new context. */
export function trusting(more: TLSContext = {}): TLSContext {
  return { ca: inject('certificates').root.cert, ...more };
}

/** A socket on this machine, whatever the host. */
export const NATIVE: Connector = (target) => connectTCP({ ...target, host: '127.0.0.1' });

/** What TLS runs on in the tests. */
export const CARRIERS: Readonly<Record<string, Connector>> = {
  'the socket itself': NATIVE,
  'a transport of the caller’s own': ({ port }) => foreign(port),
};

/** Opens a socket in advance, so that a timeout limits only what follows, however slow the machine. */
export async function opened(port: number, connector: Connector = NATIVE): Promise<Connector> {
  const transport = await connector({ host: 'localhost', port });
  return () => Promise.resolve(transport);
}

/** A connection that is closed when the test ends. */
export function open(
  port: number,
  options: HTTPSConnectionOptions = {},
  host = 'localhost',
): HTTPSConnection {
  const connection = new HTTPSConnection(host, port, {
    timeout: TIMEOUT,
    connector: NATIVE,
    context: trusting(),
    ...options,
  });
  onTestFinished(() => {
    connection.close();
  });
  return connection;
}

export async function get(connection: HTTPSConnection, path = '/'): Promise<string> {
  await connection.request('GET', path);
  return (await connection.getResponse()).text();
}

/** A socket as a transport with nothing but `read`, `write` and `close`, as a caller may write one. */
function foreign(port: number): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject).on('error', () => undefined);
      let closed = false;
      const blocks = socket.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer, undefined>;
      resolve({
        read: async () => {
          try {
            const next = await blocks.next();
            return next.done === true ? null : next.value;
          } catch (error) {
            if (closed) return null;
            throw error;
          }
        },
        write: (data) =>
          new Promise((taken, failed) => {
            socket.write(data, (error) => {
              // Node reports no error for a write that `destroy` has cut off.
              if (error == null && !closed) taken();
              else failed(error ?? new Error('The transport was closed'));
            });
          }),
        close: () => {
          closed = true;
          socket.destroy();
        },
      });
    });
  });
}

/** The error that a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await promise;
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error('Expected a promise to be rejected');
}

/** Waits until a condition holds. */
export async function until(done: () => boolean): Promise<void> {
  const deadline = performance.now() + TIMEOUT;
  while (!done()) {
    if (performance.now() > deadline) throw new Error('What was waited for did not happen');
    await new Promise(setImmediate);
  }
}
