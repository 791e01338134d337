import type { Connector, ConnectTarget, Transport } from '@http-client/io';

import type { STALL } from './script.js';
import { systemError } from './system-error.js';

/** A `Connector` that hands out what it was given, one after the other, and keeps the targets it was asked for. */
export type ScriptedConnector = Connector & { readonly targets: readonly ConnectTarget[] };

/**
 * Makes a connector for reconnecting: each call takes the next of the queue. A transport is handed out, an `Error` is
 * what the attempt fails with, and `STALL` never answers, until the target's signal is aborted. A call too many is
 * refused with `ECONNREFUSED`.
 */
export function scriptedConnector(queue: Iterable<Transport | Error | typeof STALL>): ScriptedConnector {
  const rest = [...queue];
  const targets: ConnectTarget[] = [];
  const connect = (target: ConnectTarget): Promise<Transport> => {
    targets.push(target);
    const { signal } = target;
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    const next = rest.shift() ?? systemError('connect', 'ECONNREFUSED');
    if (next instanceof Error) return Promise.reject(next);
    if ('read' in next) return Promise.resolve(next);
    return new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
    });
  };
  return Object.assign(connect, { targets });
}
