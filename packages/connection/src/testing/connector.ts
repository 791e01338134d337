import { cannotUse } from '@http-client/errors';
import { checkTransport, isError, type Connector, type ConnectTarget, type Transport } from '@http-client/io';

import type { STALL } from './script.js';
import { systemError } from './system-error.js';

/** A `Connector` that returns what it was given, one item after another, and records the targets of the calls. */
export type ScriptedConnector = Connector & { readonly targets: readonly ConnectTarget[] };

/**
 * Creates a connector for testing reconnection: each call takes the next item of the queue. A transport is returned, an
 * `Error` makes the attempt fail, and `STALL` never connects, until the target's signal is aborted. Once the queue is
 * empty, calls fail with `ECONNREFUSED`.
 *
 * @throws TypeError for anything else, even within the queue: an attempt would hang.
 */
export function scriptedConnector(queue: Iterable<Transport | Error | typeof STALL>): ScriptedConnector {
  const given: unknown = queue;
  if (typeof given !== 'object' || given === null || !(Symbol.iterator in given)) {
    const expected = 'expected an iterable of transports, errors and STALL';
    throw cannotUse(given, 'the queue of a connector', expected);
  }
  const rest = [...queue];
  for (const item of rest) if (!isError(item) && !isStall(item)) checkTransport(item);
  const targets: ConnectTarget[] = [];
  const connect = (target: ConnectTarget): Promise<Transport> => {
    targets.push(target);
    const { signal } = target;
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    const next = rest.shift() ?? systemError('connect', 'ECONNREFUSED');
    if (isError(next)) return Promise.reject(next);
    if ('read' in next) return Promise.resolve(next);
    return new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
    });
  };
  return Object.assign(connect, { targets });
}

function isStall(item: unknown): boolean {
  return (item as { readonly kind?: unknown } | null | undefined)?.kind === 'stall';
}
